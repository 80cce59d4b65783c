import { Progress } from "antd"
import type { Arm, Guardrails, Rollout } from "../../api/release"
import { type Key, useLanguage } from "../../i18n"
import { useFormats } from "../../i18n/format"
import { Panel } from "../../parts/Page"

type Row = { name: Key; of: (arm: Arm) => number | null; as: "number" | "yuan" | "share" }
const ROWS: Row[] = [
  { name: "arm.members", of: (arm) => arm.members, as: "number" },
  { name: "arm.orders", of: (arm) => arm.orders, as: "number" },
  { name: "arm.sales", of: (arm) => arm.sales_fen, as: "yuan" },
  { name: "arm.an_order", of: (arm) => (arm.orders ? Math.round(arm.sales_fen / arm.orders) : null), as: "yuan" },
  { name: "arm.points", of: (arm) => arm.granted_points, as: "number" },
  { name: "arm.refunds", of: (arm) => arm.refund_basis_points, as: "share" },
  { name: "arm.cost", of: (arm) => arm.cost_basis_points, as: "share" },
]

/** Two arms beside each other: who has the version, and who has what holds. */
export function Arms({ rollout }: { rollout: Rollout }) {
  const { t } = useLanguage()
  const { number, yuan, share } = useFormats()
  const say = (value: number | null, as: Row["as"]) => value === null ? "–" : as === "yuan" ? yuan(value) : as === "share" ? share(value) : number(value)
  const { live, candidate } = rollout
  return (
    <Panel title={t("arm.title")} note={t("arm.note")}>
      <table className="arms">
        <thead>
          <tr>
            <td />
            <th scope="col">{t("arm.live")}</th>
            <th scope="col" className="arm-new">{t("arm.candidate")}</th>
          </tr>
        </thead>
        <tbody>
          {ROWS.map(({ name, of, as }) => {
            const [a, b] = [of(live), of(candidate)]
            const worse = as === "share" && a !== null && b !== null && b > a
            return (
              <tr key={name}>
                <th scope="row">{t(name)}</th>
                <td className="num">{say(a, as)}</td>
                <td className={`num arm-new ${worse ? "arm-worse" : ""}`}>{say(b, as)}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </Panel>
  )
}

function Guard({ name, now, most }: { name: string; now: number | null; most: number }) {
  const { t } = useLanguage()
  const { share } = useFormats()
  const percent = now === null ? 0 : most ? Math.min(100, Math.round((100 * now) / most)) : 100
  return (
    <div className="guard">
      <div className="card-line">
        <b>{name}</b>
        <span className="num">{t("guard.of", { now: now === null ? "–" : share(now), most: share(most) })}</span>
      </div>
      <Progress aria-label={name} percent={percent} showInfo={false} size="small" status={percent >= 100 ? "exception" : "normal"} />
    </div>
  )
}

/** How near the version is to being rolled back by itself. */
export function Guarded({ guardrails, arm }: { guardrails: Guardrails; arm: Arm }) {
  const { t } = useLanguage()
  const { number } = useFormats()
  const cost = guardrails.max_cost_basis_points
  const refund = guardrails.max_refund_basis_points
  const least = guardrails.least_orders ?? 0
  return (
    <Panel title={t("guard.title")} note={t("guard.note")}>
      {cost == null && refund == null ? (
        <p className="faint">{t("guard.none")}</p>
      ) : (
        <>
          {cost != null && <Guard name={t("guard.cost")} now={arm.cost_basis_points} most={cost} />}
          {refund != null && <Guard name={t("guard.refund")} now={arm.refund_basis_points} most={refund} />}
          <p className="faint">
            {t(arm.orders >= least ? "guard.asked" : "guard.not_yet", { n: number(arm.orders), least: number(least) })}
          </p>
        </>
      )}
    </Panel>
  )
}
