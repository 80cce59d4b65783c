import type { EChartsCoreOption, EChartsType } from "echarts/core"
import { useEffect, useRef, useState } from "react"
import { useLanguage } from "../i18n"
import { FONT, type Palette } from "../theme/tokens"
import { useLook } from "../theme/Look"

export type Clicked = { name: string; seriesName?: string; dataIndex: number }
type Props = {
  /** What is to be seen, in words. */
  label: string
  option: (palette: Palette) => EChartsCoreOption
  height?: number
  onPick?: (clicked: Clicked) => void
}

/** A chart in the colours of the page. What it shows is written beside it too: a canvas cannot be read. */
export function Chart({ label, option, height = 280, onPick }: Props) {
  const { palette } = useLook()
  const place = useRef<HTMLDivElement>(null)
  const chart = useRef<EChartsType | null>(null)
  const picked = useRef(onPick)
  picked.current = onPick
  const [failed, setFailed] = useState(false)
  const { t } = useLanguage()
  const built = useRef(option)
  built.current = option

  useEffect(() => {
    const element = place.current
    if (!element) return
    let gone = false
    let watch: ResizeObserver | undefined
    import("./echarts").then(({ init }) => {
      if (gone) return
      const made = init(element)
      chart.current = made
      made.setOption(built.current(palette))
      made.on("click", (event) => picked.current?.(event as unknown as Clicked))
      // A day without points has no bar to press: the whole column is pressed.
      made.getZr().on("click", (event) => {
        if (event.target) return
        const [at] = made.convertFromPixel({ gridIndex: 0 }, [event.offsetX, event.offsetY]) ?? []
        const axis = (made.getOption() as { xAxis?: { type?: string; data?: string[] }[] }).xAxis?.[0]
        const name = typeof at === "number" && axis?.type === "category" ? axis.data?.[Math.round(at)] : undefined
        if (name !== undefined) picked.current?.({ name, dataIndex: Math.round(at as number) })
      })
      watch = new ResizeObserver(() => made.resize())
      watch.observe(element)
    }, () => setFailed(true))
    return () => {
      gone = true
      watch?.disconnect()
      chart.current?.dispose()
      chart.current = null
    }
  }, [palette])
  useEffect(() => {
    chart.current?.setOption(option(palette), { notMerge: true })
  }, [option, palette])
  if (failed) return <p className="faint">{t("dashboard.chart_failed")}</p>
  return <div ref={place} className={`chart chart-${height}`} role="img" aria-label={label} />
}

type Point = { seriesName?: string; color?: unknown; value?: unknown; name?: string; axisValueLabel?: string }

/** A tooltip made of elements: markup in a text would carry styles that the Content-Security-Policy refuses. */
export function tooltipOf(format: (value: number) => string, title?: (name: string) => string) {
  return {
    trigger: "axis",
    axisPointer: { type: "shadow", shadowStyle: { color: "rgba(120,100,80,0.07)" } },
    className: "tip",
    padding: 0,
    borderWidth: 0,
    backgroundColor: "transparent",
    extraCssText: "box-shadow: none",
    formatter: (found: Point | Point[]) => {
      const points = Array.isArray(found) ? found : [found]
      const box = document.createElement("div")
      box.className = "tip-box"
      const head = document.createElement("b")
      const name = points[0]?.name ?? ""
      head.textContent = title ? title(name) : name
      box.append(head)
      for (const point of points) {
        const row = document.createElement("div")
        const dot = document.createElement("i")
        dot.style.background = String(point.color)
        const words = document.createElement("span")
        words.textContent = point.seriesName ?? ""
        const value = document.createElement("em")
        value.textContent = format(Math.abs(Number(point.value ?? 0)))
        row.append(dot, words, value)
        box.append(row)
      }
      return box
    },
  }
}

/** Axes, grid and letters that all charts share. */
export function frame(p: Palette, compact: (value: number) => string) {
  const text = { color: p.inkSoft, fontFamily: FONT, fontSize: 11.5 }
  return {
    textStyle: { fontFamily: FONT },
    animationDuration: 240,
    grid: { left: 4, right: 8, top: 36, bottom: 4, containLabel: true },
    legend: { top: 0, left: 0, icon: "roundRect", itemWidth: 10, itemHeight: 10, itemGap: 16, textStyle: text },
    category: {
      type: "category",
      axisTick: { show: false },
      axisLine: { lineStyle: { color: p.line } },
      axisLabel: { ...text, hideOverlap: true },
    },
    value: {
      type: "value",
      splitNumber: 4,
      splitLine: { lineStyle: { color: p.line, type: [3, 4] } },
      axisLabel: { ...text, formatter: (value: number) => compact(Math.abs(value)) },
    },
  }
}
