import { Alert, Button, Progress } from "antd"
import { useEffect } from "react"
import { Link, useParams } from "react-router-dom"
import { type BackTest, type BackTestResult, backTests, type MemberGain } from "../../api/backTests"
import { useLanguage } from "../../i18n"
import { useFormats } from "../../i18n/format"
import { useAct } from "../../parts/act"
import { Id, Points, State } from "../../parts/bits"
import { useLoad } from "../../parts/load"
import { Figure, Page, Panel, Show } from "../../parts/Page"
import { useMay } from "../../session/Session"
import { ByCity, ByMonth, ByRule, Distribution } from "./BackTestCharts"

const LOOK_MS = 1_000
const isOpen = ({ state }: BackTest) => state === "queued" || state === "running"

function Going({ test }: { test: BackTest }) {
  const { t } = useLanguage()
  const { number } = useFormats()
  const percent = test.members_due ? Math.min(99, Math.floor((100 * test.members_done) / test.members_due)) : 0
  return (
    <Panel title={t("backtest.going")}>
      <Progress aria-label={t("backtest.going")} percent={percent} status={test.state === "running" ? "active" : "normal"} format={() => `${percent}%`} />
      <p className="faint num">{t("backtest.done_so_far", { done: number(test.members_done), due: number(test.members_due), events: number(test.events_done) })}</p>
    </Panel>
  )
}

function Most({ title, members }: { title: string; members: MemberGain[] }) {
  const { t } = useLanguage()
  const { number } = useFormats()
  return (
    <Panel title={title}>
      {members.length ? (
        <ul className="gains">
          {members.map((one) => (
            <li key={one.member_id}>
              <Link to={`/members/${encodeURIComponent(one.member_id)}`}><Id>{one.member_id}</Id></Link>
              <span className="faint num">{number(one.live_points)} → {number(one.draft_points)}</span>
              <Points signed value={one.draft_points - one.live_points} />
            </li>
          ))}
        </ul>
      ) : (
        <p className="faint">{t("backtest.nobody")}</p>
      )}
    </Panel>
  )
}

function Result({ result }: { result: BackTestResult }) {
  const { t } = useLanguage()
  const { number, signed, yuan } = useFormats()
  const more = result.difference_points > 0
  const failed = result.draft_failed + result.live_failed
  return (
    <>
      <div className="figures">
        <Figure
          name={t("backtest.difference")}
          value={signed(result.difference_points)}
          tone={more ? "warn" : result.difference_points < 0 ? "good" : undefined}
          note={t(more ? "backtest.costs_more" : "backtest.costs_less", { yuan: yuan(Math.abs(result.difference_fen)) })}
        />
        <Figure name={t("arm.live")} value={number(result.live.points)} note={t("backtest.of", { grants: number(result.live.grants), members: number(result.live.members) })} />
        <Figure name={t("backtest.this")} value={number(result.draft.points)} note={t("backtest.of", { grants: number(result.draft.grants), members: number(result.draft.members) })} />
        <Figure name={t("backtest.gain")} value={number(result.members_gain)} tone="good" note={t("backtest.same", { n: number(result.members_same) })} />
        <Figure name={t("backtest.lose")} value={number(result.members_lose)} tone={result.members_lose ? "bad" : undefined} />
      </div>
      {failed > 0 && <Alert className="gap" type="warning" showIcon title={t("backtest.failed_events", { n: number(failed) })} />}
      <div className="dashboard gap">
        <Distribution result={result} />
        <ByMonth result={result} />
        <ByRule result={result} />
        <ByCity result={result} />
        <Most title={t("backtest.gains")} members={result.gains} />
        <Most title={t("backtest.losses")} members={result.losses} />
      </div>
    </>
  )
}

/** One back-test: how far it is while it runs, then what would have been otherwise. */
export function BackTestPage() {
  const { t } = useLanguage()
  const may = useMay()
  const id = useParams().test ?? ""
  const found = useLoad((signal) => backTests.get(id, signal), [id])
  const test = found.data
  const open = !!test && isOpen(test)
  const { reload } = found
  useEffect(() => {
    if (!open) return
    const timer = setInterval(() => {
      if (!document.hidden) reload()
    }, LOOK_MS)
    return () => clearInterval(timer)
  }, [open, reload])
  const act = useAct(async (how: "stop" | "resume") => {
    await backTests.control(id, how)
    reload()
  })
  const against = test?.against_version
  return (
    <Page
      title={test?.title ?? t("rules.tab.back-tests")}
      note={test && <><State group="backtest_state" code={test.state} /> <span className="num">{test.from} – {test.to}</span> · {against ? t("diff.against", { version: against }) : t("backtest.as_was")} · {test.by}</>}
      back={{ to: "/rules/back-tests", text: t("rules.tab.back-tests") }}
      acts={
        test && may("edit.rules") ? (
          <>
            {open && <Button danger loading={act.doing} onClick={() => void act.run("stop")}>{t("runs.stop")}</Button>}
            {(test.state === "stopped" || test.state === "failed") && <Button type="primary" loading={act.doing} onClick={() => void act.run("resume")}>{t("runs.resume")}</Button>}
          </>
        ) : null
      }
    >
      <Show of={found} rows={10}>
        {(one) => (
          <>
            {one.fault && <Alert className="gap" type="error" showIcon title={t("backtest.failed")} description={one.fault} />}
            {one.state !== "finished" && <Going test={one} />}
            {one.result && <Result result={one.result} />}
          </>
        )}
      </Show>
    </Page>
  )
}
