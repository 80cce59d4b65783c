import { CheckCircleFilled, MinusCircleOutlined } from "@ant-design/icons"
import { Alert } from "antd"
import type { Name, Outcome, Skip } from "../api/types"
import { useLanguage } from "../i18n"
import { useFormats } from "../i18n/format"
import { Id, State } from "./bits"

type Naming = { nameOf?: (rule: string) => Name | undefined; sentenceOf?: (rule: string) => Name | undefined }

/** Why a rule gave nothing, with the figures of this case. */
export function useSkipReason() {
  const { code } = useLanguage()
  const { yuan } = useFormats()
  return (skip: Skip) => {
    const detail = Object.fromEntries(
      Object.entries(skip.detail ?? {}).map(([name, value]) => [
        name, name.endsWith("_fen") && typeof value === "number" ? yuan(value) : value,
      ]),
    )
    return code("skip", skip.reason, detail)
  }
}

/** An outcome explained: which rules fired, which did not, and why. */
export function Explained({ outcome, nameOf, sentenceOf }: { outcome: Outcome } & Naming) {
  const { t, name, code } = useLanguage()
  const { signed, number } = useFormats()
  const reasonOf = useSkipReason()
  const called = (rule: string) => {
    const found = nameOf?.(rule)
    return found ? name(found) : rule
  }
  const granted = outcome.granted ?? []
  const silent = [...(outcome.skipped ?? []), ...(outcome.out_of_scope ?? [])]
  const total = granted.reduce((sum, one) => sum + one.points, 0)
  return (
    <div className="explained">
      <div className="explained-head">
        <State group="outcome" code={outcome.outcome} />
        <b className="num">{t("explained.total", { n: number(total) })}</b>
      </div>
      {outcome.code && (
        <Alert
          className="gap"
          type="warning"
          showIcon
          title={code("park", outcome.code)}
          description={
            <>
              {outcome.detail} {outcome.place && <Id>{outcome.place}</Id>}
            </>
          }
        />
      )}
      {!!outcome.reversed_points && <p>{t("explained.reversed", { n: number(outcome.reversed_points) })}</p>}
      {!!outcome.withdrawn?.length && <p>{t("explained.withdrawn", { n: outcome.withdrawn.length })}</p>}
      <h3>{t("explained.fired", { n: granted.length })}</h3>
      {granted.length ? (
        <ul className="fired">
          {granted.map((one) => {
            const sentence = sentenceOf?.(one.rule)
            return (
              <li key={one.key + one.member_id}>
                <CheckCircleFilled className="good" />
                <div>
                  <b>{called(one.rule)}</b> <Id>{one.rule}</Id>
                  {sentence && <p>{name(sentence)}</p>}
                  <small>
                    {t("explained.settles", { on: one.settle_on })} · {t("explained.for", { member: one.member_id })}
                  </small>
                </div>
                <span className="num num-in">{signed(one.points)}</span>
              </li>
            )
          })}
        </ul>
      ) : (
        <p className="faint">{t("explained.none")}</p>
      )}
      {silent.length > 0 && (
        <>
          <h3>{t("explained.silent", { n: silent.length })}</h3>
          <ul className="fired silent">
            {silent.map((one, at) => (
              <li key={`${one.rule}${at}`}>
                <MinusCircleOutlined />
                <div>
                  <span>{called(one.rule)}</span> <Id>{one.rule}</Id>
                </div>
                <span className="why">{reasonOf(one)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  )
}
