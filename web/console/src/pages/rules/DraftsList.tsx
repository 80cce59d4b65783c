import { Segmented, type TableColumnsType } from "antd"
import { useState } from "react"
import { Link, useNavigate } from "react-router-dom"
import { type DraftLine, drafts, type DraftState } from "../../api/release"
import { useLanguage } from "../../i18n"
import { Moment, State } from "../../parts/bits"
import { ListTable } from "../../parts/ListTable"
import { useList } from "../../parts/load"
import { Panel } from "../../parts/Page"

const STATES: ("" | DraftState)[] = ["", "checked", "approved", "draft", "rejected", "released"]

/** Drafts that were kept for others: who wrote them, and how they stand. */
export function DraftsList() {
  const { t, code } = useLanguage()
  const go = useNavigate()
  const [state, setState] = useState<"" | DraftState>("")
  const list = useList((cursor, signal) => drafts.list({ state, cursor, signal }), [state])
  const to = (one: DraftLine) => `/rules/drafts/${one.draft_id}`
  const columns: TableColumnsType<DraftLine> = [
    { title: t("drafts.what"), render: (_value, one) => <Link to={to(one)}>{one.note || one.title}</Link> },
    { title: t("drafts.state"), width: 120, render: (_value, one) => <State group="draft_state" code={one.state} /> },
    { title: t("drafts.author"), width: 130, dataIndex: "author" },
    { title: t("drafts.approved_by"), width: 130, render: (_value, one) => one.approved_by ?? <span className="faint">–</span> },
    { title: t("drafts.updated"), width: 160, render: (_value, one) => <Moment at={one.updated_at} /> },
    {
      title: t("versions.version"), width: 110,
      render: (_value, one) => one.version === null ? <span className="faint">–</span> : <Link to={`/rules/rollouts/${one.version}`}>{t("versions.number", { version: one.version })}</Link>,
    },
  ]
  return (
    <>
      <div className="bar">
        <Segmented value={state} onChange={setState} options={STATES.map((value) => ({ value, label: value ? code("draft_state", value) : t("standing.all") }))} />
      </div>
      <Panel flush>
        <ListTable
          label={t("rules.tab.drafts")}
          list={list}
          columns={columns}
          width={860}
          rowKey={(one) => one.draft_id}
          onOpen={(one) => go(to(one))}
          empty={t("drafts.none")}
          card={(one) => (
            <Link className="card" to={to(one)}>
              <span className="card-line">
                <b>{one.note || one.title}</b>
                <State group="draft_state" code={one.state} />
              </span>
              <span className="card-more">
                {one.author} · <Moment at={one.updated_at} />
              </span>
            </Link>
          )}
        />
      </Panel>
    </>
  )
}
