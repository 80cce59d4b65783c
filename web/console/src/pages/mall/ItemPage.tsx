import { Alert, Button, Form, Tooltip } from "antd"
import { useState } from "react"
import { Link, useNavigate, useParams } from "react-router-dom"
import { items, type ItemTerms, type MallItem } from "../../api/mall"
import { useLanguage } from "../../i18n"
import { useFormats } from "../../i18n/format"
import { useAct } from "../../parts/act"
import { Facts, Moment, State } from "../../parts/bits"
import { tidied } from "../../parts/fields"
import { useLoad } from "../../parts/load"
import { Page, Panel, Show } from "../../parts/Page"
import { ProblemBox } from "../../parts/Problem"
import { useSure } from "../../parts/sure"
import { useMay } from "../../session/Session"
import { Thumb, usePrice } from "./bits"
import { ItemFields } from "./ItemFields"
import { Stock } from "./Stock"

type Values = ItemTerms & { total?: number | null }

const FRESH: Partial<Values> = {
  kind: "goods", wallet: "points", price_fen: 0, funder: "platform", sourcing: "standard", cancel_until: "ready",
  pictures: [], limits: [], total: 100,
}
const NAMES = [
  "sku", "kind", "title", "summary", "description", "category", "pictures", "wallet", "price_points", "price_fen", "worth_fen",
  "cost_fen", "funder", "sourcing", "best_before", "supplier", "coupon_template_id", "listed_from", "listed_until", "cities",
  "tiers", "limits", "cancel_until",
] as const

/** What of an item is its terms. */
export const termsOf = (item: MallItem) => Object.fromEntries(NAMES.map((name) => [name, item[name]])) as ItemTerms

/** The form's values as the API takes them: what belongs to another kind or sourcing is left out. */
export function spoken(values: Partial<ItemTerms>): ItemTerms {
  const terms = tidied(values) as ItemTerms
  terms.pictures = values.pictures ?? []
  terms.limits = values.limits ?? []
  terms.price_fen ??= 0
  if (terms.kind !== "coupon") terms.coupon_template_id = null
  if (terms.sourcing !== "near_expiry") terms.best_before = null
  return terms
}

/** The item as it lies on the shelf, and what a piece of it costs the house. */
function OnShelf({ terms }: { terms: Partial<Values> }) {
  const { t, name, code } = useLanguage()
  const { yuan } = useFormats()
  const priceOf = usePrice()
  const points = terms.price_points ?? 0
  const bears = terms.funder === "platform" ? (terms.cost_fen ?? 0) - (terms.price_fen ?? 0) : -(terms.price_fen ?? 0)
  return (
    <>
      <div className="shelf">
        <Thumb large url={terms.pictures?.[0]} />
        <b>{terms.title ? name(terms.title) : t("mall.untitled")}</b>
        {terms.summary && <span>{name(terms.summary)}</span>}
        <span className="shelf-price num">{priceOf({ price_points: points, price_fen: terms.price_fen ?? 0 })}</span>
        {!!terms.worth_fen && <s className="num">{yuan(terms.worth_fen)}</s>}
      </div>
      <Facts
        columns={1}
        items={[
          [t("item.bears"), <span className="num">{bears > 0 ? yuan(bears) : t("item.bears.nothing")}</span>],
          [t("item.a_point"), points && terms.worth_fen ? <span className="num">{t("item.a_point.fen", { fen: ((terms.worth_fen - (terms.price_fen ?? 0)) / points).toFixed(2) })}</span> : null],
          [t("item.sourcing"), code("sourcing", terms.sourcing ?? "standard")],
        ]}
      />
    </>
  )
}

function Acts({ item, reload }: { item: MallItem; reload: () => void }) {
  const { t } = useLanguage()
  const sure = useSure()
  const listed = item.state === "listed"
  const act = useAct(async () => {
    await items.act(item.item_id, listed ? "delist" : "list")
    reload()
  }, t(listed ? "mall.delist.done" : "mall.list.done"))
  return (
    <>
      <Link to={`/mall/orders?item_id=${item.item_id}`}>{t("mall.see_orders")}</Link>
      {listed ? (
        <Button danger loading={act.doing} onClick={() => sure({ title: t("mall.delist.sure"), ok: t("mall.delist"), danger: true, work: () => act.run() })}>{t("mall.delist")}</Button>
      ) : (
        <Button type="primary" loading={act.doing} onClick={() => sure({ title: t("mall.list.sure"), ok: t("mall.list"), work: () => act.run() })}>{t("mall.list")}</Button>
      )}
      {act.error && <ProblemBox error={act.error} />}
    </>
  )
}

function Editor({ item, reload }: { item: MallItem | null; reload: () => void }) {
  const { t } = useLanguage()
  const may = useMay()
  const go = useNavigate()
  const [form] = Form.useForm<Values>()
  const first: Partial<Values> = item ? termsOf(item) : FRESH
  const [seen, setSeen] = useState(first)
  const writes = may("write.mall")
  const save = useAct(async ({ total = null, ...terms }: Values) => {
    if (item) {
      await items.edit(item.item_id, item.revision, spoken({ ...termsOf(item), ...terms }))
      reload()
    } else go(`/mall/items/${(await items.add(spoken(terms), total)).item_id}`, { replace: true })
  }, t("form.saved"))
  return (
    <Form
      form={form}
      name="item"
      layout="vertical"
      requiredMark={false}
      disabled={!writes}
      initialValues={first}
      onValuesChange={(_changed, values: Values) => setSeen(values)}
      onFinish={(values) => void save.run(values)}
    >
      <div className="edit edit-last">
        <div><ItemFields fresh={!item} writes={writes} /></div>
        <aside className="reads">
          <Panel title={t("coupon.preview")}>
            <OnShelf terms={{ ...first, ...seen }} />
            <ProblemBox error={save.error} />
            <Tooltip title={writes ? undefined : t("may.not")}>
              <Button type="primary" block htmlType="submit" loading={save.doing}>{t(item ? "form.save" : "coupon.make")}</Button>
            </Tooltip>
          </Panel>
        </aside>
      </div>
    </Form>
  )
}

/** One item: its terms, its stock, and whether it stands on the shelf. */
export function ItemPage() {
  const { t, name } = useLanguage()
  const may = useMay()
  const id = useParams().item ?? ""
  const found = useLoad((signal) => items.get(id, signal), [id])
  const one = found.data
  return (
    <Page
      title={one ? name(one.title) : t("mall.item")}
      note={one && <><State group="item_state" code={one.state} /> {one.updated_by} · <Moment at={one.updated_at} /></>}
      back={{ to: "/mall", text: t("mall.tab.items") }}
      acts={one && may("write.mall") ? <Acts item={one} reload={found.reload} /> : null}
    >
      <Show of={found} rows={10}>
        {(item) => (
          <>
            {item.state === "draft" && <Alert className="gap" type="info" showIcon title={t("mall.is_draft")} />}
            <Stock item={item} reload={found.reload} />
            <Editor key={item.revision} item={item} reload={found.reload} />
          </>
        )}
      </Show>
    </Page>
  )
}

/** An item to be. */
export function NewItemPage() {
  const { t } = useLanguage()
  return (
    <Page title={t("mall.new")} back={{ to: "/mall", text: t("mall.tab.items") }}>
      <Editor item={null} reload={() => null} />
    </Page>
  )
}
