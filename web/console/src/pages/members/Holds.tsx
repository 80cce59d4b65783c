import type { TableColumnsType } from "antd"
import { members } from "../../api/calls"
import type { Hold } from "../../api/types"
import { useLanguage } from "../../i18n"
import { Id, Moment, Points, State } from "../../parts/bits"
import { ListTable } from "../../parts/ListTable"
import { useList } from "../../parts/load"

/** Points reserved for orders that are not paid yet. */
export function Holds({ member, turn }: { member: string; turn: number }) {
  const { t } = useLanguage()
  const list = useList((cursor, signal) => members.holds(member, { cursor, signal }), [member, turn])
  const columns: TableColumnsType<Hold> = [
    { title: t("holds.created"), width: 160, render: (_value, one) => <Moment at={one.created_at} /> },
    { title: t("statement.order"), render: (_value, one) => (one.order_id ? <Id>{one.order_id}</Id> : <span className="faint">–</span>) },
    { title: t("holds.state"), width: 110, render: (_value, one) => <State group="hold" code={one.state} /> },
    { title: t("holds.lapses"), width: 160, render: (_value, one) => <Moment at={one.lapses_at} /> },
    { title: t("holds.points"), width: 100, align: "right", render: (_value, one) => <Points value={one.points} /> },
    { title: t("holds.captured"), width: 100, align: "right", render: (_value, one) => <Points value={one.captured} /> },
  ]
  return (
    <ListTable
      label={t("member.holds")}
      list={list}
      columns={columns}
      width={760}
      rowKey={(one) => one.hold_id}
      empty={t("holds.none")}
      card={(one) => (
        <div className="card">
          <span className="card-line">
            <State group="hold" code={one.state} />
            <Points value={one.points} />
          </span>
          <span className="card-more">
            {one.order_id && <Id>{one.order_id}</Id>} <Moment at={one.created_at} />
          </span>
        </div>
      )}
    />
  )
}
