import { useCallback } from "react"
import type { BackTestResult } from "../../api/backTests"
import { Chart, frame, tooltipOf } from "../../charts/Chart"
import { useLanguage } from "../../i18n"
import { useFormats } from "../../i18n/format"
import { Panel } from "../../parts/Page"
import type { Palette } from "../../theme/tokens"

type Of = { result: BackTestResult }

/** How many members gain or lose how much. */
export function Distribution({ result }: Of) {
  const { t } = useLanguage()
  const { number, compact } = useFormats()
  const option = useCallback(
    (p: Palette) => {
      const f = frame(p, compact)
      const name = (low: number | null, high: number | null) =>
        low === null ? `≤ ${number(high ?? 0)}` : high === null ? `≥ ${number(low)}` : low === high ? number(low) : `${number(low)} … ${number(high)}`
      return {
        ...f,
        legend: undefined,
        grid: { ...f.grid, top: 12 },
        tooltip: tooltipOf(number, (one) => t("backtest.points_more", { n: one })),
        xAxis: { ...f.category, data: result.distribution.map((one) => name(one.from_points, one.to_points)) },
        yAxis: { ...f.value, minInterval: 1 },
        series: [
          {
            name: t("backtest.members"), type: "bar", barCategoryGap: "24%",
            data: result.distribution.map(({ from_points: low, to_points: high, members }) => ({
              value: members,
              itemStyle: {
                color: (low ?? -1) >= 0 && (high ?? 1) > 0 ? p.leaf : (high ?? 1) <= 0 && (low ?? -1) < 0 ? p.persimmon : p.inkFaint,
                borderRadius: [3, 3, 0, 0],
              },
            })),
          },
        ],
      }
    },
    [result, t, number, compact],
  )
  return (
    <Panel title={t("backtest.distribution")} note={t("backtest.distribution.note")}>
      <Chart label={t("backtest.distribution")} option={option} height={240} />
    </Panel>
  )
}

/** Points of both arms side by side, by some name. */
function Pair({ title, note, names, live, draft, format }: {
  title: string; note?: string; names: string[]; live: number[]; draft: number[]; format?: (name: string) => string
}) {
  const { t } = useLanguage()
  const { number, compact } = useFormats()
  const option = useCallback(
    (p: Palette) => {
      const f = frame(p, compact)
      const bar = (name: string, color: string, data: number[]) => ({
        name, type: "bar", color, barMaxWidth: 18, itemStyle: { borderRadius: [3, 3, 0, 0] }, data,
      })
      return {
        ...f,
        tooltip: tooltipOf(number, format),
        xAxis: { ...f.category, data: names, axisLabel: { ...f.category.axisLabel, ...(format ? { formatter: format } : {}), width: 84, overflow: "truncate", interval: 0 } },
        yAxis: f.value,
        series: [bar(t("arm.live"), p.inkFaint, live), bar(t("backtest.this"), p.persimmon, draft)],
      }
    },
    [names, live, draft, format, t, number, compact],
  )
  return (
    <Panel title={title} note={note}>
      <Chart label={title} option={option} height={240} />
    </Panel>
  )
}

export function ByRule({ result }: Of) {
  const { t, name } = useLanguage()
  const names = result.by_rule.map((one) => (one.name ? name(one.name) : one.rule))
  return (
    <Pair
      title={t("shadow.by_rule")}
      names={names}
      live={result.by_rule.map((one) => one.live_points)}
      draft={result.by_rule.map((one) => one.draft_points)}
    />
  )
}

export function ByCity({ result }: Of) {
  const { t } = useLanguage()
  return (
    <Pair
      title={t("backtest.by_city")}
      names={result.by_city.map((one) => one.city ?? t("city.none"))}
      live={result.by_city.map((one) => one.live_points)}
      draft={result.by_city.map((one) => one.draft_points)}
    />
  )
}

/** Points a month, with what the draft's budget allows: 1 point costs 1 fen at the ordinary rate. */
export function ByMonth({ result }: Of) {
  const { t } = useLanguage()
  const { number, compact } = useFormats()
  const breached = result.by_month.filter((one) => one.breached).map((one) => one.month)
  const option = useCallback(
    (p: Palette) => {
      const f = frame(p, compact)
      const bar = (name: string, color: string, data: number[]) => ({
        name, type: "bar", color, barMaxWidth: 18, itemStyle: { borderRadius: [3, 3, 0, 0] }, data,
      })
      const allowed = result.by_month.some((one) => one.allowance_fen !== null)
      return {
        ...f,
        tooltip: tooltipOf(number),
        xAxis: { ...f.category, data: result.by_month.map((one) => one.month) },
        yAxis: f.value,
        series: [
          bar(t("arm.live"), p.inkFaint, result.by_month.map((one) => one.live_points)),
          bar(t("backtest.this"), p.persimmon, result.by_month.map((one) => one.draft_points)),
          ...(allowed
            ? [{ name: t("backtest.allowance"), type: "line", step: "middle", symbol: "none", color: p.leaf, lineStyle: { width: 2, type: [5, 4] }, data: result.by_month.map((one) => one.allowance_fen) }]
            : []),
        ],
      }
    },
    [result, t, number, compact],
  )
  return (
    <Panel title={t("backtest.by_month")} note={breached.length ? t("backtest.breached", { months: breached.join(" · ") }) : t("backtest.by_month.note")}>
      <Chart label={t("backtest.by_month")} option={option} height={240} />
    </Panel>
  )
}
