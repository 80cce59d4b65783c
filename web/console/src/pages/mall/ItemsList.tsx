import { PlusOutlined } from "@ant-design/icons"
import { Button, Input, Segmented, Select, type TableColumnsType, Tooltip } from "antd"
import { Link, useNavigate } from "react-router-dom"
import { ITEM_KINDS, items, type ItemState, type MallItem } from "../../api/mall"
import { type Key, useLanguage } from "../../i18n"
import { useFormats } from "../../i18n/format"
import { Badge, State } from "../../parts/bits"
import { ListTable } from "../../parts/ListTable"
import { useList } from "../../parts/load"
import { Panel } from "../../parts/Page"
import { useAsked } from "../../parts/search"
import { useMay } from "../../session/Session"
import { Thumb, usePrice } from "./bits"

const STATES: ("" | ItemState)[] = ["", "listed", "draft", "delisted"]
const FEW = 10
const pathOf = (one: MallItem) => `/mall/items/${one.item_id}`

/** What is left, in a colour where it is little. */
export function Left({ item }: { item: MallItem }) {
  const { t } = useLanguage()
  const { number } = useFormats()
  const { left } = item.stock
  if (left === null) return <span className="faint">{t("mall.stock.no_end")}</span>
  return <span className={`num ${left === 0 ? "tone-none" : left <= FEW ? "tone-few" : ""}`}>{number(left)}</span>
}

/** The items of the mall, newest first. */
export function ItemsList() {
  const { t, name, code } = useLanguage()
  const { number, yuan } = useFormats()
  const may = useMay()
  const go = useNavigate()
  const priceOf = usePrice()
  const { asked, choose, key } = useAsked(["state", "kind", "category", "q"])
  const list = useList((cursor, signal) => items.list({ ...asked, cursor, signal }), [key])
  const what = (one: MallItem) => (
    <span className="thing">
      <Thumb url={one.pictures[0]} />
      <span>
        <Link to={pathOf(one)}>{name(one.title)}</Link>
        <small>{[one.category, one.sku].filter(Boolean).join(" · ")}</small>
      </span>
    </span>
  )
  const sourcing = (one: MallItem) => one.sourcing === "standard" ? null : <Badge tone={one.sourcing === "near_expiry" ? "warn" : "accent"}>{code("sourcing", one.sourcing)}</Badge>
  const columns: TableColumnsType<MallItem> = [
    { title: t("mall.item"), render: (_value, one) => what(one) },
    { title: t("item.kind"), width: 110, render: (_value, one) => code("item_kind", one.kind) },
    { title: t("mall.price"), width: 150, align: "right", className: "num", render: (_value, one) => priceOf(one) },
    { title: t("item.cost_fen"), width: 96, align: "right", className: "num", render: (_value, one) => yuan(one.cost_fen) },
    { title: t("item.sourcing"), width: 104, render: (_value, one) => sourcing(one) },
    { title: t("mall.stock.left"), width: 96, align: "right", render: (_value, one) => <Left item={one} /> },
    { title: t("mall.stock.sold"), width: 90, align: "right", className: "num", render: (_value, one) => number(one.stock.sold) },
    { title: t("drafts.state"), width: 96, render: (_value, one) => <State group="item_state" code={one.state} /> },
  ]
  const writes = may("write.mall")
  return (
    <>
      <div className="bar">
        <Segmented
          value={asked.state as "" | ItemState}
          onChange={(state) => choose({ state })}
          options={STATES.map((value) => ({ value, label: value ? code("item_state", value) : t("standing.all") }))}
        />
        <Select
          className="bar-pick"
          aria-label={t("item.kind")}
          value={asked.kind}
          onChange={(kind: string) => choose({ kind })}
          options={[{ value: "", label: t("item_kind.any") }, ...ITEM_KINDS.map((value) => ({ value, label: t(`item_kind.${value}` as Key) }))]}
        />
        <Input.Search allowClear className="bar-search" aria-label={t("mall.search")} placeholder={t("mall.search")} defaultValue={asked.q} onSearch={(value) => choose({ q: value.trim() })} />
        <span className="bar-rest" />
        <Tooltip title={writes ? undefined : t("may.not")}>
          <Button type="primary" icon={<PlusOutlined />} disabled={!writes} onClick={() => go("/mall/items/new")}>{t("mall.new")}</Button>
        </Tooltip>
      </div>
      <Panel flush>
        <ListTable
          label={t("mall.tab.items")}
          list={list}
          columns={columns}
          width={1000}
          rowKey={(one) => one.item_id}
          onOpen={(one) => go(pathOf(one))}
          empty={t("mall.none")}
          card={(one) => (
            <div className="card">
              <span className="card-line">
                {what(one)}
                <State group="item_state" code={one.state} />
              </span>
              <span className="card-line">
                <b className="num">{priceOf(one)}</b>
                <span className="card-more">{sourcing(one)} {t("mall.stock.left")} <Left item={one} /></span>
              </span>
            </div>
          )}
        />
      </Panel>
    </>
  )
}
