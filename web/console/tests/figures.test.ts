import { expect, test } from "vitest"
import type { DayFigures, Movement, Run } from "../src/api/types"
import { formatsOf } from "../src/i18n/format"
import { addDays, byCity, byDay, everyHour, totalOf } from "../src/pages/dashboard/figures"
import { effectOf } from "../src/pages/members/signs"
import { freshest } from "../src/pages/runs/RunsPage"
import { percentOf } from "../src/parts/RunLine"
import { may } from "../src/session/permissions"

const day = (on: string, city: string | null, settled: number): DayFigures => ({
  on, city, granted: 1, settled, spent: 0, expired: 0, reversed: 0, adjusted: 0,
})
const run = (run_on: string, items = 0, state: Run["state"] = "running", due = 10): Run => ({
  kind: "settle", run_on, members: 1, items, points: 1, cut_points: 0, started_at: "2026-11-22T00:00:00Z", finished_at: null, state, due,
})

test("days without figures are days of zeros; cities are summed", () => {
  const days = [day("2026-02-28", "a", 5), day("2026-02-28", null, 2), day("2026-03-02", "a", 1)]
  expect(byDay(days, "2026-02-27", "2026-03-02").map((one) => [one.on, one.sums.settled])).toEqual([
    ["2026-02-27", 0], ["2026-02-28", 7], ["2026-03-01", 0], ["2026-03-02", 1],
  ])
  expect(byCity(days).map((one) => [one.city, one.sums.settled])).toEqual([["a", 6], ["", 2]])
  expect(totalOf(days)).toMatchObject({ granted: 3, settled: 8 })
  expect(addDays("2026-03-01", -1)).toBe("2026-02-28")
})

test("an hour without events is an empty hour", () => {
  const hours = [{ hour_at: "2026-11-22T01:00:00Z", count: 3 }, { hour_at: "2026-11-22T03:00:00Z", count: 1 }]
  expect(everyHour(hours).map((one) => one.count)).toEqual([3, 0, 1])
  expect(everyHour([])).toEqual([])
})

test("only a finished run is all the way", () => {
  expect([percentOf(run("x", 0, "running", 0)), percentOf(run("x", 10)), percentOf(run("x", 3)), percentOf(run("x", 3, "finished"))]).toEqual([0, 99, 30, 100])
})

test("the stream's word on a run is newer; older days stay where they were", () => {
  const listed = [run("2026-11-21", 1), run("2026-11-20", 1)]
  const live = [run("2026-11-22", 2), run("2026-11-21", 9), { ...run("2026-11-21", 5), kind: "expire" as const }, run("2026-11-01", 1)]
  expect(freshest(listed, live, "settle").map((one) => [one.run_on, one.items])).toEqual([
    ["2026-11-22", 2], ["2026-11-21", 9], ["2026-11-20", 1],
  ])
})

test("a statement line says what it did to what can be spent", () => {
  const line = (from_account: string, to_account: string) => effectOf({ from_account, to_account, points: 5 } as Movement)
  expect([line("issued", "available"), line("available", "held"), line("held", "redeemed")]).toEqual([5, -5, 0])
})

test("times are of the business zone, in both languages", () => {
  for (const language of ["zh", "en"] as const) {
    const formats = formatsOf(language)
    expect(formats.moment("2026-11-21T16:30:00Z")).toBe("2026-11-22 00:30")
    expect(formats.signed(-1200)).toBe("−1,200")
    expect(formats.yuan(1050)).toBe("¥10.50")
  }
})

test("an auditor sees and changes nothing; an administrator does all", () => {
  const auditor = ["events:read", "points:read"]
  expect(["see.members", "adjust.points", "publish.rules", "see.users"].map((act) => may(auditor, act as never))).toEqual([true, false, false, false])
  expect(may(["admin"], "publish.rules")).toBe(true)
})
