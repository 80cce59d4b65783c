import type { Name } from "../api/types"
import catalogue from "./catalogue.json"
import {
  type Budget, type Cap, type Factor, type MakeUp, type Matrix, NEW_BUDGET, PART_DEFAULTS, programmeHas, type Reminders, type Rounding,
  ruleHas, type Screening, type Stacking, tidyMatrix, type Tier,
} from "./parts"

/** The programme document as it is edited: what is left out has its default (`src/linli/rules/programme.py`). */
export type Kind = "per_amount" | "multiplier" | "fixed" | "streak" | "goal" | "invitation" | "share"
export type LineFilter = { categories?: string[] | null; tags?: string[] | null }
export type Rule = {
  kind: Kind; id: string; name: Name; on?: string | string[] | null; when?: string | null
  starts_at?: string | null; ends_at?: string | null; cities?: string[] | null; weekdays?: number[] | null
  paused?: boolean; wallet?: string; funder?: string; settle_after_days?: number | null; validity_months?: number | null
  points?: number; per_fen?: number; lines?: LineFilter | null; min_order_fen?: number
  of?: string; factor?: Factor; matrix?: Matrix; group?: string | null; limit?: string
  activity?: string; days?: number; period?: string; threshold_fen?: number
  inviter_points?: number; invitee_points?: number; sharer_points?: number; friend_points?: number
  arrives?: string; caps?: Cap[]; essential?: boolean | null
}
export type Rate = {
  id: string; name: Name; points: number; fen: number
  categories?: string[] | null; tags?: string[] | null; weekdays?: number[] | null; cities?: string[] | null
  tiers?: string[] | null; segments?: string[] | null; arms?: string[] | null; cap_percent?: number | null
  funders?: { funder: string; percent: number }[]
}
export type Experiment = { salt: string; arms: { id: string; percent: number }[] }
export type Deduction = {
  ordinary?: { points?: number; fen?: number }; rates?: Rate[]; pick?: string; cap_percent?: number; cap_per?: string
  line_cap_percent?: number | null; order_cap_percent?: number | null; most_fen_per_order?: number | null
  min_points?: number; step_points?: number; excluded?: { skus?: string[]; categories?: string[]; tags?: string[] }
  experiment?: Experiment | null; first_deduction_bonus_points?: number
}
export type Programme = {
  name: string; title: Name; timezone?: string; wallets?: string[]; settle_after_days?: number; validity_months?: number
  hold_minutes?: number; lapsed_grace_days?: number; deduction?: Deduction; rules?: Rule[]
  tiers?: Tier[]; stacking?: Stacking; rounding?: Rounding; return_window_days?: number
  check_in?: { make_up?: MakeUp | null }; screening?: Screening; budget?: Budget | null; reminders?: Reminders
  correction_approval_points?: number
}

export const KINDS: Kind[] = ["per_amount", "multiplier", "fixed", "streak", "goal", "invitation", "share"]
const EVENTS = catalogue.events as Record<string, { variables: Record<string, string> }>
const OF_KIND = catalogue.kinds as Record<Kind, { events: string[]; over_history: boolean }>

/** Event types that a kind may name in `on`. */
export const allowedEvents = (kind: Kind) => OF_KIND[kind].events
/** Whether a kind counts a history: then it has no condition, cities or weekdays. */
export const overHistory = (kind: Kind) => OF_KIND[kind].over_history
/** Whether a person chooses its event types. */
export const choosesEvents = (kind: Kind) => kind === "fixed" || kind === "per_amount" || kind === "multiplier"

export function listens(rule: Pick<Rule, "kind" | "on" | "of">, rules: readonly Rule[] = []): string[] {
  if (rule.on) return typeof rule.on === "string" ? [rule.on] : rule.on
  if (rule.kind === "multiplier") {
    const base = rules.find((one) => one.kind === "per_amount" && one.id === rule.of)
    return base ? listens(base) : ["order.paid"]
  }
  if (rule.kind === "per_amount") return ["order.paid"]
  return rule.kind === "fixed" ? [] : allowedEvents(rule.kind)
}

/** What a condition of the rule may speak of: the variables that all its event types have. */
export function variablesOf(events: readonly string[]): [name: string, kind: string][] {
  const [first, ...others] = events.map((event) => EVENTS[event]?.variables ?? {})
  return Object.entries(first ?? {}).filter(([name]) => others.every((one) => name in one))
}

export const RULE_DEFAULTS: Record<string, unknown> = {
  paused: false, wallet: "points", funder: "platform", min_order_fen: 0, limit: "event", period: "month",
  arrives: "by_day", caps: [],
}
const SIDES: Record<string, unknown> = { inviter_points: 0, invitee_points: 0, sharer_points: 0, friend_points: 0 }
const SHELL_DEFAULTS: Record<string, unknown> = {
  timezone: "Asia/Shanghai", wallets: ["points", "team"], settle_after_days: 1, validity_months: 12, hold_minutes: 30,
  lapsed_grace_days: 0, deduction: {}, rules: [], tiers: [], return_window_days: 7, correction_approval_points: 10_000,
}
const DEDUCTION_DEFAULTS: Record<string, unknown> = {
  ordinary: { points: 100, fen: 100 }, rates: [], pick: "best", cap_percent: 10, cap_per: "order",
  min_points: 0, step_points: 1, first_deduction_bonus_points: 0,
}

/** A budget always says its share: an empty one is a budget too. */
const { sales_basis_points: _share, ...BUDGET_DEFAULTS } = NEW_BUDGET as Record<string, unknown>

export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== "object" || typeof b !== "object" || !a || !b || Array.isArray(a) !== Array.isArray(b)) return false
  const keys = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...keys].every((key) => same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]))
}

function empty(value: unknown): boolean {
  if (value === null || value === undefined || value === "") return true
  if (Array.isArray(value)) return value.length === 0
  return typeof value === "object" && Object.values(value).every(empty)
}

function without(value: object, defaults: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).filter(([name, one]) => !empty(one) && !(name in defaults && same(one, defaults[name]))),
  )
}

/** A rule without what says nothing: empty fields and defaults. */
export function tidyRule(rule: Rule): Rule {
  const tidy = without(rule, { ...RULE_DEFAULTS, ...SIDES }) as Rule
  if (tidy.lines) tidy.lines = without(tidy.lines, {})
  if (tidy.factor) tidy.factor = { times: tidy.factor.times, ...((tidy.factor.per ?? 1) === 1 ? {} : { per: tidy.factor.per }) }
  if (tidy.name) tidy.name = { zh: tidy.name.zh ?? "", en: tidy.name.en ?? "" }
  if (Array.isArray(tidy.on) && tidy.on.length === 1) tidy.on = tidy.on[0]
  if (rule.matrix) tidy.matrix = tidyMatrix(rule.matrix)
  return tidy
}

/** A programme without what says nothing. The rules keep their order. */
export function tidyProgramme(programme: Programme): Programme {
  const { rules = [], deduction = {}, budget, ...shell } = programme
  const parts = Object.entries(shell).map(([name, value]) => {
    const defaults = PART_DEFAULTS[name]
    return [name, defaults && value ? without(value as object, defaults) : value]
  })
  const tidy = without(Object.fromEntries(parts) as object, SHELL_DEFAULTS) as Programme
  if (budget) tidy.budget = { sales_basis_points: 200, ...without(budget, BUDGET_DEFAULTS) }
  const money = tidyDeduction(deduction)
  if (Object.keys(money).length) tidy.deduction = money
  tidy.rules = rules.map(tidyRule)
  return tidy
}

const BEGINNINGS: Record<Kind, Partial<Rule>> = {
  per_amount: { points: 1, per_fen: 100 },
  multiplier: { factor: { times: 2 } },
  fixed: { points: 10, on: ["check_in"], limit: "day" },
  streak: { activity: "check_in", days: 7, points: 50 },
  goal: { threshold_fen: 50_000, points: 100 },
  invitation: { inviter_points: 100 },
  share: { sharer_points: 50 },
}

/** A new rule of a kind, with an id that none of `rules` has. */
export function newRule(kind: Kind, rules: readonly Rule[], name: Name = { zh: "新规则", en: "New rule" }): Rule {
  const taken = new Set(rules.map((rule) => rule.id))
  let id: string = kind
  for (let n = 2; taken.has(id); n++) id = `${kind}_${n}`
  const of = kind === "multiplier" ? { of: rules.find((rule) => rule.kind === "per_amount")?.id } : {}
  return { kind, id, name, ...BEGINNINGS[kind], ...of }
}

/** What the form holds of a rule: defaults spelt out, its event types always as a list. */
export function toForm(rule: Rule): Rule {
  return {
    ...RULE_DEFAULTS, ...rule,
    ...(rule.factor ? { factor: { per: 1, ...rule.factor } } : {}),
    on: rule.on ? (typeof rule.on === "string" ? [rule.on] : rule.on) : undefined,
  }
}

/** What the settings form holds: the programme without its rules, defaults spelt out. */
export function shellToForm({ rules: _rules, budget, ...shell }: Programme): Programme {
  const { rules: _none, ...defaults } = SHELL_DEFAULTS
  const parts = Object.entries(PART_DEFAULTS).map(([name, part]) => [name, { ...part, ...(shell as unknown as Record<string, object>)[name] }])
  return {
    ...defaults, ...shell, ...Object.fromEntries(parts), ...(budget ? { budget: { ...NEW_BUDGET, ...budget } } : {}),
    deduction: { ...DEDUCTION_DEFAULTS, ...shell.deduction },
  }
}

const ALWAYS = [
  "id", "name.zh", "name.en", "starts_at", "ends_at", "wallet", "funder", "settle_after_days", "validity_months", "paused",
]
const OWN: Record<Kind, string[]> = {
  per_amount: ["points", "per_fen", "min_order_fen", "lines.categories", "lines.tags"],
  multiplier: ["of", "factor.times", "factor.per", "matrix", "group", "min_order_fen", "lines.categories", "lines.tags"],
  fixed: ["points", "matrix", "limit"],
  streak: ["activity", "days", "points"],
  goal: ["threshold_fen", "points"],
  invitation: ["inviter_points", "invitee_points"],
  share: ["sharer_points", "friend_points"],
}

const NEWER = ["arrives", "caps", "essential", "matrix", "group"]

/** The fields that the form of a kind shows: where a fault can be placed. */
export function fieldsOf(kind: Kind): string[] {
  const found = [
    ...ALWAYS, "arrives", "caps", "essential", ...OWN[kind], ...(choosesEvents(kind) ? ["on"] : []),
    ...(overHistory(kind) ? [] : ["cities", "weekdays", "when"]),
  ]
  return found.filter((field) => !NEWER.includes(field) || ruleHas(kind, field))
}

const SETTINGS = [
  "title.zh", "title.en", "name", "timezone", "wallets", "settle_after_days", "validity_months", "hold_minutes",
  "lapsed_grace_days", "tiers", "stacking.across", "stacking.groups",
  "rounding.mode", "rounding.per", "return_window_days", "check_in.make_up", "screening.min_order_fen", "screening.caps",
  "budget", "reminders.expiry_days_ahead", "reminders.silent_after_days", "reminders.silent_again_days",
  "reminders.silent_coupon", "reminders.birthday_coupon", "correction_approval_points",
]
/** The fields of the settings form that the server's programme has. */
export const SETTINGS_FIELDS = SETTINGS.filter((field) => {
  const top = field.split(".")[0] as string
  return SETTINGS.indexOf(field) < SETTINGS.indexOf("tiers") || (programmeHas(top) && programmeHas(field))
})

const RATE_FIELDS = [
  "id", "name.zh", "name.en", "points", "fen", "categories", "tags", "weekdays", "cities", "tiers", "segments", "arms",
  "cap_percent", "funders",
]
const DEDUCTION_FIELDS = [
  "ordinary.points", "ordinary.fen", "pick", "first_deduction_bonus_points", "cap_percent", "cap_per", "line_cap_percent",
  "order_cap_percent", "most_fen_per_order", "min_points", "step_points", "excluded.skus", "excluded.categories",
  "excluded.tags", "experiment", "rates",
]
/** The fields of the deduction form, with so many rates. */
export const deductionFields = (rates: number) => [
  ...DEDUCTION_FIELDS.map((field) => `deduction.${field}`),
  ...Array.from({ length: rates }, (_rate, at) => RATE_FIELDS.map((field) => `deduction.rates.${at}.${field}`)).flat(),
]

/** A deduction policy without what says nothing. */
export function tidyDeduction(deduction: Deduction): Deduction {
  const { experiment, rates = [], ...rest } = deduction
  const tidy = without({ ...rest, rates: rates.map((rate) => without(rate, {})) }, DEDUCTION_DEFAULTS) as Deduction
  // An experiment that is not finished stays: the checker names what it wants.
  return experiment ? { ...tidy, experiment } : tidy
}

export type Standing = "paused" | "ended" | "coming" | "holds"

/** How a rule stands on a business date, as far as its own window says. */
export function standingOf(rule: Rule, on: string | null): Standing {
  if (rule.paused) return "paused"
  if (!on) return "holds"
  // Whole days are enough for a list: the date as written is a business date.
  if (rule.ends_at && rule.ends_at.slice(0, 10) <= on) return "ended"
  if (rule.starts_at && rule.starts_at.slice(0, 10) > on) return "coming"
  return "holds"
}
