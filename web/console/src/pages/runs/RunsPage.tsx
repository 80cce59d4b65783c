import { Button, DatePicker, Empty, Form, Segmented, Skeleton, Tooltip } from "antd"
import dayjs, { type Dayjs } from "dayjs"
import { useEffect, useState } from "react"
import { Link } from "react-router-dom"
import { runs as calls } from "../../api/calls"
import { notices, type NoticeRun, type NoticeRunKind } from "../../api/office"
import type { Run, SweepKind } from "../../api/types"
import { useLanguage } from "../../i18n"
import { useFormats } from "../../i18n/format"
import { useLive } from "../../live/Live"
import { AskReason } from "../../parts/AskReason"
import { Moment } from "../../parts/bits"
import { useList } from "../../parts/load"
import { Page, Panel } from "../../parts/Page"
import { ProblemBox } from "../../parts/Problem"
import { RunLine } from "../../parts/RunLine"
import { useMay } from "../../session/Session"

type Kind = SweepKind | NoticeRunKind
type AnyRun = Run | NoticeRun
type Asking = { act: "start"; run_on?: string } | { act: "stop"; run: AnyRun } | { act: "resume"; run: AnyRun }
const KINDS: Kind[] = ["settle", "expire", "remind", "wake_up"]
const LOOK_MS = 2_000

/** Runs that move points, and runs that tell members something, are asked for at two places. */
const isNotice = (kind: Kind): kind is NoticeRunKind => kind === "remind" || kind === "wake_up"
const begin = (kind: Kind, run_on: string, reason: string) =>
  isNotice(kind) ? notices.start({ kind, run_on, reason }) : calls.start({ kind, run_on, reason })
const halt = ({ kind, run_on }: AnyRun, reason: string) =>
  isNotice(kind) ? notices.stop(kind, run_on, reason) : calls.stop(kind, run_on, reason)

/** The stream's word on a run is newer than the list's, for the same day. */
export function freshest(listed: Run[], live: Run[], kind: SweepKind): Run[] {
  const news = new Map(live.filter((run) => run.kind === kind).map((run) => [run.run_on, run]))
  const known = listed.map((run) => {
    const newer = news.get(run.run_on)
    news.delete(run.run_on)
    return newer ?? run
  })
  const last = listed.at(-1)?.run_on ?? ""
  const unknown = [...news.values()].filter((run) => run.run_on > last)
  return [...unknown, ...known].sort((a, b) => b.run_on.localeCompare(a.run_on))
}

export default function RunsPage() {
  const { t } = useLanguage()
  const { number, seconds } = useFormats()
  const may = useMay()
  const { pulse, tick, businessOn } = useLive()
  const [kind, setKind] = useState<Kind>("settle")
  const [asking, setAsking] = useState<Asking | null>(null)
  const list = useList<AnyRun>(
    (cursor, signal) => (isNotice(kind) ? notices.runs({ kind, cursor, signal }) : calls.list({ kind, cursor, signal })),
    [kind, tick],
  )
  const shown: AnyRun[] = isNotice(kind) ? list.items : freshest(list.items as Run[], pulse?.runs ?? [], kind)
  const { reload } = list
  const going = isNotice(kind) && shown.some((run) => run.state === "running")
  useEffect(() => {
    // The stream tells of runs that move points only.
    if (!going) return
    const timer = setInterval(() => {
      if (!document.hidden) reload()
    }, LOOK_MS)
    return () => clearInterval(timer)
  }, [going, reload])
  const controls = may("control.runs")
  const work = async ({ reason, run_on }: { reason: string; run_on?: unknown }) => {
    if (asking?.act === "stop") await halt(asking.run, reason)
    else if (asking?.act === "resume") await begin(asking.run.kind, asking.run.run_on, reason)
    else await begin(kind, (run_on as Dayjs).format("YYYY-MM-DD"), reason)
  }
  const button = (run: AnyRun) =>
    run.state === "running" ? (
      <Button danger disabled={!controls} onClick={() => setAsking({ act: "stop", run })}>
        {t("runs.stop")}
      </Button>
    ) : run.state === "stopped" ? (
      <Button disabled={!controls} onClick={() => setAsking({ act: "resume", run })}>
        {t("runs.resume")}
      </Button>
    ) : null
  return (
    <Page
      title={t("nav.runs")}
      note={t("runs.note")}
      acts={
        <Tooltip title={controls ? undefined : t("may.not")}>
          <Button type="primary" disabled={!controls} onClick={() => setAsking({ act: "start" })}>
            {t("runs.start")}
          </Button>
        </Tooltip>
      }
    >
      <div className="bar">
        <Segmented
          value={kind}
          onChange={setKind}
          options={KINDS.map((value) => ({ value, label: t(`sweep.${value}`) }))}
        />
      </div>
      <ProblemBox error={list.error} retry={list.reload} />
      {list.first && !list.error && <Skeleton className="panel-skeleton" active />}
      {!list.first && !shown.length && <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t("runs.none")} />}
      <div className="run-list">
        {shown.map((run) => (
          <Panel key={run.run_on} className="run-panel">
            <RunLine run={run} />
            <div className="run-foot">
              <span>
                {t(isNotice(run.kind) ? "runs.told" : "runs.members", { n: number(run.members) })}
                {"cut_points" in run && run.cut_points > 0 && <> · <Link to="/screening">{t("runs.cut", { n: number(run.cut_points) })}</Link></>} · <Moment at={run.started_at} />
                {run.finished_at && ` · ${t("runs.took", { s: number(Math.round(seconds(run.started_at, run.finished_at) * 10) / 10) })}`}
              </span>
              {button(run)}
            </div>
          </Panel>
        ))}
      </div>
      {list.more && <Button loading={list.loading} onClick={list.loadMore}>{t("list.more")}</Button>}
      <AskReason
        open={!!asking}
        title={asking?.act === "start" ? t(`runs.start.${kind}`) : asking ? t(`runs.${asking.act}.title`, { on: asking.run.run_on }) : ""}
        text={asking && t(asking.act === "start" && isNotice(kind) ? "runs.start.told" : `runs.${asking.act}.text`)}
        ok={asking ? t(`runs.${asking.act}`) : ""}
        danger={asking?.act === "stop"}
        done={asking ? t(`runs.${asking.act}.done`) : ""}
        initial={{ run_on: businessOn ? dayjs(businessOn) : undefined }}
        work={work}
        close={(done) => {
          setAsking(null)
          if (done) list.reload()
        }}
      >
        {asking?.act === "start" && (
          <Form.Item name="run_on" label={t("runs.run_on")} rules={[{ required: true, message: t("runs.run_on.missing") }]}>
            <DatePicker allowClear={false} className="wide" maxDate={businessOn ? dayjs(businessOn) : undefined} />
          </Form.Item>
        )}
      </AskReason>
    </Page>
  )
}
