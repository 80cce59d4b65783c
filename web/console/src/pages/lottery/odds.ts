import type { CampaignBody, PrizeBody } from "../../api/lottery"

/** Odds are counted in millionths. */
export const MILLION = 1_000_000
const A_PERCENT = 10_000

/** Millionths from percent as typed, up to four places after the point; exact. Null for what is no odds. */
export function ppmOf(percent: string): number | null {
  const found = /^(\d{1,3})(?:\.(\d{0,4}))?$/.exec(percent.trim())
  if (!found) return null
  const ppm = Number(found[1]) * A_PERCENT + Number((found[2] ?? "").padEnd(4, "0"))
  return ppm <= MILLION ? ppm : null
}

/** Millionths as percent, with no zeros behind. */
export function percentOf(ppm: number): string {
  const rest = ppm % A_PERCENT
  const places = rest ? `.${String(rest).padStart(4, "0").replace(/0+$/, "")}` : ""
  return `${Math.floor(ppm / A_PERCENT)}${places}`
}

type Drawn = Partial<Pick<PrizeBody, "odds_ppm" | "cost_fen" | "stock">> | undefined

export const sumOf = (prizes: readonly Drawn[]) => prizes.reduce((sum, one) => sum + (one?.odds_ppm ?? 0), 0)

export type Forecast = { points_in: number; cost_fen: number; /** Draws after which a prize is gone, by the odds. */ lasts: (number | null)[] }

/** What so many draws bring in and cost by the odds, as long as every prize is there. Whole fen, rounded down. */
export function forecast(prizes: readonly Drawn[], price_points: number, draws: number): Forecast {
  const millionths = prizes.reduce((sum, one) => sum + (one?.odds_ppm ?? 0) * (one?.cost_fen ?? 0), 0)
  return {
    points_in: price_points * draws,
    cost_fen: Math.floor((millionths * draws) / MILLION),
    lasts: prizes.map((one) => (one?.stock != null && one.odds_ppm ? Math.floor((one.stock * MILLION) / one.odds_ppm) : null)),
  }
}

/** What is not given yet goes to one prize: the one where nothing is won, else the last. */
export function fill(prizes: readonly PrizeBody[]): PrizeBody[] {
  const nothing = prizes.findIndex((one) => one.kind === "nothing")
  const at = nothing >= 0 ? nothing : prizes.length - 1
  const others = sumOf(prizes.filter((_one, n) => n !== at))
  return prizes.map((one, n) => (n === at ? { ...one, odds_ppm: Math.max(0, MILLION - others) } : one))
}

/** A new prize, with an id that none has. */
export function newPrize(prizes: readonly (Partial<PrizeBody> | undefined)[]): PrizeBody {
  const taken = new Set(prizes.map((one) => one?.prize_id))
  let n = prizes.length + 1
  while (taken.has(`prize-${n}`)) n++
  return {
    prize_id: `prize-${n}`, name: { zh: "", en: "" }, kind: "points", odds_ppm: 0, points: 10, template_id: null, item_id: null,
    stock: null, cost_fen: 0, picture: null,
  }
}

const OF: Record<string, string> = { points: "points", coupon: "template_id", goods: "item_id" }

/** The form's values as the API takes them: a prize says nothing that belongs to another kind. */
export function spoken(values: CampaignBody): CampaignBody {
  const prizes = values.prizes.map((one) => {
    const own = OF[one.kind]
    const none = one.kind === "nothing"
    return {
      ...one, odds_ppm: one.odds_ppm ?? 0, cost_fen: none ? 0 : (one.cost_fen ?? 0), stock: none ? null : (one.stock ?? null),
      picture: one.picture || null, points: own === "points" ? one.points : null,
      template_id: own === "template_id" ? one.template_id : null, item_id: own === "item_id" ? one.item_id : null,
    }
  })
  const rules = values.rules?.zh?.trim() || values.rules?.en?.trim() ? values.rules : null
  return { ...values, rules, prizes, minimum_prize_id: values.minimum_prize_id || null }
}
