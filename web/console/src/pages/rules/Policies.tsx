import { Input, Segmented, Select } from "antd"
import type { ReactNode } from "react"
import { type Key, useLanguage } from "../../i18n"
import { Panel } from "../../parts/Page"
import { CountInput, MoneyInput, PercentInput } from "../../rules/Inputs"
import { type Programme, SETTINGS_FIELDS } from "../../rules/model"
import { MapInput, OptionalInput, RowsInput, type Spec } from "../../rules/Rows"
import { type Budget, type Group, type MakeUp, NEW_BUDGET, NEW_MAKE_UP, type ScreeningCap, type Tier } from "../../rules/parts"
import { Item } from "./fields"

const has = (field: string) => SETTINGS_FIELDS.includes(field)
const id: Spec = { name: "id", label: "rate.id", input: <Input className="mono" maxLength={64} /> }
const named: Spec[] = [
  { name: "name.zh", label: "rate.name.zh", input: <Input maxLength={100} /> },
  { name: "name.en", label: "rate.name.en", input: <Input maxLength={100} lang="en" /> },
]

function Choice({ group, codes, ...rest }: { group: string; codes: string[]; value?: string; onChange?: (value: string) => void; id?: string }) {
  const { t } = useLanguage()
  return <Segmented {...rest} options={codes.map((value) => ({ value, label: t(`${group}.${value}` as Key) }))} />
}

function Pick({ group, codes, ...rest }: { group: string; codes: string[] } & Record<string, unknown>) {
  const { t } = useLanguage()
  return <Select {...rest} className="wide" options={codes.map((value) => ({ value, label: t(`${group}.${value}` as Key) }))} />
}

function Section({ of, show, children }: { of: "tiers" | "stacking" | "check_in" | "screening" | "budget" | "reminders"; show: string; children: ReactNode }) {
  const { t } = useLanguage()
  if (!has(show)) return null
  return <Panel title={t(`settings.part.${of}`)} note={t(`settings.part.${of}.note`)}>{children}</Panel>
}

function BudgetInput({ rules, editable, ...rest }: {
  value?: Budget | null
  onChange?: (value: Budget | null) => void
  id?: string
  rules: { value: string; label: string }[]
  editable: boolean
}) {
  const { t } = useLanguage()
  const specs: Spec[] = [
    { name: "sales_basis_points", label: "budget.sales_basis_points", input: <PercentInput /> },
    { name: "points_per_yuan", label: "budget.points_per_yuan", input: <CountInput unit={t("unit.points")} min={1} max={1_000_000} /> },
    { name: "warn_percent", label: "budget.warn_percent", input: <CountInput unit="%" min={1} max={1_000} /> },
    { name: "pause_percent", label: "budget.pause_percent", input: <CountInput unit="%" min={1} max={1_000} /> },
    { name: "floor_fen", label: "budget.floor_fen", input: <MoneyInput /> },
  ]
  return (
    <OptionalInput<Budget> {...rest} specs={specs} fresh={NEW_BUDGET} label="budget.on">
      {(value, onChange) => (
        <div className="halves">
          <div>
            <h3>{t("budget.cities")}</h3>
            <MapInput
              editable={editable}
              value={value.cities}
              onChange={(cities) => onChange({ ...value, cities })}
              keyInput={<Input maxLength={64} />}
              figureInput={<PercentInput />}
              keyLabel="budget.city"
              figureLabel="budget.of_sales"
              fresh={200}
              add="budget.city.add"
              none="budget.cities.none"
            />
          </div>
          <div>
            <h3>{t("budget.rules")}</h3>
            <MapInput
              editable={editable}
              value={value.rules}
              onChange={(found) => onChange({ ...value, rules: found })}
              keyInput={<Select showSearch className="wide" options={rules} />}
              figureInput={<MoneyInput />}
              keyLabel="budget.rule"
              figureLabel="budget.a_month"
              fresh={100_000}
              add="budget.rule.add"
              none="budget.rules.none"
            />
          </div>
        </div>
      )}
    </OptionalInput>
  )
}

/** Tiers, stacking, rounding, check-in, screening, budget, reminders: what holds for all rules together. */
export function Policies({ editable, programme }: { editable: boolean; programme: Programme }) {
  const { t, name } = useLanguage()
  const rules = (programme.rules ?? []).map((rule) => ({ value: rule.id, label: `${rule.name ? name(rule.name) : ""} · ${rule.id}` }))
  const groups: Spec[] = [...named, id, { name: "combine", label: "group.combine", input: <Pick group="combine" codes={["best", "add", "multiply"]} /> }]
  const caps: Spec[] = [
    id,
    { name: "points", label: "cap.points", input: <CountInput unit={t("unit.points")} min={1} max={1_000_000_000} /> },
    { name: "per", label: "cap.per", input: <Pick group="cap_by" codes={["member", "device", "ip", "phone"]} /> },
    { name: "of", label: "cap.of", input: <Pick group="cap_of" codes={["all", "purchases", "others"]} /> },
  ]
  const makeUp: Spec[] = [
    { name: "points", label: "make_up.points", input: <CountInput unit={t("unit.points")} max={1_000_000} /> },
    { name: "days_back", label: "make_up.days_back", input: <CountInput unit={t("unit.days")} min={1} max={31} /> },
    { name: "per_month", label: "make_up.per_month", input: <CountInput unit={t("unit.times")} min={1} max={31} /> },
  ]
  return (
    <>
      <Section of="tiers" show="tiers">
        <Item name="tiers" bare>
          <RowsInput<Tier> editable={editable} ordered specs={[...named, id]} fresh={{ id: "", name: { zh: "", en: "" } }} add="tiers.add" none="tiers.none" />
        </Item>
      </Section>
      <Section of="stacking" show="stacking.across">
        <div className="grid">
          <Item name="stacking.across" wide><Choice group="across" codes={["add", "multiply"]} /></Item>
          <Item name="rounding.mode"><Choice group="rounding" codes={["down", "half_up", "up"]} /></Item>
          <Item name="rounding.per"><Choice group="rounding_per" codes={["order", "line"]} /></Item>
        </div>
        <Item name="stacking.groups">
          <RowsInput<Group> editable={editable} ordered specs={groups} fresh={{ id: "", combine: "best" }} add="stacking.add" none="stacking.none" />
        </Item>
      </Section>
      <Section of="check_in" show="check_in.make_up">
        <Item name="check_in.make_up" bare><OptionalInput<MakeUp> specs={makeUp} fresh={NEW_MAKE_UP} label="make_up.on" /></Item>
      </Section>
      <Section of="screening" show="screening.caps">
        {has("screening.min_order_fen") && (
          <div className="grid"><Item name="screening.min_order_fen"><MoneyInput /></Item></div>
        )}
        <Item name="screening.caps">
          <RowsInput<ScreeningCap> editable={editable} ordered specs={caps} fresh={{ id: "", of: "all", per: "member", points: 1_000 }} add="screening.add" none="screening.none" />
        </Item>
      </Section>
      <Section of="budget" show="budget">
        <Item name="budget" bare><BudgetInput rules={rules} editable={editable} /></Item>
      </Section>
      {(has("reminders.expiry_days_ahead") || has("correction_approval_points")) && (
        <Panel title={t("settings.part.reminders")} note={t("settings.part.reminders.note")}>
          <div className="grid">
            {has("reminders.expiry_days_ahead") && (
              <>
                <Item name="reminders.expiry_days_ahead"><CountInput unit={t("unit.days")} min={1} max={366} /></Item>
                <Item name="reminders.silent_after_days"><CountInput unit={t("unit.days")} min={1} max={366} /></Item>
                <Item name="reminders.silent_again_days"><CountInput unit={t("unit.days")} min={1} max={366} /></Item>
                <Item name="reminders.silent_coupon"><Input className="mono" maxLength={64} /></Item>
                <Item name="reminders.birthday_coupon"><Input className="mono" maxLength={64} /></Item>
              </>
            )}
            {has("correction_approval_points") && (
              <Item name="correction_approval_points"><CountInput unit={t("unit.points")} max={1_000_000_000} /></Item>
            )}
          </div>
        </Panel>
      )}
    </>
  )
}
