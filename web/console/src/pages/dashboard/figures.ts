import type { DayFigures, HourCount } from "../../api/types"

export const SORTS = ["granted", "settled", "spent", "expired", "reversed", "adjusted"] as const
export type Sort = (typeof SORTS)[number]
export type Sums = Record<Sort, number>

function nothing(): Sums {
  return { granted: 0, settled: 0, spent: 0, expired: 0, reversed: 0, adjusted: 0 }
}

function sumBy(days: readonly DayFigures[], key: (day: DayFigures) => string): Map<string, Sums> {
  const sums = new Map<string, Sums>()
  for (const day of days) {
    const sum = sums.get(key(day)) ?? nothing()
    for (const sort of SORTS) sum[sort] += day[sort]
    sums.set(key(day), sum)
  }
  return sums
}

/** All dates from `from` to `to`, both included (`YYYY-MM-DD`). */
export function datesOf(from: string, to: string): string[] {
  const dates: string[] = []
  for (let at = Date.parse(`${from}T00:00:00Z`); at <= Date.parse(`${to}T00:00:00Z`); at += 86_400_000) {
    dates.push(new Date(at).toISOString().slice(0, 10))
  }
  return dates
}

export function addDays(on: string, days: number): string {
  return new Date(Date.parse(`${on}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)
}

/** Per day over all cities; a day without figures is a day of zeros. */
export function byDay(days: readonly DayFigures[], from: string, to: string): { on: string; sums: Sums }[] {
  const found = sumBy(days, (day) => day.on)
  return datesOf(from, to).map((on) => ({ on, sums: found.get(on) ?? nothing() }))
}

/** Per city over all days, the busiest first. `city` "" is of members without one. */
export function byCity(days: readonly DayFigures[]): { city: string; sums: Sums }[] {
  return [...sumBy(days, (day) => day.city ?? "")]
    .map(([city, sums]) => ({ city, sums }))
    .sort((a, b) => b.sums.settled + b.sums.granted - a.sums.settled - a.sums.granted)
}

export function totalOf(days: readonly DayFigures[]): Sums {
  return sumBy(days, () => "").get("") ?? nothing()
}

const HOUR_MS = 3_600_000

/** Hours between the first and the last, those without events too: a gap in time is a gap in the chart. */
export function everyHour(hours: readonly HourCount[]): HourCount[] {
  const counts = new Map(hours.map((one) => [Date.parse(one.hour_at), one.count]))
  const times = [...counts.keys()]
  if (!times.length) return []
  const found: HourCount[] = []
  for (let at = Math.min(...times); at <= Math.max(...times); at += HOUR_MS) {
    found.push({ hour_at: new Date(at).toISOString(), count: counts.get(at) ?? 0 })
  }
  return found
}
