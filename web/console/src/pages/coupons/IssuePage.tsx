import { Alert, Button, Progress, Segmented, type TableColumnsType } from "antd"
import { useEffect, useState } from "react"
import { Link, useParams } from "react-router-dom"
import { type IssueLineState, type IssueLineView, issues, type IssueView } from "../../api/coupons"
import { useLanguage } from "../../i18n"
import { useFormats } from "../../i18n/format"
import { useAct } from "../../parts/act"
import { Id, Moment, State } from "../../parts/bits"
import { ListTable } from "../../parts/ListTable"
import { useList, useLoad } from "../../parts/load"
import { Figure, Page, Panel, Show } from "../../parts/Page"
import { ProblemBox } from "../../parts/Problem"
import { useSure } from "../../parts/sure"
import { useMay } from "../../session/Session"

const LOOK_MS = 1_000
const STATES: ("" | IssueLineState)[] = ["", "faulty", "failed", "ready", "done"]
const isGoing = ({ state }: IssueView) => state === "approved" || state === "running"

function Acts({ issue: one, reload }: { issue: IssueView; reload: () => void }) {
  const { t } = useLanguage()
  const { number } = useFormats()
  const sure = useSure()
  const act = useAct(async (what: "start" | "stop" | "cancel") => {
    await issues.act(one.issue_id, what)
    reload()
  })
  const todo = one.lines - one.faulty - one.done - one.failed
  const ask = (what: "start" | "cancel") =>
    sure({ title: t(`issues.${what}.sure`, { n: number(todo) }), ok: t(`issues.${what}`), danger: what === "cancel", work: () => act.run(what) })
  return (
    <>
      {(one.state === "preview" || one.state === "stopped") && <Button onClick={() => ask("cancel")}>{t("issues.cancel")}</Button>}
      {one.state === "preview" && <Button type="primary" loading={act.doing} disabled={!todo} onClick={() => ask("start")}>{t("issues.start")}</Button>}
      {isGoing(one) && <Button danger loading={act.doing} onClick={() => void act.run("stop")}>{t("runs.stop")}</Button>}
      {one.state === "stopped" && <Button type="primary" loading={act.doing} onClick={() => void act.run("start")}>{t("runs.resume")}</Button>}
      {act.error && <ProblemBox error={act.error} />}
    </>
  )
}

function Lines({ issue }: { issue: IssueView }) {
  const { t, code } = useLanguage()
  const { number } = useFormats()
  const [state, setState] = useState<"" | IssueLineState>("")
  const id = issue.issue_id
  const list = useList((cursor, signal) => issues.lines(id, { state, cursor, signal }), [id, state, issue.state, issue.done])
  const member = (one: IssueLineView) => <Link to={`/members/${encodeURIComponent(one.member_id)}`}><Id>{one.member_id}</Id></Link>
  const why = (one: IssueLineView) => one.fault && <span className="fault">{one.fault.text}</span>
  const sign = (one: IssueLineView) => <State group="issue_line" code={one.state} tone={one.state === "failed" ? "bad" : undefined} />
  const columns: TableColumnsType<IssueLineView> = [
    { title: t("corrections.no"), width: 80, dataIndex: "no", className: "num-left" },
    { title: t("shadow.member"), render: (_value, one) => member(one) },
    { title: t("drafts.state"), width: 110, render: (_value, one) => sign(one) },
    { title: t("corrections.why"), render: (_value, one) => why(one) },
  ]
  return (
    <Panel flush title={t("issues.lines")} extra={<Segmented value={state} onChange={setState} options={STATES.map((value) => ({ value, label: value ? code("issue_line", value) : t("standing.all") }))} />}>
      <ListTable
        label={t("issues.lines")}
        list={list}
        columns={columns}
        width={620}
        rowKey={(one) => one.no}
        card={(one) => (
          <div className="card">
            <span className="card-line"><span>#{number(one.no)} {member(one)}</span>{sign(one)}</span>
            {one.fault && <span className="card-more">{why(one)}</span>}
          </div>
        )}
      />
    </Panel>
  )
}

/** One issue: who would get a coupon, how far it is, and why somebody got none. */
export function IssuePage() {
  const { t } = useLanguage()
  const { number } = useFormats()
  const may = useMay()
  const id = useParams().issue ?? ""
  const found = useLoad((signal) => issues.get(id, signal), [id])
  const one = found.data
  const going = !!one && isGoing(one)
  const { reload } = found
  useEffect(() => {
    if (!going) return
    const timer = setInterval(() => {
      if (!document.hidden) reload()
    }, LOOK_MS)
    return () => clearInterval(timer)
  }, [going, reload])
  return (
    <Page
      title={one?.reason ?? t("coupons.tab.issues")}
      note={one && <><State group="issue_state" code={one.state} /> {one.by} · <Moment at={one.created_at} /></>}
      back={{ to: "/coupons/issues", text: t("coupons.tab.issues") }}
      acts={
        one && (
          <>
            <Link to={`/coupons/templates/${encodeURIComponent(one.template_id)}`}>{t("coupons.template")}</Link>
            {may("write.coupons") && <Acts issue={one} reload={reload} />}
          </>
        )
      }
    >
      <Show of={found} rows={8}>
        {(now) => {
          const doable = now.lines - now.faulty
          const finished = now.done + now.failed
          const short = now.left !== null && now.state === "preview" && now.left < doable
          return (
            <>
              {short && <Alert className="gap" type="warning" showIcon title={t("issues.short", { left: number(now.left ?? 0), n: number(doable) })} />}
              {now.state === "preview" && now.faulty > 0 && <Alert className="gap" type="warning" showIcon title={t("issues.faulty", { n: number(now.faulty) })} />}
              <div className="figures">
                <Figure name={t("issues.members")} value={number(now.lines)} note={t("corrections.doable", { n: number(doable) })} />
                <Figure name={t("issues.done")} value={number(now.done)} tone={now.done ? "good" : undefined} />
                <Figure name={t("issues.failed")} value={number(now.failed)} tone={now.failed ? "bad" : undefined} />
                <Figure name={t("issues.left")} value={now.left === null ? t("mall.stock.no_end") : number(now.left)} tone={short ? "warn" : undefined} />
              </div>
              {(going || now.state === "stopped" || now.state === "finished") && (
                <Panel>
                  <Progress
                    aria-label={t("issues.done")}
                    percent={now.state === "finished" ? 100 : doable ? Math.min(99, Math.floor((100 * finished) / doable)) : 0}
                    status={now.state === "finished" ? "success" : going ? "active" : "normal"}
                  />
                </Panel>
              )}
              <Lines issue={now} />
            </>
          )
        }}
      </Show>
    </Page>
  )
}
