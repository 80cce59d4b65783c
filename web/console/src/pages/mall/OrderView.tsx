import { Alert, Button, Form, Input, Timeline } from "antd"
import { useState } from "react"
import { Link } from "react-router-dom"
import { orders, type ShopOrder } from "../../api/mall"
import { type Key, useLanguage } from "../../i18n"
import { useFormats } from "../../i18n/format"
import { useAct } from "../../parts/act"
import { AskReason } from "../../parts/AskReason"
import { Facts, Id, Moment } from "../../parts/bits"
import { ProblemBox } from "../../parts/Problem"
import { useMay } from "../../session/Session"
import { OrderSign, Thumb, usePaid } from "./bits"

const COLLECTABLE = ["paid", "ready"]
const REFUNDABLE = ["paid", "ready", "collected"]

function Acts({ order, put }: { order: ShopOrder; put: (order: ShopOrder) => void }) {
  const { t } = useLanguage()
  const [asking, setAsking] = useState<"cancel" | "refund" | null>(null)
  const ready = useAct(async () => put(await orders.ready(order.order_id)), t("orders.ready.done"))
  const collect = useAct(async ({ code }: { code: string }) => put(await orders.collect(order.order_id, code.trim())), t("orders.collect.done"))
  const goods = order.item.kind === "goods" || order.item.kind === "leader_material"
  return (
    <div className="order-acts">
      <ProblemBox error={ready.error ?? collect.error} />
      {goods && COLLECTABLE.includes(order.state) && (
        <Form name="collect" layout="inline" onFinish={(values) => void collect.run(values as { code: string })}>
          <Form.Item name="code" rules={[{ required: true, message: t("orders.code.missing") }]}>
            <Input className="mono" aria-label={t("orders.code")} placeholder={t("orders.code")} inputMode="numeric" autoComplete="off" maxLength={40} />
          </Form.Item>
          <Button type="primary" htmlType="submit" loading={collect.doing}>{t("orders.collect")}</Button>
        </Form>
      )}
      <div className="row-acts">
        {goods && order.state === "paid" && <Button loading={ready.doing} onClick={() => void ready.run()}>{t("orders.ready")}</Button>}
        {order.can_cancel && <Button danger onClick={() => setAsking("cancel")}>{t("orders.cancel")}</Button>}
        {REFUNDABLE.includes(order.state) && <Button danger onClick={() => setAsking("refund")}>{t("orders.refund")}</Button>}
      </div>
      <AskReason
        open={!!asking}
        danger
        title={t(asking === "refund" ? "orders.refund" : "orders.cancel")}
        text={t(asking === "refund" ? "orders.refund.text" : "orders.cancel.text")}
        ok={t(asking === "refund" ? "orders.refund" : "orders.cancel")}
        done={t(asking === "refund" ? "orders.refund.done" : "orders.cancel.done")}
        work={async ({ reason }) => put(await orders.undo(order.order_id, asking ?? "cancel", reason))}
        close={() => setAsking(null)}
      />
    </div>
  )
}

/** One order: what was ordered, what it took, the way it went, and what can be done with it. */
export function OrderView({ order, put }: { order: ShopOrder; put: (order: ShopOrder) => void }) {
  const { t, name, code } = useLanguage()
  const { yuan, number } = useFormats()
  const may = useMay()
  const paid = usePaid()
  return (
    <>
      <div className="thing thing-large">
        <Thumb large url={order.item.picture} />
        <span>
          <Link to={`/mall/items/${order.item.item_id}`}>{name(order.item.title)}</Link>
          <small>{t("orders.pieces", { n: number(order.pieces) })} · {paid(order)}</small>
          <span><OrderSign order={order} /></span>
        </span>
      </div>
      {order.cause && <Alert className="gap" type="info" title={t("orders.won", { cause: order.cause })} />}
      {may("write.mall") && <Acts order={order} put={put} />}
      <Facts
        items={[
          [t("shadow.member"), <Link to={`/members/${encodeURIComponent(order.member_id)}`}><Id>{order.member_id}</Id></Link>],
          [t("orders.id"), <Id>{order.order_id}</Id>],
          [t("members.community"), order.community_id && <Id>{order.community_id}</Id>],
          [t("members.leader"), order.leader_id && <Id>{order.leader_id}</Id>],
          [t("item.cost_fen"), <span className="num">{yuan(order.cost_fen)} · {code("funder", order.funder)}</span>],
          [t("orders.handled_by"), order.handled_by],
          [t("orders.pay_until"), order.state === "held" && order.pay_until ? <Moment at={order.pay_until} /> : null],
          [t("orders.payment"), order.payment && `${code("payment_state", order.payment.state)} · ${yuan(order.payment.price_fen)}`],
        ]}
      />
      <h3>{t("orders.way")}</h3>
      <Timeline
        items={order.events.map((event) => ({
          key: event.state + event.at,
          content: <>{code("order_state", event.state)} <span className="faint">{t(`orders.by.${event.by}` as Key)} · <Moment at={event.at} /></span></>,
        }))}
      />
    </>
  )
}
