import type { Name } from "../api/types"
import catalogue from "./catalogue.json"

/** Parts of the programme document beyond its plain fields (`src/linli/rules/`): matrices, caps, policies. */
export type Factor = { times: number; per?: number }
export type Cell = { tier?: string | null; city?: string | null; factor?: Factor; points?: number }
export type Matrix = { cells?: Cell[]; otherwise?: Factor | number | null }
export type Cap = { per: "day" | "month" | "life"; points: number }
export type Tier = { id: string; name: Name }
export type Combine = "best" | "add" | "multiply"
export type Group = { id: string; combine?: Combine; name?: Name | null }
export type Stacking = { across?: "add" | "multiply"; groups?: Group[] }
export type Rounding = { mode?: "down" | "half_up" | "up"; per?: "order" | "line" }
export type MakeUp = { points: number; days_back: number; per_month: number }
export type ScreeningCap = { id: string; of?: "purchases" | "others" | "all"; per: "member" | "device" | "ip" | "phone"; points: number }
export type Screening = { min_order_fen?: number; caps?: ScreeningCap[] }
export type Budget = {
  sales_basis_points?: number; points_per_yuan?: number; warn_percent?: number; pause_percent?: number; floor_fen?: number
  cities?: Record<string, number>; rules?: Record<string, number>
}
export type Reminders = {
  expiry_days_ahead?: number; silent_after_days?: number; silent_again_days?: number; silent_coupon?: string | null
  birthday_coupon?: string | null
}

type Described = { name: string; choices?: string[]; fields?: Described[] }
const KINDS = catalogue.kinds as unknown as Record<string, { fields?: Described[] }>
const SHELL = (catalogue as unknown as { programme?: Described[] }).programme ?? []

/** Whether the server's rules of a kind have a field: the catalogue is made from them. */
export const ruleHas = (kind: string, field: string) => !!KINDS[kind]?.fields?.some((one) => one.name === field)
/** Whether the server's programme has a field, or a part of one (`screening.caps`). */
export function programmeHas(path: string): boolean {
  let fields: Described[] | undefined = SHELL
  return path.split(".").every((step) => {
    const found: Described | undefined = fields?.find((one) => one.name === step)
    fields = found?.fields
    return !!found
  })
}
/** The values that a rule's field may have. */
export const choicesOf = (kind: string, field: string) =>
  KINDS[kind]?.fields?.find((one) => one.name === field)?.choices ?? []

const divisor = (a: number, b: number): number => (b ? divisor(b, a % b) : a)
const MOST = 100

/** A factor as people write it, `2`, `1.5` or `4/3`; null where it is none that the rules can keep. */
export function factorOf(text: string): Factor | null {
  const ratio = /^\s*(\d{1,3})\s*\/\s*(\d{1,3})\s*$/.exec(text)
  const decimal = /^\s*(\d{1,3})(?:\.(\d{0,2}))?\s*$/.exec(text)
  let times: number
  let per: number
  if (ratio) [times, per] = [Number(ratio[1]), Number(ratio[2])]
  else if (decimal) [times, per] = [Number(decimal[1]) * 100 + Number((decimal[2] ?? "").padEnd(2, "0")), 100]
  else return null
  if (!times || !per) return null
  const common = divisor(times, per)
  times /= common
  per /= common
  return times <= MOST && per <= MOST ? (per === 1 ? { times } : { times, per }) : null
}

export function factorText({ times, per = 1 }: Factor): string {
  const hundredths = (times * 100) / per
  return Number.isInteger(hundredths) ? String(hundredths / 100) : `${times}/${per}`
}

type Figure = Factor | number
const same = (a: string | null | undefined, b: string | null | undefined) => (a ?? null) === (b ?? null)
const figureOf = (cell: Cell): Figure | undefined => cell.factor ?? cell.points

/** What just this cell says; without tier and city, what holds otherwise. */
export function figureAt(matrix: Matrix, tier: string | null, city: string | null): Figure | undefined {
  if (tier === null && city === null) return matrix.otherwise ?? undefined
  const cell = matrix.cells?.find((one) => same(one.tier, tier) && same(one.city, city))
  return cell && figureOf(cell)
}

/** What holds there: of the cell itself, else of the tier, of the city, of all others. */
export function holdsAt(matrix: Matrix, tier: string | null, city: string | null): Figure | undefined {
  const places = [[tier, city], [tier, null], [null, city], [null, null]] as const
  for (const [a, b] of places) {
    const found = figureAt(matrix, a, b)
    if (found !== undefined) return found
  }
  return undefined
}

/** The matrix with another figure in one cell; without a figure the cell is gone. */
export function putFigure(matrix: Matrix, tier: string | null, city: string | null, figure: Figure | null): Matrix {
  if (tier === null && city === null) {
    const { otherwise: _before, ...rest } = matrix
    return figure === null ? rest : { ...rest, otherwise: figure }
  }
  const cells = matrix.cells ?? []
  const at = cells.findIndex((one) => same(one.tier, tier) && same(one.city, city))
  if (figure === null) return { ...matrix, cells: cells.filter((_one, n) => n !== at) }
  const cell: Cell = {
    ...(tier === null ? {} : { tier }), ...(city === null ? {} : { city }),
    ...(typeof figure === "number" ? { points: figure } : { factor: figure }),
  }
  return { ...matrix, cells: at < 0 ? [...cells, cell] : cells.map((one, n) => (n === at ? cell : one)) }
}

export const citiesOf = (matrix: Matrix) => [...new Set((matrix.cells ?? []).flatMap((one) => one.city ?? []))]
export const tiersOf = (matrix: Matrix) => [...new Set((matrix.cells ?? []).flatMap((one) => one.tier ?? []))]
/** The matrix without the cells of a city. */
export const withoutCity = (matrix: Matrix, city: string): Matrix => ({
  ...matrix, cells: (matrix.cells ?? []).filter((one) => one.city !== city),
})

const plainFactor = ({ times, per = 1 }: Factor): Factor => (per === 1 ? { times } : { times, per })

/** A matrix without what says nothing. One without cells stays: the checker names it. */
export function tidyMatrix({ cells = [], otherwise }: Matrix): Matrix {
  const tidy: Matrix = {
    cells: cells.map(({ tier, city, factor, points }) => ({
      ...(tier == null ? {} : { tier }), ...(city == null ? {} : { city }),
      ...(factor ? { factor: plainFactor(factor) } : {}), ...(points === undefined ? {} : { points }),
    })),
  }
  if (otherwise != null) tidy.otherwise = typeof otherwise === "number" ? otherwise : plainFactor(otherwise)
  return tidy
}

export const NEW_BUDGET: Budget = {
  sales_basis_points: 200, points_per_yuan: 100, warn_percent: 80, pause_percent: 100, floor_fen: 0, cities: {}, rules: {},
}
export const NEW_MAKE_UP: MakeUp = { points: 30, days_back: 7, per_month: 3 }
/** The defaults of each part of the programme. */
export const PART_DEFAULTS: Record<string, Record<string, unknown>> = {
  stacking: { across: "add", groups: [] },
  rounding: { mode: "down", per: "order" },
  check_in: { make_up: null },
  screening: { min_order_fen: 0, caps: [] },
  reminders: { expiry_days_ahead: 15, silent_after_days: 30, silent_again_days: 90, silent_coupon: null, birthday_coupon: null },
}
