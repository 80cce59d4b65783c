import { expect, test } from "vitest"
import { countFaults, placeFaults, steps } from "../src/rules/faults"
import { diffProgrammes } from "../src/rules/diff"
import { fenOf, yuanOf } from "../src/rules/Inputs"
import {
  fieldsOf, KINDS, listens, newRule, type Programme, type Rule, standingOf, tidyProgramme, tidyRule, toForm, variablesOf,
} from "../src/rules/model"
import { citiesOf, type Factor, factorOf, factorText, figureAt, holdsAt, type Matrix, putFigure, withoutCity } from "../src/rules/parts"
import { EVENT_TYPES, noonOf, sampleEvent } from "../src/rules/samples"

const base: Rule = { kind: "per_amount", id: "base", name: { zh: "下单", en: "Orders" }, points: 1, per_fen: 100 }

test("what a form leaves empty or at its default is not in the document", () => {
  const typed = { ...toForm(base), cities: [], when: null, lines: { categories: [], tags: undefined }, on: ["order.paid"] }
  expect(tidyRule(typed)).toEqual({ ...base, on: "order.paid" })
})

test.each(KINDS)("a new %s goes through the form unchanged", (kind) => {
  const rule = newRule(kind, [base])
  expect(tidyRule(toForm(rule))).toEqual(tidyRule(rule))
  expect(tidyRule(rule).id).toBe(kind)
})

test("a new rule takes an id that is free, and a multiplier its base", () => {
  const first = newRule("multiplier", [base])
  expect(first.of).toBe("base")
  expect(newRule("multiplier", [base, first]).id).toBe("multiplier_2")
})

test("a cleared name stays a fault for the checker to name, not a lost field", () => {
  expect(tidyRule({ ...base, name: { zh: "", en: "Orders" } }).name).toEqual({ zh: "", en: "Orders" })
})

test("yuan become fen exactly", () => {
  expect(["0.29", "1", "1.1", "19.99", "1.005", "-1", "x"].map(fenOf)).toEqual([29, 100, 110, 1999, null, null, null])
  expect([29, 100, 110, 1999, 0].map(yuanOf)).toEqual(["0.29", "1", "1.10", "19.99", "0"])
})

test("a condition may speak of what all its events have", () => {
  const names = (events: string[]) => variablesOf(events).map(([name]) => name)
  expect(names(["order.paid"])).toContain("paid_fen")
  expect(names(["order.paid", "check_in"])).not.toContain("paid_fen")
  expect(names(["order.paid", "check_in"])).toContain("weekday")
  expect(names([])).toEqual([])
})

test("a multiplier listens to what its base listens to", () => {
  const rules: Rule[] = [{ ...base, on: "order.completed" }]
  expect(listens({ kind: "multiplier", of: "base" }, rules)).toEqual(["order.completed"])
})

test("how a rule stands is asked of the business date", () => {
  const rule = { ...base, starts_at: "2026-02-07T00:00:00+08:00", ends_at: "2026-02-24T00:00:00+08:00" }
  expect(["2026-02-06", "2026-02-07", "2026-02-23", "2026-02-24"].map((on) => standingOf(rule, on))).toEqual([
    "coming", "holds", "holds", "ended",
  ])
  expect(standingOf({ ...rule, paused: true }, "2026-02-10")).toBe("paused")
})

test("JSON pointers", () => {
  expect(steps("/rules/3/a~1b~0c")).toEqual(["rules", 3, "a/b~c"])
  expect(steps("")).toEqual([])
})

test("faults stand at their field, at the list of their element, or in general", () => {
  const fault = (place: string) => ({ place, code: "schema", reason: place })
  const faults = ["/rules/1/points", "/rules/1/cities/2", "/rules/1/name", "/rules/1", "/rules/10/points", "/title/zh"]
  const placed = placeFaults(faults.map(fault), "/rules/1", fieldsOf("fixed"))
  expect(Object.keys(placed.at).sort()).toEqual(["cities", "name.zh", "points"])
  expect(placed.general.map((one) => one.place)).toEqual(["/rules/1"])
  // A field that the kind does not show cannot hide a fault.
  expect(placeFaults([fault("/rules/1/when")], "/rules/1", fieldsOf("streak")).general).toHaveLength(1)
  expect(countFaults(faults.map(fault))).toEqual({ rules: { 1: 4, 10: 1 }, shell: 1 })
})

const live: Programme = { name: "p", title: { zh: "甲", en: "A" }, rules: [base, { ...newRule("streak", []), id: "run" }] }

test("a document that only spells out defaults does not differ", () => {
  const spelt: Programme = {
    ...live, timezone: "Asia/Shanghai", settle_after_days: 1,
    deduction: { ordinary: { points: 100, fen: 100 }, rates: [], cap_percent: 10 },
    rules: live.rules?.map((rule) => ({ ...rule, paused: false, wallet: "points", cities: null })),
  }
  expect(diffProgrammes(live, spelt)).toEqual([])
  expect(diffProgrammes(live, tidyProgramme(spelt))).toEqual([])
})

test("differences are told rule by rule", () => {
  const [first, run] = live.rules as [Rule, Rule]
  const next: Programme = {
    ...live, validity_months: 6, deduction: { cap_percent: 20 },
    rules: [{ ...first, points: 2, cities: ["hangzhou"] }, { ...newRule("fixed", []), id: "new" }],
  }
  const told = diffProgrammes(live, next).map(({ rule, place, kind }) => [rule, place, kind])
  expect(told).toEqual([
    [null, "/validity_months", "added"], [null, "/deduction/cap_percent", "added"],
    ["base", "/points", "changed"], ["base", "/cities", "added"], ["new", "", "added"], ["run", "", "removed"],
  ])
  expect(diffProgrammes(live, { ...live, rules: [run, first] }).map((one) => one.place)).toEqual(["/rules"])
})

test("every event type has a sample with all that it needs", () => {
  expect(EVENT_TYPES).toContain("check_in")
  expect(noonOf("2026-11-22", "Asia/Shanghai")).toBe("2026-11-22T12:00:00+08:00")
  expect(sampleEvent("review.created", "2026-11-22", "Asia/Shanghai")).toMatchObject({
    type: "review.created", data: { member_id: "member-1", review_id: "review-1", with_picture: true },
  })
})

test("factors are typed as people write them, and kept as whole ratios", () => {
  expect(["2", "1.5", "4/3", "1.05", "10/5"].map(factorOf)).toEqual([
    { times: 2 }, { times: 3, per: 2 }, { times: 4, per: 3 }, { times: 21, per: 20 }, { times: 2 },
  ])
  expect(["", "0", "1.001", "1.01", "101", "x", "1/0"].map(factorOf)).toEqual([null, null, null, null, null, null, null])
  expect(["2", "1.5", "4/3", "1.05"].map((text) => factorText(factorOf(text) as Factor))).toEqual(["2", "1.5", "4/3", "1.05"])
})

test("in a matrix the most specific cell holds, and an emptied cell is gone", () => {
  let matrix: Matrix = { cells: [], otherwise: 1 }
  matrix = putFigure(matrix, "gold", null, 5)
  matrix = putFigure(matrix, null, "hangzhou", 3)
  matrix = putFigure(matrix, "gold", "hangzhou", 8)
  const holds = [["gold", "hangzhou"], ["gold", "nanjing"], ["silver", "hangzhou"], ["silver", "nanjing"]] as const
  expect(holds.map(([tier, city]) => holdsAt(matrix, tier, city))).toEqual([8, 5, 3, 1])
  expect(figureAt(matrix, "silver", "hangzhou")).toBeUndefined()
  matrix = putFigure(putFigure(matrix, "gold", "hangzhou", null), null, null, null)
  expect(matrix).toEqual({ cells: [{ tier: "gold", points: 5 }, { city: "hangzhou", points: 3 }] })
  expect(citiesOf(withoutCity(matrix, "hangzhou"))).toEqual([])
})

test("parts of the programme that only spell out defaults are not in the document; a budget stays one", () => {
  const bare: Programme = { name: "p", title: { zh: "邻里", en: "Points" }, rules: [] }
  const spelt: Programme = {
    ...bare, stacking: { across: "add", groups: [] }, rounding: { mode: "down", per: "order" }, check_in: { make_up: null },
    reminders: { expiry_days_ahead: 15, silent_coupon: null }, screening: { caps: [] }, budget: null,
  }
  expect(tidyProgramme(spelt)).toEqual(bare)
  expect(tidyProgramme({ ...bare, budget: {} }).budget).toEqual({ sales_basis_points: 200 })
  const matrix = { cells: [], otherwise: { times: 2, per: 1 } }
  expect(tidyRule({ ...newRule("multiplier", [base]), factor: undefined, matrix }).matrix).toEqual({ cells: [], otherwise: { times: 2 } })
})
