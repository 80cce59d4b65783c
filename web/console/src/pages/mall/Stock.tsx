import { Button, Drawer, Form, InputNumber, type TableColumnsType } from "antd"
import { useState } from "react"
import { items, type MallItem, type StockMove } from "../../api/mall"
import { useLanguage } from "../../i18n"
import { useFormats } from "../../i18n/format"
import { AskReason } from "../../parts/AskReason"
import { Moment, Points } from "../../parts/bits"
import { ListTable } from "../../parts/ListTable"
import { useList } from "../../parts/load"
import { Figure } from "../../parts/Page"
import { useMay } from "../../session/Session"

const MOST = 1_000_000_000

function Moves({ item }: { item: MallItem }) {
  const { t } = useLanguage()
  const { number } = useFormats()
  const list = useList((cursor, signal) => items.moves(item.item_id, { cursor, signal }), [item.item_id, item.stock.total])
  const after = (one: StockMove) => one.total_after === null ? t("mall.stock.no_end") : number(one.total_after)
  const columns: TableColumnsType<StockMove> = [
    { title: t("stock.at"), width: 150, render: (_value, one) => <Moment at={one.at} /> },
    { title: t("stock.change"), width: 90, align: "right", render: (_value, one) => <Points signed value={one.change} /> },
    { title: t("stock.after"), width: 90, align: "right", className: "num", render: (_value, one) => after(one) },
    { title: t("reason.label"), dataIndex: "reason" },
    { title: t("acts.actor"), width: 110, dataIndex: "by" },
  ]
  return (
    <ListTable
      label={t("stock.moves")}
      list={list}
      columns={columns}
      width={600}
      rowKey={(one) => one.move_id}
      card={(one) => (
        <div className="card">
          <span className="card-line"><span>{one.reason}</span><Points signed value={one.change} /></span>
          <span className="card-more">{one.by} · <Moment at={one.at} /> · {t("stock.after")} {after(one)}</span>
        </div>
      )}
    />
  )
}

/** How many there are, what of them is taken, and who changed it. */
export function Stock({ item, reload }: { item: MallItem; reload: () => void }) {
  const { t } = useLanguage()
  const { number } = useFormats()
  const may = useMay()
  const [changing, setChanging] = useState(false)
  const [looking, setLooking] = useState(false)
  const { total, reserved, sold, left } = item.stock
  return (
    <>
      <div className="figures">
        <Figure name={t("mall.stock.left")} value={left === null ? t("mall.stock.no_end") : number(left)} tone={left === 0 ? "bad" : undefined} />
        <Figure name={t("mall.stock.total")} value={total === null ? "–" : number(total)} />
        <Figure name={t("mall.stock.reserved")} value={number(reserved)} note={t("mall.stock.reserved.note")} />
        <Figure name={t("mall.stock.sold")} value={number(sold)} />
      </div>
      <div className="bar">
        {may("write.mall") && <Button onClick={() => setChanging(true)}>{t("stock.open")}</Button>}
        <Button type="text" onClick={() => setLooking(true)}>{t("stock.moves")}</Button>
      </div>
      <AskReason
        open={changing}
        title={t("stock.open")}
        text={t("stock.text")}
        ok={t("stock.go")}
        done={t("stock.done")}
        work={({ change, reason }) => items.stock(item.item_id, change as number, reason)}
        close={(done) => {
          setChanging(false)
          if (done) reload()
        }}
      >
        <Form.Item
          name="change"
          label={t("stock.change")}
          extra={t("stock.change.help")}
          rules={[{ required: true, message: t("form.missing") }, { validator: (_rule, value) => value === 0 ? Promise.reject(new Error(t("stock.change.none"))) : Promise.resolve() }]}
        >
          <InputNumber min={-MOST} max={MOST} precision={0} controls={false} className="wide" />
        </Form.Item>
      </AskReason>
      <Drawer open={looking} onClose={() => setLooking(false)} size="min(760px, 100vw)" title={t("stock.moves")} destroyOnHidden>
        <Moves item={item} />
      </Drawer>
    </>
  )
}
