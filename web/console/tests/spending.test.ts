import { expect, test } from "vitest"
import type { Terms } from "../src/api/coupons"
import { everyDay } from "../src/pages/mall/CostsPage"
import { spoken as item } from "../src/pages/mall/ItemPage"
import { spoken as coupon } from "../src/pages/coupons/terms"
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
