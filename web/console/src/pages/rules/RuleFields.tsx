import { Alert, Form, Segmented, Select } from "antd"
import type { ReactNode } from "react"
import { type Key, useLanguage } from "../../i18n"
import { CapsInput } from "../../rules/CapsInput"
import { CodesInput, CountInput, MomentInput, MoneyInput, WeekdaysInput } from "../../rules/Inputs"
import { MatrixInput } from "../../rules/MatrixInput"
import { allowedEvents, choosesEvents, listens, overHistory, type Programme, type Rule } from "../../rules/model"
import { choicesOf, ruleHas } from "../../rules/parts"
import { Condition } from "./Condition"
import { Item } from "./fields"

type Fields = { rule: Rule; programme: Programme; /** Puts the rule into the draft. */ keep: (rule: Rule) => void }

/** One figure for all, or a table of them by tier and city. */
function ByTierAndCity({ rule, programme, keep, field, children }: Fields & { field: "factor" | "points"; children: ReactNode }) {
  const { t } = useLanguage()
  const form = Form.useFormInstance<Rule>()
  if (!ruleHas(rule.kind, "matrix")) return <>{children}</>
  const choose = (way: "one" | "matrix") => {
    if ((way === "matrix") === !!rule.matrix) return
    const first = rule[field] ?? (field === "factor" ? { times: 2 } : 10)
    const next =
      way === "matrix"
        ? { matrix: { cells: [], otherwise: first }, [field]: undefined }
        : { matrix: undefined, [field]: rule.matrix?.otherwise ?? (field === "factor" ? { times: 2, per: 1 } : 10) }
    form.setFieldsValue(next as Partial<Rule>)
    keep({ ...rule, ...next })
  }
  return (
    <>
      <div className="item-wide gap">
        <Segmented
          value={rule.matrix ? "matrix" : "one"}
          onChange={choose}
          aria-label={t("matrix.way")}
          options={[{ value: "one", label: t("matrix.one") }, { value: "matrix", label: t("matrix.many") }]}
        />
      </div>
      {rule.matrix ? (
        <Item name="matrix" wide>
          <MatrixInput of={field} tiers={programme.tiers ?? []} editable />
        </Item>
      ) : (
        children
      )}
    </>
  )
}

export function Reward({ rule, programme, keep }: Fields) {
  const { t, name } = useLanguage()
  const bases = (programme.rules ?? []).filter((one) => one.kind === "per_amount")
  const groups = programme.stacking?.groups ?? []
  const choices = (group: string, codes: string[]) => codes.map((value) => ({ value, label: t(`${group}.${value}` as Key) }))
  const points = <CountInput unit={t("unit.points")} min={1} max={1_000_000} />
  const orNone = <CountInput unit={t("unit.points")} max={1_000_000} />
  const filters = (
    <>
      <Item name="min_order_fen"><MoneyInput /></Item>
      <Item name="lines.categories"><CodesInput /></Item>
      <Item name="lines.tags"><CodesInput options={["promotion", "high_margin"]} /></Item>
    </>
  )
  switch (rule.kind) {
    case "per_amount":
      return <><Item name="per_fen"><MoneyInput /></Item><Item name="points" label="points.per">{points}</Item>{filters}</>
    case "multiplier":
      return (
        <>
          <Item name="of" wide>
            <Select options={bases.map((one) => ({ value: one.id, label: `${name(one.name)} · ${one.id}` }))} />
          </Item>
          <ByTierAndCity rule={rule} programme={programme} keep={keep} field="factor">
            <Item name="factor.times"><CountInput min={1} max={100} /></Item>
            <Item name="factor.per"><CountInput min={1} max={100} /></Item>
          </ByTierAndCity>
          {ruleHas(rule.kind, "group") && (
            <Item name="group" wide>
              <Select allowClear options={groups.map((one) => ({ value: one.id, label: `${one.name ? name(one.name) : one.id} · ${t(`combine.${one.combine ?? "best"}`)}` }))} />
            </Item>
          )}
          {filters}
        </>
      )
    case "fixed":
      return (
        <>
          <ByTierAndCity rule={rule} programme={programme} keep={keep} field="points">
            <Item name="points">{points}</Item>
          </ByTierAndCity>
          <Item name="limit"><Select options={choices("limit", ["event", "day", "month", "life", "order"])} /></Item>
        </>
      )
    case "streak":
      return (
        <>
          <Item name="activity"><Select options={choices("activity", ["check_in", "shopping"])} /></Item>
          <Item name="days"><CountInput unit={t("unit.days")} min={2} max={366} /></Item>
          <Item name="points">{points}</Item>
        </>
      )
    case "goal":
      return <><Item name="threshold_fen"><MoneyInput /></Item><Item name="points">{points}</Item></>
    case "invitation":
      return <><Item name="inviter_points">{orNone}</Item><Item name="invitee_points">{orNone}</Item></>
    case "share":
      return <><Item name="sharer_points">{orNone}</Item><Item name="friend_points">{orNone}</Item></>
  }
}

/** When the points arrive, how many there may be at the most, and whether a spent budget pauses the rule. */
export function Arrival({ rule }: { rule: Rule }) {
  const { t, code } = useLanguage()
  return (
    <>
      {ruleHas(rule.kind, "arrives") && (
        <Item name="arrives" wide>
          <Select options={choicesOf(rule.kind, "arrives").map((value) => ({ value, label: code("arrives", value) }))} />
        </Item>
      )}
      {ruleHas(rule.kind, "caps") && (
        <Item name="caps" wide><CapsInput /></Item>
      )}
      {ruleHas(rule.kind, "essential") && (
        <Item name="essential" wide>
          <Select
            allowClear
            placeholder={t(rule.kind === "per_amount" ? "essential.left.yes" : "essential.left.no")}
            options={[{ value: true, label: t("essential.yes") }, { value: false, label: t("essential.no") }]}
          />
        </Item>
      )}
    </>
  )
}

export function Scope({ rule, rules }: { rule: Rule; rules: Rule[] }) {
  const { t, code } = useLanguage()
  return (
    <>
      {choosesEvents(rule.kind) && (
        <Item name="on" wide>
          <Select
            mode="multiple"
            allowClear
            options={allowedEvents(rule.kind).map((value) => ({ value, label: `${code("event", value)} · ${value}` }))}
          />
        </Item>
      )}
      <Item name="starts_at"><MomentInput /></Item>
      <Item name="ends_at"><MomentInput /></Item>
      {overHistory(rule.kind) ? (
        <Alert className="item-wide" type="info" showIcon title={t("rule.over_history")} />
      ) : (
        <>
          <Item name="cities"><CodesInput /></Item>
          <Item name="weekdays"><WeekdaysInput /></Item>
          <Item name="when" wide><Condition events={listens(rule, rules)} /></Item>
        </>
      )}
    </>
  )
}
