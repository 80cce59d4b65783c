import { Progress } from "antd"
import type { NoticeRun } from "../api/office"
import type { Run } from "../api/types"
import { useLanguage } from "../i18n"
import { useFormats } from "../i18n/format"
import { State } from "./bits"

/** How far a run is, in whole percent; only one that is finished is all the way. */
export function percentOf(run: Run | NoticeRun): number {
  if (run.state === "finished") return 100
  return run.due ? Math.min(99, Math.floor((100 * run.items) / run.due)) : 0
}

/** A run in one line: what, of which day, how far. */
export function RunLine({ run }: { run: Run | NoticeRun }) {
  const { t } = useLanguage()
  const { number } = useFormats()
  const percent = percentOf(run)
  const said = t("runs.line", { items: number(run.items), due: number(run.due), points: number(run.points) })
  return (
    <div className="run">
      <div className="run-head">
        <b>{t(`sweep.${run.kind}`)}</b>
        <span className="num">{run.run_on}</span>
        <State group="run" code={run.state} />
      </div>
      <Progress
        aria-label={`${t(`sweep.${run.kind}`)} ${run.run_on}`}
        percent={percent}
        size="small"
        status={run.state === "finished" ? "success" : run.state === "running" ? "active" : "normal"}
        format={() => `${percent}%`}
      />
      <small>{said}</small>
    </div>
  )
}
