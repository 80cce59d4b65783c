import { ScanOutlined } from "@ant-design/icons"
import { Button, Drawer, Form, Input, Select, type TableColumnsType } from "antd"
import { useState } from "react"
import { Link } from "react-router-dom"
import { orders, type OrderState, type ShopOrder } from "../../api/mall"
import { type Key, useLanguage } from "../../i18n"
import { useFormats } from "../../i18n/format"
import { useAct } from "../../parts/act"
import { Id, Moment } from "../../parts/bits"
import { ListTable } from "../../parts/ListTable"
import { useList } from "../../parts/load"
import { Panel } from "../../parts/Page"
import { ProblemBox } from "../../parts/Problem"
import { useAsked } from "../../parts/search"
import { useMay } from "../../session/Session"
import { OrderSign, Thumb, usePaid } from "./bits"
import { OrderView } from "./OrderView"

const STATES: OrderState[] = ["held", "paid", "ready", "collected", "cancelled", "refunded", "expired"]

/** At the pickup point: a code is typed, the order handed out. */
function HandOut({ done }: { done: (order: ShopOrder) => void }) {
  const { t } = useLanguage()
  const [form] = Form.useForm<{ code: string }>()
  const act = useAct(async ({ code }: { code: string }) => {
    done(await orders.collectBy(code.trim()))
    form.resetFields()
  }, t("orders.collect.done"))
  return (
    <Panel title={t("orders.hand_out")} note={t("orders.hand_out.note")}>
      <ProblemBox error={act.error} />
      <Form form={form} name="hand-out" layout="inline" onFinish={(values) => void act.run(values)}>
        <Form.Item name="code" rules={[{ required: true, message: t("orders.code.missing") }]}>
          <Input className="mono" prefix={<ScanOutlined />} aria-label={t("orders.code")} placeholder={t("orders.code")} inputMode="numeric" autoComplete="off" maxLength={40} />
        </Form.Item>
        <Button type="primary" htmlType="submit" loading={act.doing}>{t("orders.collect")}</Button>
      </Form>
    </Panel>
  )
}

/** Orders, newest first; one opens beside the list. `own`: on their member's page. */
export function OrdersTable({ asked, own = false, turn = 0, shown, show }: {
  asked: { state?: string; member_id?: string; item_id?: string; community_id?: string }
  own?: boolean
  turn?: number
  shown: ShopOrder | null
  show: (order: ShopOrder | null) => void
}) {
  const { t, name } = useLanguage()
  const { number } = useFormats()
  const paid = usePaid()
  const list = useList((cursor, signal) => orders.list({ ...asked, cursor, signal }), [...Object.values(asked), turn])
  const who = (one: ShopOrder) => <Link to={`/members/${encodeURIComponent(one.member_id)}`}><Id>{one.member_id}</Id></Link>
  const columns: TableColumnsType<ShopOrder> = [
    { title: t("backtest.created"), width: 150, render: (_value, one) => <Moment at={one.created_at} /> },
    { title: t("mall.item"), render: (_value, one) => <span className="thing"><Thumb url={one.item.picture} /><span><button type="button" className="plain" onClick={() => show(one)}>{name(one.item.title)}</button></span></span> },
    ...(own ? [] : [{ title: t("shadow.member"), width: 160, render: (_value: unknown, one: ShopOrder) => who(one) }]),
    { title: t("orders.n"), width: 76, align: "right", className: "num", render: (_value, one) => number(one.pieces) },
    { title: t("mall.price"), width: 150, align: "right", className: "num", render: (_value, one) => paid(one) },
    { title: t("drafts.state"), width: 100, render: (_value, one) => <OrderSign order={one} /> },
    { title: t("members.community"), width: 130, render: (_value, one) => one.community_id ? <Id>{one.community_id}</Id> : <span className="faint">–</span> },
  ]
  return (
    <>
      <ListTable
        label={t("mall.tab.orders")}
        list={list}
        columns={columns}
        width={940}
        rowKey={(one) => one.order_id}
        onOpen={show}
        empty={t("orders.none")}
        card={(one) => (
          <button type="button" className="card" onClick={() => show(one)}>
            <span className="card-line">
              <b>{name(one.item.title)} ×{number(one.pieces)}</b>
              <OrderSign order={one} />
            </span>
            <span className="card-line"><span className="num">{paid(one)}</span><Moment at={one.created_at} /></span>
            {!own && <span className="card-more"><Id>{one.member_id}</Id></span>}
          </button>
        )}
      />
      <Drawer open={!!shown} onClose={() => show(null)} size="min(560px, 100vw)" title={t("orders.one")} destroyOnHidden>
        {shown && (
          <OrderView
            order={shown}
            put={(order) => {
              show(order)
              list.reload()
            }}
          />
        )}
      </Drawer>
    </>
  )
}

/** All orders of the mall. */
export function OrdersList() {
  const { t } = useLanguage()
  const may = useMay()
  const { asked, choose } = useAsked(["state", "member_id", "item_id", "community_id"])
  const [shown, show] = useState<ShopOrder | null>(null)
  const [turn, setTurn] = useState(0)
  const search = (name: "member_id" | "community_id", label: Key) => (
    <Input.Search allowClear className="bar-search" aria-label={t(label)} placeholder={t(label)} defaultValue={asked[name]} onSearch={(value) => choose({ [name]: value.trim() })} />
  )
  return (
    <>
      {may("write.mall") && (
        <HandOut
          done={(order) => {
            show(order)
            setTurn((now) => now + 1)
          }}
        />
      )}
      <div className="bar">
        <Select
          className="bar-pick"
          aria-label={t("drafts.state")}
          value={asked.state}
          onChange={(state: string) => choose({ state })}
          options={[{ value: "", label: t("order_state.any") }, ...STATES.map((value) => ({ value, label: t(`order_state.${value}` as Key) }))]}
        />
        {search("member_id", "events.member.find")}
        {search("community_id", "members.community")}
        {asked.item_id && <Button onClick={() => choose({ item_id: "" })}>{t("orders.of_all_items")}</Button>}
      </div>
      <Panel flush><OrdersTable asked={asked} turn={turn} shown={shown} show={show} /></Panel>
    </>
  )
}
