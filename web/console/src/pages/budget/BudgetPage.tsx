import { DatePicker, Empty, Progress, Select } from "antd"
import dayjs from "dayjs"
import { useCallback } from "react"
import { useSearchParams } from "react-router-dom"
import { insights } from "../../api/calls"
import { budget, type BudgetLine, type BudgetReport } from "../../api/limits"
import { Chart, frame, tooltipOf } from "../../charts/Chart"
import { useLanguage } from "../../i18n"
import { useFormats } from "../../i18n/format"
import { useLive } from "../../live/Live"
import { Moment, State } from "../../parts/bits"
import { useCalm, useLoad } from "../../parts/load"
import { Figure, Page, Panel, Show } from "../../parts/Page"
import type { Palette } from "../../theme/tokens"

const CALM_MS = 30_000
const WHOLE = 100

function Months({ months, pick }: { months: BudgetReport["months"]; pick: (month: string) => void }) {
  const { t } = useLanguage()
  const { yuan, compact } = useFormats()
  const option = useCallback(
    (p: Palette) => {
      const f = frame(p, (fen) => `¥${compact(fen / 100)}`)
      return {
        ...f,
        tooltip: tooltipOf(yuan),
        xAxis: { ...f.category, data: months.map((one) => one.month), axisLabel: { ...f.category.axisLabel, formatter: (month: string) => month.slice(2) } },
        yAxis: f.value,
        series: [
          {
            name: t("budget.issued"), type: "bar", barMaxWidth: 26,
            data: months.map((one) => ({
              value: one.issued_fen,
              itemStyle: { color: one.allowance_fen && one.issued_fen > one.allowance_fen ? p.brick : p.persimmon, borderRadius: [3, 3, 0, 0] },
            })),
            color: p.persimmon,
          },
          { name: t("budget.allowed"), type: "line", step: "middle", symbol: "none", color: p.leaf, lineStyle: { width: 2, type: [5, 4] }, data: months.map((one) => one.allowance_fen) },
        ],
      }
    },
    [months, t, yuan, compact],
  )
  return (
    <Panel title={t("budget.months")} note={t("budget.months.note")}>
      <Chart label={t("budget.months")} option={option} height={240} onPick={(at) => pick(months[at.dataIndex]?.month ?? "")} />
    </Panel>
  )
}

function Line({ line }: { line: BudgetLine }) {
  const { t, name } = useLanguage()
  const { yuan, share } = useFormats()
  const called = line.scope === "all" ? t("budget.all") : line.name ? name(line.name) : (line.id ?? t("city.none"))
  const percent = Math.round(line.used_basis_points / WHOLE)
  return (
    <li className="budget-line">
      <div className="card-line">
        <b>{called}</b>
        {line.allowance_fen > 0 ? <State group="budget_state" code={line.state} /> : null}
      </div>
      {line.allowance_fen > 0 && (
        <Progress
          aria-label={called}
          percent={Math.min(100, percent)}
          status={line.state === "paused" ? "exception" : "normal"}
          className={line.state === "warning" ? "budget-warn" : undefined}
          format={() => share(line.used_basis_points)}
        />
      )}
      <div className="card-more num">
        <span>{line.allowance_fen > 0 ? t("budget.of", { issued: yuan(line.issued_fen), allowed: yuan(line.allowance_fen) }) : yuan(line.issued_fen)}</span>
        {line.scope !== "rule" && <span>{t("budget.sales", { sales: yuan(line.sales_fen) })}</span>}
        {line.since_at && <span>{t("budget.since")} <Moment at={line.since_at} /></span>}
      </div>
    </li>
  )
}

function Lines({ of, lines }: { of: "city" | "rule"; lines: BudgetLine[] }) {
  const { t } = useLanguage()
  return (
    <Panel title={t(`budget.by_${of}`)} note={t(`budget.by_${of}.note`)}>
      {lines.length ? (
        <ul className="budget-lines">{lines.map((line) => <Line key={line.id} line={line} />)}</ul>
      ) : (
        <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t("budget.nothing")} />
      )}
    </Panel>
  )
}

function Report({ report, pick }: { report: BudgetReport; pick: (month: string) => void }) {
  const { t } = useLanguage()
  const { yuan, number, share } = useFormats()
  const whole = report.lines.find((line) => line.scope === (report.city === null ? "all" : "city"))
  const tones = { ok: "good", warning: "warn", paused: "bad" } as const
  const cities = report.city === null ? report.lines.filter((line) => line.scope === "city") : []
  return (
    <>
      {whole && (
        <div className="figures">
          <Figure name={t("budget.used")} value={whole.allowance_fen ? share(whole.used_basis_points) : "–"} tone={whole.allowance_fen ? tones[whole.state] : undefined} note={t(`budget_state.${whole.state}`)} />
          <Figure name={t("budget.issued")} value={yuan(whole.issued_fen)} note={t("backtest.points_more", { n: number(whole.issued_points) })} />
          <Figure name={t("budget.allowed")} value={yuan(whole.allowance_fen)} note={whole.allowance_fen > whole.issued_fen ? t("budget.left", { left: yuan(whole.allowance_fen - whole.issued_fen) }) : undefined} />
          <Figure name={t("arm.sales")} value={yuan(whole.sales_fen)} note={whole.sales_fen > 0 ? t("budget.share", { share: share(Math.round((10_000 * whole.issued_fen) / whole.sales_fen)) }) : undefined} />
        </div>
      )}
      <Months months={report.months} pick={pick} />
      <div className="halves">
        {report.city === null && <Lines of="city" lines={cities} />}
        <Lines of="rule" lines={report.lines.filter((line) => line.scope === "rule")} />
      </div>
    </>
  )
}

/** What points cost against what was sold, by month, city and rule; and what rests because of it. */
export default function BudgetPage() {
  const { t } = useLanguage()
  const { businessOn, pulse, tick } = useLive()
  const [search, setSearch] = useSearchParams()
  const month = search.get("month") ?? ""
  const city = search.get("city") ?? ""
  const turn = useCalm((pulse?.events_total ?? 0) + tick, CALM_MS)
  const found = useLoad((signal) => budget.report({ month, city, signal }), [month, city, turn])
  const cities = useLoad((signal) => insights.dashboard({ signal }), [])
  const choose = (change: { month?: string; city?: string }) =>
    setSearch(Object.fromEntries(Object.entries({ month, city, ...change }).filter(([, value]) => value)), { replace: true })
  const shown = month || found.data?.month || businessOn?.slice(0, 7)
  return (
    <Page
      title={t("nav.budget")}
      note={t("budget.note")}
      acts={
        <>
          <Select
            aria-label={t("dashboard.city")}
            className="pick-city"
            value={city}
            onChange={(value: string) => choose({ city: value })}
            options={[{ value: "", label: t("city.all") }, ...(cities.data?.cities ?? []).map((value) => ({ value }))]}
          />
          <DatePicker
            picker="month"
            allowClear={false}
            aria-label={t("budget.month")}
            value={shown ? dayjs(`${shown}-01`) : null}
            maxDate={businessOn ? dayjs(businessOn) : undefined}
            onChange={(on) => choose({ month: on ? on.format("YYYY-MM") : "" })}
          />
        </>
      }
    >
      <Show of={found} rows={10}>{(report) => <Report report={report} pick={(one) => one && choose({ month: one })} />}</Show>
    </Page>
  )
}
