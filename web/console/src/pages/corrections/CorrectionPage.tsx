import { Alert, App, Button, Progress, Segmented, type TableColumnsType, Tooltip } from "antd"
import { useEffect, useState } from "react"
import { Link, useNavigate, useParams } from "react-router-dom"
import { type Correction, type CorrectionLine, type CorrectionLineState, corrections } from "../../api/office"
import { useLanguage } from "../../i18n"
import { useFormats } from "../../i18n/format"
import { useAct } from "../../parts/act"
import { AskReason } from "../../parts/AskReason"
import { Id, Moment, Points, State } from "../../parts/bits"
import { ListTable } from "../../parts/ListTable"
import { useList, useLoad } from "../../parts/load"
import { Figure, Page, Panel, Show } from "../../parts/Page"
import { ProblemBox } from "../../parts/Problem"
import { useMay, useSession } from "../../session/Session"

const LOOK_MS = 1_000
const STATES: ("" | CorrectionLineState)[] = ["", "faulty", "failed", "ready", "done"]
const isGoing = ({ state }: Correction) => state === "approved" || state === "running"

function Acts({ correction: one, reload }: { correction: Correction; reload: () => void }) {
  const { t } = useLanguage()
  const { user } = useSession()
  const { number } = useFormats()
  const go = useNavigate()
  const { modal } = App.useApp()
  const [asking, setAsking] = useState<"reject" | "reverse" | null>(null)
  const act = useAct(async (what: "submit" | "approve" | "cancel" | "stop" | "resume") => {
    await corrections.act(one.correction_id, what)
    reload()
  })
  const sure = (what: "submit" | "cancel", title: string) =>
    void modal.confirm({ title, okText: t(`corrections.${what}`), onOk: async () => void (await act.run(what)) })
  const own = one.by === user.name
  const doable = one.lines - one.faulty
  const points = one.credit_points + one.debit_points
  const reversible = (one.state === "finished" || one.state === "cancelled" || one.state === "stopped") && one.done > 0
  return (
    <>
      {(one.state === "preview" || one.state === "waiting" || one.state === "stopped") && (
        <Button onClick={() => sure("cancel", t("corrections.cancel.sure"))}>{t("corrections.cancel")}</Button>
      )}
      {one.state === "preview" && (
        <Button type="primary" loading={act.doing} disabled={!doable} onClick={() => sure("submit", t(one.needs_approval ? "corrections.submit.waits" : "corrections.submit.sure", { lines: number(doable), points: number(points) }))}>
          {t("corrections.submit")}
        </Button>
      )}
      {one.state === "waiting" && (
        <>
          <Button danger onClick={() => setAsking("reject")}>{t("drafts.reject")}</Button>
          <Tooltip title={own ? t("corrections.four_eyes") : undefined}>
            <Button type="primary" loading={act.doing} disabled={own} onClick={() => void act.run("approve")}>{t("drafts.approve")}</Button>
          </Tooltip>
        </>
      )}
      {isGoing(one) && <Button danger loading={act.doing} onClick={() => void act.run("stop")}>{t("runs.stop")}</Button>}
      {one.state === "stopped" && <Button type="primary" loading={act.doing} onClick={() => void act.run("resume")}>{t("runs.resume")}</Button>}
      {reversible && <Button danger onClick={() => setAsking("reverse")}>{t("corrections.reverse")}</Button>}
      <AskReason
        open={!!asking}
        danger
        title={t(asking === "reverse" ? "corrections.reverse" : "drafts.reject")}
        text={t(asking === "reverse" ? "corrections.reverse.text" : "corrections.reject.text")}
        ok={t(asking === "reverse" ? "corrections.reverse" : "drafts.reject")}
        work={async ({ reason }) => {
          const next = await corrections.say(one.correction_id, asking ?? "reject", reason)
          if (asking === "reverse") go(`/corrections/${next.correction_id}`)
        }}
        close={(done) => {
          setAsking(null)
          if (done) reload()
        }}
      />
      {act.error && <ProblemBox error={act.error} />}
    </>
  )
}

function Lines({ correction }: { correction: Correction }) {
  const { t, code } = useLanguage()
  const { number } = useFormats()
  const [state, setState] = useState<"" | CorrectionLineState>("")
  const id = correction.correction_id
  const list = useList((cursor, signal) => corrections.lines(id, { state, cursor, signal }), [id, state, correction.state, correction.done])
  const member = (one: CorrectionLine) => <Link to={`/members/${encodeURIComponent(one.member_id)}`}><Id>{one.member_id}</Id></Link>
  const between = (one: CorrectionLine) => one.available_before === null ? <span className="faint">–</span> : <span className="num">{number(one.available_before)} → {number(one.available_after ?? 0)}</span>
  const why = (one: CorrectionLine) => one.fault ? <span className="fault">{one.fault.text}</span> : one.reason
  const columns: TableColumnsType<CorrectionLine> = [
    { title: t("corrections.no"), width: 70, dataIndex: "no", className: "num-left" },
    { title: t("shadow.member"), render: (_value, one) => member(one) },
    { title: t("corrections.what"), width: 120, render: (_value, one) => <span title={one.grant_key ?? undefined}>{code("correction_act", one.act)}</span> },
    { title: t("grants.points"), width: 100, align: "right", render: (_value, one) => <Points signed value={one.points} /> },
    { title: t("corrections.available"), width: 150, align: "right", render: (_value, one) => between(one) },
    { title: t("drafts.state"), width: 100, render: (_value, one) => <State group="correction_line" code={one.state} tone={one.state === "failed" ? "bad" : undefined} /> },
    { title: t("corrections.why"), render: (_value, one) => why(one) },
  ]
  return (
    <Panel flush title={t("corrections.lines")} extra={<Segmented value={state} onChange={setState} options={STATES.map((value) => ({ value, label: value ? code("correction_line", value) : t("standing.all") }))} />}>
      <ListTable
        label={t("corrections.lines")}
        list={list}
        columns={columns}
        width={920}
        rowKey={(one) => one.no}
        card={(one) => (
          <div className="card">
            <span className="card-line">
              <span>#{one.no} {member(one)}</span>
              <Points signed value={one.points} />
            </span>
            <span className="card-more"><State group="correction_line" code={one.state} /> {between(one)}</span>
            <span className="card-more">{why(one)}</span>
          </div>
        )}
      />
    </Panel>
  )
}

/** One correction: what it would do, who lets it, how far it is, and each of its lines. */
export default function CorrectionPage() {
  const { t } = useLanguage()
  const { number, signed } = useFormats()
  const may = useMay()
  const id = useParams().correction ?? ""
  const found = useLoad((signal) => corrections.get(id, signal), [id])
  const going = !!found.data && isGoing(found.data)
  const { reload } = found
  useEffect(() => {
    if (!going) return
    const timer = setInterval(() => {
      if (!document.hidden) reload()
    }, LOOK_MS)
    return () => clearInterval(timer)
  }, [going, reload])
  const one = found.data
  return (
    <Page
      title={one?.reason ?? t("nav.corrections")}
      note={one && <><State group="correction_state" code={one.state} /> {one.by} · <Moment at={one.created_at} />{one.approved_by && <> · {t("drafts.approved_by")} {one.approved_by}</>}</>}
      back={{ to: "/corrections", text: t("nav.corrections") }}
      acts={one && may("adjust.points") ? <Acts correction={one} reload={reload} /> : null}
    >
      <Show of={found} rows={8}>
        {(now) => {
          const doable = now.lines - now.faulty
          const finished = now.done + now.failed
          return (
            <>
              {now.remark && <Alert className="gap" type="error" showIcon title={t("drafts.rejected_for")} description={now.remark} />}
              {now.reverses && <Alert className="gap" type="info" showIcon title={<>{t("corrections.reverses")} <Link to={`/corrections/${now.reverses}`}><Id>{now.reverses}</Id></Link></>} />}
              {now.state === "waiting" && <Alert className="gap" type="info" showIcon title={t("corrections.waits", { n: number(now.approval_points) })} />}
              {now.state === "preview" && now.faulty > 0 && <Alert className="gap" type="warning" showIcon title={t("corrections.faulty", { n: number(now.faulty) })} />}
              <div className="figures">
                <Figure name={t("corrections.lines")} value={number(now.lines)} note={t("corrections.doable", { n: number(doable) })} />
                <Figure name={t("corrections.credit")} value={signed(now.credit_points)} tone="good" />
                <Figure name={t("corrections.debit")} value={signed(-now.debit_points)} tone={now.debit_points ? "warn" : undefined} />
                <Figure name={t("corrections.done")} value={number(now.done)} note={now.failed ? t("corrections.failed", { n: number(now.failed) }) : undefined} tone={now.failed ? "bad" : undefined} />
              </div>
              {(isGoing(now) || now.state === "stopped" || now.state === "finished") && (
                <Panel>
                  <Progress
                    aria-label={t("corrections.done")}
                    percent={now.state === "finished" ? 100 : doable ? Math.min(99, Math.floor((100 * finished) / doable)) : 0}
                    status={now.state === "finished" ? "success" : isGoing(now) ? "active" : "normal"}
                  />
                </Panel>
              )}
              <Lines correction={now} />
            </>
          )
        }}
      </Show>
    </Page>
  )
}
