import { useCallback } from "react"
import { useFormats } from "../i18n/format"
import type { Palette } from "../theme/tokens"
import { Chart, frame, tooltipOf } from "./Chart"

type Props = {
  label: string
  /** What the bars are, in the tooltip. */
  name: string
  /** [YYYY-MM, points], in the order of the months. */
  months: [string, number][]
  height: number
  widest: number
}

/** Points that lapse, a bar for each month. */
export function MonthBars({ label, name, months, height, widest }: Props) {
  const { compact, number } = useFormats()
  const option = useCallback(
    (p: Palette) => {
      const f = frame(p, compact)
      return {
        ...f,
        legend: undefined,
        grid: { ...f.grid, top: 12 },
        tooltip: tooltipOf(number),
        xAxis: {
          ...f.category,
          data: months.map(([month]) => month),
          axisLabel: { ...f.category.axisLabel, formatter: (month: string) => month.slice(2) },
        },
        yAxis: f.value,
        series: [
          {
            name, type: "bar", color: p.honey, barMaxWidth: widest,
            itemStyle: { borderRadius: [3, 3, 0, 0] }, data: months.map(([, points]) => points),
          },
        ],
      }
    },
    [months, name, widest, compact, number],
  )
  return <Chart label={label} option={option} height={height} />
}
