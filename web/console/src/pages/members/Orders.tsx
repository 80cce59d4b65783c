import { CheckCircleFilled, MinusCircleOutlined } from "@ant-design/icons"
import { Alert, Empty, Input } from "antd"
import { useSearchParams } from "react-router-dom"
import { members } from "../../api/calls"
import type { OrderExplanation } from "../../api/types"
import { useLanguage } from "../../i18n"
import { useFormats } from "../../i18n/format"
import { EventType, Facts, Id, Moment, Points, State } from "../../parts/bits"
import { useLoad } from "../../parts/load"
import { Show } from "../../parts/Page"

function Told({ order }: { order: OrderExplanation }) {
  const { t, name } = useLanguage()
  const { yuan, number } = useFormats()
  return (
    <div className="explained">
      <Alert className="gap" type="info" showIcon title={name(order.text)} />
      <Facts
        columns={3}
        items={[
          [t("order.paid"), yuan(order.paid_fen)],
          [t("order.given_back"), order.given_back_fen ? yuan(order.given_back_fen) : null],
          [t("order.paid_on"), order.paid_on && <span className="num">{order.paid_on}</span>],
          [t("order.completed_on"), order.completed_on && <span className="num">{order.completed_on}</span>],
          [
            t("order.events"),
            order.events.length > 0 && (
              <ul>{order.events.map((one) => <li key={one.type + one.at}><EventType type={one.type} /> <Moment at={one.at} /></li>)}</ul>
            ),
          ],
        ]}
      />
      <h3>{t("explained.fired", { n: order.granted.length })}</h3>
      <ul className="fired">
        {order.granted.map((one, at) => (
          <li key={one.rule + at}>
            <CheckCircleFilled className="good" />
            <div>
              <b>{name(one.name)}</b> <Id>{one.rule}</Id> <State group="grant" code={one.state} />
              {one.sentence && <p>{name(one.sentence)}</p>}
              <small>
                {[
                  one.promised !== one.points && t("order.promised", { n: number(one.promised) }),
                  one.cut_points > 0 && t("runs.cut", { n: number(one.cut_points) }),
                  one.reversed > 0 && t("order.reversed", { n: number(one.reversed) }),
                  one.settle_on && t("explained.settles", { on: one.settle_on }),
                ].filter(Boolean).join(" · ")}
              </small>
            </div>
            <Points signed value={one.points - one.reversed} />
          </li>
        ))}
      </ul>
      {!order.granted.length && <p className="faint">{t("explained.none")}</p>}
      {order.not_granted.length > 0 && (
        <>
          <h3>{t("explained.silent", { n: order.not_granted.length })}</h3>
          <ul className="fired silent">
            {order.not_granted.map((one, at) => (
              <li key={one.rule + at}>
                <MinusCircleOutlined />
                <div><span>{one.name ? name(one.name) : one.rule}</span> <Id>{one.rule}</Id></div>
                <span className="why">{name(one.text)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  )
}

function Order({ member, order }: { member: string; order: string }) {
  const found = useLoad((signal) => members.order(member, order, signal), [member, order])
  return <Show of={found}>{(one) => <Told order={one} />}</Show>
}

/** An order of the member explained: what it earned and why, and why other rules gave nothing. */
export function Orders({ member }: { member: string }) {
  const { t } = useLanguage()
  const [search, setSearch] = useSearchParams()
  const order = search.get("order") ?? ""
  return (
    <>
      <div className="bar">
        <Input.Search
          key={order}
          allowClear
          className="bar-search wide"
          aria-label={t("order.id")}
          placeholder={t("order.id")}
          enterButton={t("order.explain")}
          defaultValue={order}
          onSearch={(value) => setSearch(value.trim() ? { order: value.trim() } : {}, { replace: true })}
        />
      </div>
      {order ? <Order key={order} member={member} order={order} /> : <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t("order.none")} />}
    </>
  )
}
