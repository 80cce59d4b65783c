import { Segmented, type TableColumnsType } from "antd"
import { useState } from "react"
import { Link } from "react-router-dom"
import { members } from "../../api/calls"
import type { GrantState } from "../../api/types"
import { useLanguage } from "../../i18n"
import { EventType, Id, Points, State } from "../../parts/bits"
import { ListTable } from "../../parts/ListTable"
import { useList } from "../../parts/load"

const eventOf = (one: GrantState) =>
  `/events/one?source=${encodeURIComponent(one.source)}&id=${encodeURIComponent(one.event_id)}`

/** Points promised and credited: by which rule, for which event, until when. */
export function Grants({ member, turn }: { member: string; turn: number }) {
  const { t } = useLanguage()
  const [state, setState] = useState("")
  const list = useList((cursor, signal) => members.grants(member, { state, cursor, limit: 50, signal }), [member, state, turn])
  const columns: TableColumnsType<GrantState> = [
    { title: t("grants.earned_on"), width: 116, dataIndex: "earned_on", className: "num-left" },
    { title: t("grants.rule"), render: (_value, one) => <Id>{one.rule}</Id> },
    { title: t("grants.event"), width: 150, render: (_value, one) => <Link to={eventOf(one)}><EventType type={one.event_type} /></Link> },
    { title: t("grants.state"), width: 100, render: (_value, one) => <State group="grant" code={one.state} /> },
    { title: t("grants.settle_on"), width: 116, dataIndex: "settle_on", className: "num-left" },
    { title: t("grants.expires_on"), width: 116, dataIndex: "expires_on", className: "num-left" },
    { title: t("grants.points"), width: 90, align: "right", render: (_value, one) => <Points value={one.points - one.reversed} /> },
  ]
  return (
    <>
      <div className="bar">
        <Segmented
          value={state}
          onChange={setState}
          options={[{ value: "", label: t("grants.all") }, { value: "pending", label: t("grant.pending") }, { value: "settled", label: t("grant.settled") }]}
        />
      </div>
      <ListTable
        label={t("member.grants")}
        list={list}
        columns={columns}
        width={860}
        rowKey={(one) => one.key}
        card={(one) => (
          <Link className="card" to={eventOf(one)}>
            <span className="card-line">
              <Id>{one.rule}</Id>
              <Points value={one.points - one.reversed} />
            </span>
            <span className="card-more">
              <State group="grant" code={one.state} /> {t("explained.settles", { on: one.settle_on })}
            </span>
          </Link>
        )}
      />
    </>
  )
}
