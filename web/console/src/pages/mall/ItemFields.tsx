import { Form, Input, Select } from "antd"
import { templates } from "../../api/coupons"
import { ITEM_KINDS, type ItemTerms, SOURCINGS } from "../../api/mall"
import { type Key, useLanguage } from "../../i18n"
import { Field, Words } from "../../parts/fields"
import { useLoad } from "../../parts/load"
import { Panel } from "../../parts/Page"
import { CodesInput, CountInput, DateInput, MoneyInput, MomentInput } from "../../rules/Inputs"
import { RowsInput } from "../../rules/Rows"
import { Pictures } from "./Pictures"

const MOST = 1_000_000_000
const WALLETS = ["points", "team"] as const

/** The template whose coupons the item is: of those that are open. */
export function TemplatePick(props: { value?: string; onChange?: (value: string) => void; id?: string; disabled?: boolean }) {
  const { name } = useLanguage()
  const found = useLoad((signal) => templates.list({ state: "open", limit: 100, signal }), [])
  const known = found.data?.items.map((one) => ({ value: one.template_id, label: `${name(one.title)} · ${one.template_id}` })) ?? []
  const missing = props.value && !known.some((one) => one.value === props.value) ? [{ value: props.value, label: props.value }] : []
  return <Select {...props} showSearch={{ optionFilterProp: "label" }} className="wide" loading={found.loading} options={[...missing, ...known]} />
}

/** The fields of an item, by what they are about. */
export function ItemFields({ fresh, writes }: { fresh: boolean; writes: boolean }) {
  const { t } = useLanguage()
  const form = Form.useFormInstance<ItemTerms>()
  const kind = Form.useWatch("kind", form) ?? "goods"
  const sourcing = Form.useWatch("sourcing", form) ?? "standard"
  const pick = (group: string, codes: readonly string[]) => <Select options={codes.map((value) => ({ value, label: t(`${group}.${value}` as Key) }))} />
  const field = (name: string, more: { required?: boolean; wide?: boolean } = {}) => ({ group: "item", name, ...more })
  return (
    <>
      <Panel title={t("item.part.what")}>
        <div className="grid">
          <Field {...field("kind")}>{pick("item_kind", ITEM_KINDS)}</Field>
          <Field {...field("category", { required: true })}><Input maxLength={64} /></Field>
          <Words group="item" name="title" max={64} required />
          <Words group="item" name="summary" max={64} />
          <Words group="item" name="description" max={4_000} rows={4} />
          <Field {...field("pictures", { wide: true })}><Pictures /></Field>
          <Field {...field("sku")}><Input className="mono" maxLength={64} /></Field>
          {kind === "coupon" && <Field {...field("coupon_template_id", { required: true })}><TemplatePick /></Field>}
        </div>
      </Panel>
      <Panel title={t("item.part.price")} note={t("item.part.price.note")}>
        <div className="grid">
          <Field {...field("price_points", { required: true })}><CountInput unit={t("unit.points")} min={1} max={MOST} /></Field>
          <Field {...field("price_fen")}><MoneyInput /></Field>
          <Field {...field("worth_fen", { required: true })}><MoneyInput /></Field>
          <Field {...field("cost_fen", { required: true })}><MoneyInput /></Field>
          <Field {...field("wallet")}>{pick("wallet", WALLETS)}</Field>
          <Field {...field("funder")}><Input maxLength={64} /></Field>
          <Field {...field("sourcing")}>{pick("sourcing", SOURCINGS)}</Field>
          {sourcing === "near_expiry" && <Field {...field("best_before", { required: true })}><DateInput /></Field>}
          <Field {...field("supplier")}><Input maxLength={64} /></Field>
        </div>
      </Panel>
      <Panel title={t("item.part.who")}>
        <div className="grid">
          <Field {...field("listed_from")}><MomentInput /></Field>
          <Field {...field("listed_until")}><MomentInput /></Field>
          <Field {...field("cities")}><CodesInput /></Field>
          <Field {...field("tiers")}><CodesInput /></Field>
          <Field {...field("cancel_until")}>{pick("cancel_until", ["ready", "paid"])}</Field>
          {fresh && <Field {...field("total")}><CountInput unit={t("unit.pieces")} max={MOST} /></Field>}
          <Field {...field("limits", { wide: true })}>
            <RowsInput
              editable={writes}
              add="item.limits.add"
              none="item.limits.none"
              fresh={{ per: "life", pieces: 1 }}
              specs={[
                { name: "per", label: "limit_per", input: <Select className="wide" disabled={!writes} options={(["life", "month", "day"] as const).map((value) => ({ value, label: t(`limit_per.${value}`) }))} /> },
                { name: "pieces", label: "limit_pieces", input: <CountInput disabled={!writes} unit={t("unit.pieces")} min={1} max={MOST} /> },
              ]}
            />
          </Field>
        </div>
      </Panel>
    </>
  )
}
