import { Drawer, Input, Segmented, type TableColumnsType } from "antd"
import { useState } from "react"
import { Link } from "react-router-dom"
import { type Deduction, deductions, type DeductionState } from "../../api/deductions"
import { useLanguage } from "../../i18n"
import { useFormats } from "../../i18n/format"
import { Facts, Id, Moment, Points, State } from "../../parts/bits"
import { ListTable } from "../../parts/ListTable"
import { useList } from "../../parts/load"
import { Page, Panel } from "../../parts/Page"
import { useAsked } from "../../parts/search"
import { Split } from "./Split"

const STATES: ("" | DeductionState)[] = ["", "held", "captured", "released", "lapsed"]

/** One deduction, with each line as it was frozen. */
function DeductionView({ one }: { one: Deduction }) {
  const { t } = useLanguage()
  const { yuan, number } = useFormats()
  return (
    <>
      <Facts
        items={[
          [t("shadow.member"), <Link to={`/members/${encodeURIComponent(one.member_id)}`}><Id>{one.member_id}</Id></Link>],
          [t("statement.order"), <Id>{one.order_id}</Id>],
          [t("drafts.state"), <State group="deduction_state" code={one.state} />],
          [t("backtest.created"), <Moment at={one.created_at} />],
          [t("deductions.taken"), <span className="num">{t("split.takes", { points: number(one.points), yuan: yuan(one.deduct_fen) })}</span>],
          [t("deductions.refunded"), one.refunded_points ? <span className="num">{t("split.takes", { points: number(one.refunded_points), yuan: yuan(one.refunded_fen) })}</span> : null],
          [t("deductions.bonus"), one.bonus_points ? <Points signed value={one.bonus_points} /> : null],
          [t("holds.lapses"), one.state === "held" && one.lapses_at ? <Moment at={one.lapses_at} /> : null],
          [t("cart.arm"), one.arm],
          [t("versions.version"), <Link to={`/rules/versions/${one.rates_version}`}>{t("versions.number", { version: one.rates_version })}</Link>],
        ]}
      />
      <h3>{t("deductions.lines")}</h3>
      <Split lines={one.lines} />
    </>
  )
}

/** Deductions, newest first; one opens beside the list. `own`: on their member's page. */
export function DeductionsTable({ asked, own = false, turn = 0 }: {
  asked: { member_id?: string; order_id?: string; state?: string }
  own?: boolean
  turn?: number
}) {
  const { t } = useLanguage()
  const { yuan } = useFormats()
  const [shown, show] = useState<Deduction | null>(null)
  const list = useList((cursor, signal) => deductions.list({ ...asked, cursor, signal }), [...Object.values(asked), turn])
  const who = (one: Deduction) => <Link to={`/members/${encodeURIComponent(one.member_id)}`}><Id>{one.member_id}</Id></Link>
  const columns: TableColumnsType<Deduction> = [
    { title: t("backtest.created"), width: 150, render: (_value, one) => <Moment at={one.created_at} /> },
    { title: t("statement.order"), render: (_value, one) => <button type="button" className="plain" onClick={() => show(one)}><Id>{one.order_id}</Id></button> },
    ...(own ? [] : [{ title: t("shadow.member"), width: 170, render: (_value: unknown, one: Deduction) => who(one) }]),
    { title: t("drafts.state"), width: 100, render: (_value, one) => <State group="deduction_state" code={one.state} /> },
    { title: t("grants.points"), width: 100, align: "right", render: (_value, one) => <Points value={one.points} /> },
    { title: t("deductions.fen"), width: 110, align: "right", className: "num", render: (_value, one) => yuan(one.deduct_fen) },
    { title: t("deductions.refunded"), width: 110, align: "right", className: "num", render: (_value, one) => one.refunded_fen ? yuan(one.refunded_fen) : <span className="faint">–</span> },
  ]
  return (
    <>
      <ListTable
        label={t("nav.deductions")}
        list={list}
        columns={columns}
        width={820}
        rowKey={(one) => one.deduction_id}
        onOpen={show}
        empty={t("deductions.none")}
        card={(one) => (
          <button type="button" className="card" onClick={() => show(one)}>
            <span className="card-line">
              <b className="num">{yuan(one.deduct_fen)}</b>
              <State group="deduction_state" code={one.state} />
            </span>
            <span className="card-line"><Id>{one.order_id}</Id><Points value={one.points} /></span>
            <span className="card-more">{!own && <Id>{one.member_id}</Id>} <Moment at={one.created_at} /></span>
          </button>
        )}
      />
      <Drawer open={!!shown} onClose={() => show(null)} size="min(600px, 100vw)" title={t("deductions.one")} destroyOnHidden>
        {shown && <DeductionView one={shown} />}
      </Drawer>
    </>
  )
}

/** What points paid of orders. */
export default function DeductionsPage() {
  const { t, code } = useLanguage()
  const { asked, choose } = useAsked(["state", "member_id", "order_id"])
  return (
    <Page title={t("nav.deductions")} note={t("deductions.note")} acts={<Link to="/rules/deduction">{t("rules.tab.deduction")}</Link>}>
      <div className="bar">
        <Segmented
          value={asked.state as "" | DeductionState}
          onChange={(state) => choose({ state })}
          options={STATES.map((value) => ({ value, label: value ? code("deduction_state", value) : t("standing.all") }))}
        />
        <Input.Search allowClear className="bar-search" aria-label={t("events.member.find")} placeholder={t("events.member.find")} defaultValue={asked.member_id} onSearch={(value) => choose({ member_id: value.trim() })} />
        <Input.Search allowClear className="bar-search" aria-label={t("order.id")} placeholder={t("order.id")} defaultValue={asked.order_id} onSearch={(value) => choose({ order_id: value.trim() })} />
      </div>
      <Panel flush><DeductionsTable asked={asked} /></Panel>
    </Page>
  )
}
