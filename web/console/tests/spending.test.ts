import { expect, test } from "vitest"
import type { Terms } from "../src/api/coupons"
import type { CampaignBody, PrizeBody } from "../src/api/lottery"
import { csvOf } from "../src/pages/coupons/IssuesList"
import { fill, forecast, MILLION, newPrize, percentOf, ppmOf, spoken as campaign, sumOf } from "../src/pages/lottery/odds"
import { everyDay } from "../src/pages/mall/CostsPage"
import { spoken as item } from "../src/pages/mall/ItemPage"
import { spoken as coupon } from "../src/pages/coupons/terms"
import { placeFaults } from "../src/rules/faults"
import { deductionFields, tidyDeduction } from "../src/rules/model"
import { tidied } from "../src/parts/fields"

test("what a form leaves empty is null, and words that nobody says are none", () => {
  expect(tidied({ a: "", b: " x ", c: [], d: { zh: "", en: undefined }, e: 0, f: { zh: "茶", en: "" }, g: false })).toEqual({
    a: null, b: "x", c: null, d: null, e: 0, f: { zh: "茶", en: null }, g: false,
  })
})

test("a coupon promises in one way only", () => {
  const both = { title: { zh: "券", en: "c" }, kind: "percent", off_fen: 500, percent_off: 20, most_off_fen: 900 } as Partial<Terms>
  expect(coupon(both)).toMatchObject({ off_fen: null, percent_off: 20, most_off_fen: 900, threshold_fen: 0 })
  expect(coupon({ ...both, kind: "amount" })).toMatchObject({ off_fen: 500, percent_off: null, most_off_fen: null })
  const claim = { codes: "single", code: "OLD" } as const
  expect(coupon({ ...both, claim }).claim).toEqual({ codes: "single", code: null })
})

test("an item says nothing that belongs to another kind or sourcing", () => {
  const typed = { kind: "goods", sourcing: "standard", coupon_template_id: "five", best_before: "2026-12-01", limits: [] } as const
  expect(item({ ...typed, limits: [], summary: { zh: "", en: "" } })).toMatchObject({
    coupon_template_id: null, best_before: null, limits: [], pictures: [], price_fen: 0, summary: null,
  })
  expect(item({ ...typed, limits: [], kind: "coupon", sourcing: "near_expiry" })).toMatchObject({
    coupon_template_id: "five", best_before: "2026-12-01",
  })
})

test("a day on which nothing went is a day", () => {
  const went = { on: "2026-11-02", orders: 1, pieces: 2, points: 200, price_fen: 0, cost_fen: 840 }
  const found = everyDay([went], "2026-10-31", "2026-11-03")
  expect(found.map((one) => [one.on, one.cost_fen])).toEqual([
    ["2026-10-31", 0], ["2026-11-01", 0], ["2026-11-02", 840], ["2026-11-03", 0],
  ])
})

const prize = (prize_id: string, odds_ppm: number, more: Partial<PrizeBody> = {}): PrizeBody => ({
  prize_id, name: { zh: "奖", en: "prize" }, kind: "points", odds_ppm, points: 10, template_id: null, item_id: null, stock: null,
  cost_fen: 0, picture: null, ...more,
})

test("odds are typed in percent and kept in millionths, exactly", () => {
  expect(["0.0001", "1", "12.5", "29.07", "100", "100.0001", "1.00001", "-1", ""].map(ppmOf)).toEqual([
    1, 10_000, 125_000, 290_700, 1_000_000, null, null, null, null,
  ])
  for (const ppm of [0, 1, 10, 9_999, 10_000, 290_700, 1_000_000]) expect(ppmOf(percentOf(ppm))).toBe(ppm)
})

test("what is missing of the whole goes to nothing, else to the last prize", () => {
  const some = [prize("a", 10_000), prize("none", 0, { kind: "nothing" }), prize("b", 190_000)]
  expect(fill(some).map((one) => one.odds_ppm)).toEqual([10_000, 800_000, 190_000])
  expect(fill([prize("a", 10_000), prize("b", 5)]).map((one) => one.odds_ppm)).toEqual([10_000, 990_000])
  expect(sumOf(fill(some))).toBe(MILLION)
})

test("a campaign costs what its odds say, and what has a stock runs out", () => {
  const prizes = [prize("car", 1_000, { cost_fen: 100_000, stock: 2 }), prize("tea", 499_000, { cost_fen: 100 }), prize("none", 500_000)]
  expect(forecast(prizes, 100, 1_000)).toEqual({ points_in: 100_000, cost_fen: 149_900, lasts: [2_000, null, null] })
  expect(forecast([], 100, 10)).toEqual({ points_in: 1_000, cost_fen: 0, lasts: [] })
})

test("a prize says nothing of another kind, and a new one has an id of its own", () => {
  const typed = { prizes: [prize("x", 1, { kind: "coupon", template_id: "five", points: 9, cost_fen: 500 }), prize("prize-3", 1)], rules: { zh: " ", en: "" } }
  const said = campaign(typed as unknown as CampaignBody)
  expect(said.prizes[0]).toMatchObject({ points: null, template_id: "five", item_id: null })
  expect(said.rules).toBeNull()
  expect(newPrize(typed.prizes).prize_id).toBe("prize-4")
})

test("ids that are pasted without a header are a list of members", () => {
  expect(csvOf("u-1\nu-2")).toBe("member_id\nu-1\nu-2")
  expect(csvOf("member_id,more\nu-1,x")).toBe("member_id,more\nu-1,x")
})

test("a deduction policy without what says nothing", () => {
  const spelt = {
    ordinary: { points: 100, fen: 100 }, pick: "best", cap_percent: 0, min_points: 0, step_points: 1, line_cap_percent: null,
    excluded: { skus: [], categories: [], tags: [] }, experiment: null,
    rates: [{ id: "r", name: { zh: "率", en: "r" }, points: 50, fen: 100, tags: ["promotion"], arms: [], cap_percent: 0, funders: [] }],
  }
  expect(tidyDeduction(spelt)).toEqual({
    cap_percent: 0,
    rates: [{ id: "r", name: { zh: "率", en: "r" }, points: 50, fen: 100, tags: ["promotion"], cap_percent: 0 }],
  })
  const trial = { salt: "", arms: [] }
  expect(tidyDeduction({ experiment: trial })).toEqual({ experiment: trial })
  const faults = [{ place: "/deduction/rates/1/funders/0/percent", code: "schema", reason: "" }]
  expect(Object.keys(placeFaults(faults, "", deductionFields(2)).at)).toEqual(["deduction.rates.1.funders"])
})
