import type { TableColumnsType } from "antd"
import { Link } from "react-router-dom"
import { type PlacedItem, shelf } from "../../api/mall"
import { useLanguage } from "../../i18n"
import { useFormats } from "../../i18n/format"
import { Badge } from "../../parts/bits"
import { ListTable } from "../../parts/ListTable"
import { useList } from "../../parts/load"
import { Panel } from "../../parts/Page"
import { Thumb, usePrice } from "./bits"
import { Left } from "./ItemsList"

/** What is listed, in the order in which members find it, and what speaks for each. */
export function ShelfPage() {
  const { t, name, code } = useLanguage()
  const { number, yuan } = useFormats()
  const priceOf = usePrice()
  const list = useList((cursor, signal) => shelf.list({ cursor, signal }), [])
  const places = new Map(list.items.map((one, at) => [one.item.item_id, at + 1]))
  const placeOf = ({ item }: PlacedItem) => places.get(item.item_id) ?? 0
  const bears = ({ item }: PlacedItem) => (item.funder === "platform" ? Math.max(0, item.cost_fen - item.price_fen) : 0)
  const what = ({ item }: PlacedItem) => (
    <span className="thing">
      <Thumb url={item.pictures[0]} />
      <span>
        <Link to={`/mall/items/${item.item_id}`}>{name(item.title)}</Link>
        <small>{priceOf(item)}{item.cities ? ` · ${item.cities.join(" · ")}` : ""}</small>
      </span>
    </span>
  )
  const sign = ({ item }: PlacedItem) => item.sourcing === "standard" ? null : <Badge tone={item.sourcing === "near_expiry" ? "warn" : "accent"}>{code("sourcing", item.sourcing)}</Badge>
  const columns: TableColumnsType<PlacedItem> = [
    { title: t("shelf.place"), width: 70, className: "num-left", render: (_value, one) => number(placeOf(one)) },
    { title: t("mall.item"), render: (_value, one) => what(one) },
    { title: t("item.sourcing"), width: 110, render: (_value, one) => sign(one) },
    { title: t("item.worth_fen"), width: 100, align: "right", className: "num", render: (_value, { item }) => yuan(item.worth_fen) },
    { title: t("item.bears"), width: 140, align: "right", className: "num", render: (_value, one) => yuan(bears(one)) },
    { title: t("mall.stock.left"), width: 90, align: "right", render: (_value, { item }) => <Left item={item} /> },
    { title: t("shelf.score"), width: 90, align: "right", className: "num", render: (_value, one) => number(one.score) },
  ]
  return (
    <>
      <p className="faint gap">{t("shelf.note")}</p>
      <Panel flush>
        <ListTable
          label={t("mall.tab.shelf")}
          list={list}
          columns={columns}
          width={820}
          rowKey={(one) => one.item.item_id}
          empty={t("shelf.none")}
          card={(one) => (
            <div className="card">
              <span className="card-line"><span>{number(placeOf(one))}. {what(one)}</span>{sign(one)}</span>
              <span className="card-more num">{t("item.bears")} {yuan(bears(one))} · {t("shelf.score")} {number(one.score)}</span>
            </div>
          )}
        />
      </Panel>
    </>
  )
}
