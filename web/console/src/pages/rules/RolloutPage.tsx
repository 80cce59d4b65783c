import { Button, Timeline } from "antd"
import { useState } from "react"
import { Link, useParams } from "react-router-dom"
import { type Rollout, rollouts, type Trial } from "../../api/release"
import { useLanguage } from "../../i18n"
import { useLive } from "../../live/Live"
import { AskReason } from "../../parts/AskReason"
import { Moment, State } from "../../parts/bits"
import { useCalm, useLoad } from "../../parts/load"
import { Page, Panel, Show } from "../../parts/Page"
import { useMay } from "../../session/Session"
import { Arms, Guarded } from "./Arms"
import { useDesk } from "./context"
import { useReach } from "./RolloutsList"
import { ShadowPanel } from "./ShadowPanel"
import { AskStage, stepOf } from "./Stage"

const CALM_MS = 5_000
const NEXT: Record<Trial, Trial> = { shadow: "cities", cities: "percent", percent: "all", all: "all" }
const isOver = ({ stage }: Rollout) => stage === "retired" || stage === "rolled_back"

function Steps({ rollout }: { rollout: Rollout }) {
  const { t } = useLanguage()
  const reach = useReach()
  const colours = { rolled_back: "red", retired: "gray", all: "green" } as Record<string, string>
  return (
    <Panel title={t("rollout.steps")}>
      <Timeline
        items={rollout.steps.toReversed().map((step, at) => ({
          key: at,
          color: colours[step.stage] ?? "orange",
          content: (
            <div className="step">
              <span className="rule-name">
                <State group="stage" code={step.stage} /> {step.stage === "cities" || step.stage === "percent" ? reach(step) : null}
              </span>
              <p>{step.reason}</p>
              <small>
                {step.actor} · <Moment at={step.at} />
              </small>
            </div>
          ),
        }))}
      />
    </Panel>
  )
}

function Acts({ rollout, reload }: { rollout: Rollout; reload: () => void }) {
  const { t } = useLanguage()
  const desk = useDesk()
  const [asking, setAsking] = useState<"step" | "rollback" | "retire" | null>(null)
  const close = (done: boolean) => {
    setAsking(null)
    if (!done) return
    reload()
    desk.reloadLive()
  }
  const stage = rollout.stage as Trial
  return (
    <>
      {stage !== "all" && <Button onClick={() => setAsking("retire")}>{t("rollout.retire")}</Button>}
      <Button danger onClick={() => setAsking("rollback")}>{t("rollout.rollback")}</Button>
      {stage !== "all" && <Button type="primary" onClick={() => setAsking("step")}>{t("rollout.step")}</Button>}
      <AskStage
        open={asking === "step"}
        title={t("rollout.step")}
        initial={{ stage: NEXT[stage], cities: rollout.cities, percent: stage === "percent" ? Math.min(100, 2 * (rollout.percent ?? 5)) : undefined }}
        ok={t("rollout.step")}
        done={t("rollout.step.done")}
        work={(values) => rollouts.step(rollout.version, stepOf(values))}
        close={close}
      />
      <AskReason
        open={asking === "rollback" || asking === "retire"}
        danger={asking === "rollback"}
        title={t(asking === "retire" ? "rollout.retire" : "rollout.rollback")}
        text={t(asking === "retire" ? "rollout.retire.text" : "rollout.rollback.text")}
        ok={t(asking === "retire" ? "rollout.retire" : "rollout.rollback")}
        done={t(asking === "retire" ? "rollout.retire.done" : "rollout.rollback.done")}
        work={({ reason }) => rollouts.end(rollout.version, asking === "retire" ? "retire" : "rollback", reason)}
        close={close}
      />
    </>
  )
}

/** One rollout: its steps, both arms beside each other, how near its guardrails are, what its shadow found. */
export function RolloutPage() {
  const { t, name } = useLanguage()
  const may = useMay()
  const reach = useReach()
  const { pulse, tick } = useLive()
  const version = Number(useParams().version)
  const turn = useCalm((pulse?.events_total ?? 0) + tick, CALM_MS)
  const found = useLoad((signal) => rollouts.get(version, signal), [version, turn])
  const rollout = found.data
  return (
    <Page
      title={rollout ? `${name(rollout.title)} · ${t("versions.number", { version })}` : t("versions.number", { version })}
      note={rollout && <><State group="stage" code={rollout.stage} /> {reach(rollout)} · <Link to={`/rules/versions/${version}`}>{t("rollout.says")}</Link></>}
      back={{ to: "/rules/rollouts", text: t("rules.tab.rollouts") }}
      acts={rollout && !isOver(rollout) && may("edit.rules") ? <Acts rollout={rollout} reload={found.reload} /> : null}
    >
      <Show of={found} rows={10}>
        {(one) => (
          <>
            <div className="halves halves-wide">
              {one.stage === "shadow" && one.shadow ? <ShadowPanel version={version} shadow={one.shadow} /> : <Arms rollout={one} />}
              <div>
                <Steps rollout={one} />
                {one.stage !== "shadow" && <Guarded guardrails={one.guardrails} arm={one.candidate} />}
              </div>
            </div>
            {one.stage !== "shadow" && one.shadow && <ShadowPanel version={version} shadow={one.shadow} />}
          </>
        )}
      </Show>
    </Page>
  )
}
