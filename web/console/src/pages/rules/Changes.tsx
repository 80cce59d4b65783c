import { Empty } from "antd"
import type { Change, Name } from "../../api/types"
import { useLanguage } from "../../i18n"
import { useFormats } from "../../i18n/format"
import { Badge, Facts, Id } from "../../parts/bits"
import zh from "../../i18n/zh.json"
import { type Place, steps } from "../../rules/faults"
import { MatrixInput } from "../../rules/MatrixInput"
import { type Factor, factorText, type Matrix } from "../../rules/parts"

const TONES = { added: "good", removed: "bad", changed: "accent" } as const

const figuresOf = (matrix: Matrix) => (matrix.cells?.some((one) => one.factor) ? "factor" : "points")

/** A value of a document as a person reads it. */
function Value({ of, field }: { of: unknown; field: string }) {
  const { t, name, code } = useLanguage()
  const { yuan, number, moment, share } = useFormats()
  // A part names its fields by itself (`budget.floor_fen`), or as others do.
  const nameOf = (one: string, part: string) => {
    const found = [`${part}.${one}`, one].find((key) => `field.${key}` in zh)
    return found ? code("field", found) : one
  }
  if (of === null || of === undefined) return <span className="faint">{t("diff.nothing")}</span>
  if (typeof of === "boolean") return <>{t(of ? "yes" : "no")}</>
  if (typeof of === "number") {
    return <span className="num">{field.endsWith("fen") ? yuan(of) : field.endsWith("basis_points") ? share(of) : number(of)}</span>
  }
  if (typeof of === "string") return <>{field.endsWith("_at") ? moment(of) : of}</>
  if (Array.isArray(of) && of.every((one) => typeof one !== "object")) {
    return <>{of.map((one) => (field === "weekdays" ? code("weekday", String(one)) : String(one))).join(" · ")}</>
  }
  const object = of as Record<string, unknown>
  if (typeof object.zh === "string" && typeof object.en === "string" && Object.keys(object).length === 2) {
    return <>{name(object as Name)}</>
  }
  if (field === "matrix") return <MatrixInput of={figuresOf(object as Matrix)} value={object as Matrix} tiers={[]} editable={false} />
  if (field === "factor" && typeof object.times === "number") return <span className="num">×{factorText(object as Factor)}</span>
  if (Array.isArray(of)) {
    return <div className="listed">{of.map((one, at) => <Value key={at} of={one} field="" />)}</div>
  }
  const said = Object.entries(object).filter(([, value]) => value !== null && value !== undefined)
  return said.length ? (
    <Facts items={said.map(([name, value]) => [nameOf(name, field), <Value of={value} field={name} />])} />
  ) : (
    <span className="faint">{t("diff.nothing")}</span>
  )
}

/** The changes of a programme, rule by rule: what was beside what will be. */
export function Changes({ changes }: { changes: Change[] }) {
  const { t, code } = useLanguage()
  const fieldName = (path: Place) => {
    const whole = path.filter((step) => typeof step === "string").join(".")
    const last = String(path.at(-1))
    const found = [whole, last].find((field) => code("field", field) !== `${field}`)
    return found === undefined ? whole : code("field", found)
  }
  if (!changes.length) return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t("diff.none")} />
  const groups = new Map<string, Change[]>()
  for (const change of changes) groups.set(change.rule ?? "", [...(groups.get(change.rule ?? "") ?? []), change])
  return (
    <div className="changes">
      {[...groups].map(([rule, found]) => (
        <section key={rule} className="change-group">
          <h3>{rule ? <Id>{rule}</Id> : t("diff.programme")}</h3>
          {found.map((change) => {
            const path = steps(change.place)
            const last = String(path.at(-1) ?? "")
            const what = !path.length ? t("diff.rule") : !change.rule && change.place === "/rules" ? t("diff.order") : fieldName(path)
            return (
              <div className={`change change-${change.kind}`} key={change.place + change.kind}>
                <div className="change-what">
                  <Badge tone={TONES[change.kind]}>{t(`diff.${change.kind}`)}</Badge>
                  <span>{what}</span>
                </div>
                {change.kind !== "added" && (
                  <div className="change-side change-before">
                    <Value of={change.before} field={last} />
                  </div>
                )}
                {change.kind !== "removed" && (
                  <div className="change-side change-after">
                    <Value of={change.after} field={last} />
                  </div>
                )}
              </div>
            )
          })}
        </section>
      ))}
    </div>
  )
}
