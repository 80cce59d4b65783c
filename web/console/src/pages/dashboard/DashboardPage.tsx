import { Alert, Drawer, Segmented, Select, Skeleton } from "antd"
import { lazy, Suspense, useCallback, useMemo, useState } from "react"
import { Link, useNavigate, useSearchParams } from "react-router-dom"
import { insights } from "../../api/calls"
import type { Dashboard } from "../../api/types"
import { Chart, frame, tooltipOf } from "../../charts/Chart"
import { MonthBars } from "../../charts/MonthBars"
import { useLanguage } from "../../i18n"
import { useFormats } from "../../i18n/format"
import { useLive } from "../../live/Live"
import { useCalm, useLoad } from "../../parts/load"
import { Figure, Page, Panel, Show } from "../../parts/Page"
import { RunLine } from "../../parts/RunLine"
import type { Palette } from "../../theme/tokens"
import { addDays, byCity, byDay, everyHour, type Sums, totalOf } from "./figures"

// Tables weigh as much as all charts' words: they come when they are looked at.
const DayTable = lazy(() => import("./Tables").then((found) => ({ default: found.DayTable })))
const Behind = lazy(() => import("./Tables").then((found) => ({ default: found.Behind })))
const DaysPicker = lazy(() => import("./DaysPicker"))
const PERIODS = [7, 30, 90]
const CALM_MS = 4_000
type Range = { from: string; to: string; city: string }

/** The range in the address: by default thirty days until the server's business date. */
function useRange(businessOn: string | null) {
  const [search, setSearch] = useSearchParams()
  const choose = (change: Partial<Range>) =>
    setSearch((now) => {
      for (const [name, value] of Object.entries(change)) {
        if (value) now.set(name, value)
        else now.delete(name)
      }
      return now
    })
  const to = search.get("to") ?? businessOn ?? ""
  return { from: search.get("from") ?? (to && addDays(to, -29)), to, city: search.get("city") ?? "", search, choose }
}

/** The last so many days, or any others; the calendar for those comes when it is asked for. */
function Period({ range, today, choose }: { range: Range; today: string; choose: (change: Partial<Range>) => void }) {
  const { t } = useLanguage()
  // Until somebody has said which day it is, none is a preset's last.
  const preset = today ? PERIODS.find((n) => range.to === today && range.from === addDays(today, 1 - n)) : undefined
  const [own, setOwn] = useState(false)
  const picks = own || (!!today && preset === undefined)
  return (
    <>
      <Select
        aria-label={t("dashboard.period")}
        className="pick-city"
        value={picks ? 0 : preset}
        onChange={(n: number) => {
          setOwn(n === 0)
          if (n) choose({ from: addDays(today, 1 - n), to: today })
        }}
        options={[
          ...PERIODS.map((value) => ({ value, label: t("dashboard.last_days", { n: value }) })),
          { value: 0, label: t("dashboard.own_days") },
        ]}
      />
      {picks && (
        <Suspense fallback={<Skeleton.Input active />}>
          <DaysPicker from={range.from} to={range.to} today={today} onChange={choose} />
        </Suspense>
      )}
    </>
  )
}

function DayChart({ data, range, pick }: { data: Dashboard; range: Range; pick: (on: string) => void }) {
  const { t } = useLanguage()
  const { compact, number } = useFormats()
  const [as, setAs] = useState<"chart" | "table">("chart")
  const days = useMemo(() => byDay(data.days, range.from, range.to), [data.days, range.from, range.to])
  const option = useCallback(
    (p: Palette) => {
      const f = frame(p, compact)
      const bar = (sort: keyof Sums, color: string, sign: 1 | -1) => ({
        name: t(`figure.${sort}`), type: "bar", stack: "points", barMaxWidth: 22, color,
        itemStyle: { borderRadius: sign > 0 ? [3, 3, 0, 0] : [0, 0, 3, 3] },
        data: days.map((day) => sign * day.sums[sort]),
      })
      return {
        ...f,
        tooltip: tooltipOf(number),
        xAxis: {
          ...f.category,
          data: days.map((day) => day.on),
          axisLabel: { ...f.category.axisLabel, formatter: (on: string) => on.slice(5) },
        },
        yAxis: f.value,
        series: [
          bar("settled", p.leaf, 1),
          bar("spent", p.persimmon, -1),
          bar("expired", p.inkFaint, -1),
          {
            name: t("figure.granted"), type: "line", smooth: 0.25, symbol: "circle", symbolSize: 5, showSymbol: false,
            color: p.sky, lineStyle: { width: 2 }, data: days.map((day) => day.sums.granted),
          },
        ],
      }
    },
    [days, t, compact, number],
  )
  return (
    <Panel
      title={t("dashboard.days")}
      note={t("dashboard.days.note")}
      className="span-2"
      extra={
        <Segmented
          size="small"
          value={as}
          onChange={setAs}
          options={[{ value: "chart", label: t("dashboard.chart") }, { value: "table", label: t("dashboard.table") }]}
        />
      }
    >
      {as === "chart" ? (
        <Chart label={t("dashboard.days")} option={option} height={300} onPick={(at) => pick(at.name)} />
      ) : (
        <Suspense fallback={<Skeleton active />}>
          <DayTable days={days} pick={pick} />
        </Suspense>
      )}
    </Panel>
  )
}

function CityChart({ data, pick }: { data: Dashboard; pick: (city: string) => void }) {
  const { t } = useLanguage()
  const { compact, number } = useFormats()
  const cities = useMemo(() => byCity(data.days), [data.days])
  const called = useCallback((city: string) => city || t("city.none"), [t])
  const option = useCallback(
    (p: Palette) => {
      const f = frame(p, compact)
      const bar = (sort: keyof Sums, color: string) => ({
        name: t(`figure.${sort}`), type: "bar", barMaxWidth: 14, color, itemStyle: { borderRadius: 3 },
        data: cities.map((one) => one.sums[sort]),
      })
      return {
        ...f,
        tooltip: tooltipOf(number),
        xAxis: { ...f.category, data: cities.map((one) => called(one.city)) },
        yAxis: f.value,
        series: [bar("granted", p.sky), bar("settled", p.leaf), bar("spent", p.persimmon), bar("expired", p.inkFaint)],
      }
    },
    [cities, t, called, compact, number],
  )
  return (
    <Panel title={t("dashboard.cities")} note={t("dashboard.cities.note")}>
      <Chart label={t("dashboard.cities")} option={option} height={240} onPick={(at) => pick(cities[at.dataIndex]?.city ?? "")} />
      <div className="chips">
        {cities.map((one) => (
          <button type="button" className="chip" key={one.city} onClick={() => pick(one.city)}>
            {called(one.city)} <span className="num">{number(one.sums.settled)}</span>
          </button>
        ))}
      </div>
    </Panel>
  )
}

function HourChart({ data }: { data: Dashboard }) {
  const { t } = useLanguage()
  const { compact, number, moment, clock } = useFormats()
  const go = useNavigate()
  const hours = useMemo(() => everyHour(data.events_by_hour), [data.events_by_hour])
  const option = useCallback(
    (p: Palette) => {
      const f = frame(p, compact)
      return {
        ...f,
        legend: undefined,
        grid: { ...f.grid, top: 12 },
        tooltip: tooltipOf(number, moment),
        xAxis: {
          ...f.category,
          data: hours.map((hour) => hour.hour_at),
          axisLabel: { ...f.category.axisLabel, formatter: (at: string) => clock(at) },
        },
        yAxis: { ...f.value, minInterval: 1 },
        series: [
          {
            name: t("dashboard.events"), type: "bar", color: p.persimmon, barMaxWidth: 16,
            itemStyle: { borderRadius: [3, 3, 0, 0] }, data: hours.map((hour) => hour.count),
          },
        ],
      }
    },
    [hours, t, compact, number, moment, clock],
  )
  const pick = (at: string) => {
    const on = moment(at).slice(0, 10)
    go(`/events?from=${on}&to=${on}`)
  }
  return (
    <Panel title={t("dashboard.hours")} note={t("dashboard.hours.note")}>
      <Chart label={t("dashboard.hours")} option={option} height={240} onPick={(at) => pick(at.name)} />
    </Panel>
  )
}

function ExpiryChart({ data }: { data: Dashboard }) {
  const { t } = useLanguage()
  const months = useMemo(
    () => data.liability_by_month.map((one): [string, number] => [one.month.slice(0, 7), one.points]),
    [data.liability_by_month],
  )
  return (
    <Panel title={t("dashboard.liability_months")} note={t("dashboard.liability_months.note")}>
      <MonthBars label={t("dashboard.liability_months")} name={t("dashboard.lapsing")} months={months} height={240} widest={22} />
    </Panel>
  )
}

function Figures({ data }: { data: Dashboard }) {
  const { t } = useLanguage()
  const { number } = useFormats()
  const { pulse } = useLive()
  const total = totalOf(data.days)
  const { liability } = data
  const parked = pulse?.parked_waiting ?? data.parked_waiting
  return (
    <div className="figures">
      <Figure
        name={t("dashboard.liability")}
        value={number(liability.available + liability.held)}
        note={t("dashboard.liability.note", { held: number(liability.held), pending: number(liability.pending) })}
      />
      <Figure name={t("dashboard.settled")} value={number(total.settled)} tone="good" note={t("dashboard.granted.note", { n: number(total.granted) })} />
      <Figure name={t("dashboard.spent")} value={number(total.spent)} note={t("dashboard.expired.note", { n: number(total.expired) })} />
      <Figure
        name={t("dashboard.members")}
        value={number(data.members)}
        note={pulse ? t("dashboard.minute", { n: number(pulse.events_last_minute) }) : t("dashboard.debt", { n: number(liability.debt) })}
      />
      <Link to="/events/parked" className="figure-link">
        <Figure
          name={t("dashboard.parked")}
          value={number(parked)}
          tone={parked ? "warn" : "good"}
          note={t(parked ? "dashboard.parked.some" : "dashboard.parked.none")}
        />
      </Link>
    </div>
  )
}

/** A month's budget that is nearly used up, or is. */
function BudgetAlert() {
  const { t } = useLanguage()
  const { pulse } = useLive()
  const state = pulse?.budget_state
  if (state !== "warning" && state !== "paused") return null
  return (
    <Alert
      className="gap"
      showIcon
      type={state === "paused" ? "error" : "warning"}
      title={t(`dashboard.budget.${state}`)}
      action={<Link to="/budget">{t("nav.budget")}</Link>}
    />
  )
}

export default function DashboardPage() {
  const { t } = useLanguage()
  const { businessOn, pulse, tick } = useLive()
  const range = useRange(businessOn)
  const [behind, setBehind] = useState<{ on?: string; city?: string } | null>(null)
  const turn = useCalm((pulse?.events_total ?? 0) + tick, CALM_MS)
  const { from, to, city } = range
  const asked = range.search.has("to") || range.search.has("from")
  const found = useLoad(
    (signal) => insights.dashboard(asked || to ? { from, to, city, signal } : { signal }),
    [from, to, city, turn],
  )
  const today = businessOn ?? found.data?.business_on ?? ""
  const shown: Range = { from: from || (today && addDays(today, -29)), to: to || today, city }
  return (
    <Page
      title={t("nav.dashboard")}
      note={today && t("dashboard.today", { on: today })}
      acts={
        <>
          <Select
            aria-label={t("dashboard.city")}
            className="pick-city"
            value={city}
            onChange={(value: string) => range.choose({ city: value })}
            options={[{ value: "", label: t("city.all") }, ...(found.data?.cities ?? []).map((value) => ({ value }))]}
          />
          <Period range={shown} today={today} choose={range.choose} />
        </>
      }
    >
      <Show of={found} rows={12}>
        {(data) => (
          <>
            <BudgetAlert />
            <Figures data={data} />
            <div className="dashboard">
              <DayChart data={data} range={shown} pick={(on) => setBehind({ on })} />
              <HourChart data={data} />
              <CityChart data={data} pick={(of) => setBehind({ city: of })} />
              <ExpiryChart data={data} />
              <Panel title={t("dashboard.runs")} extra={<Link to="/runs">{t("dashboard.all_runs")}</Link>}>
                <div className="runs">
                  {(pulse?.runs.length ? pulse.runs : data.latest_runs).slice(0, 4).map((run) => (
                    <RunLine key={run.kind + run.run_on} run={run} />
                  ))}
                  {!data.latest_runs.length && !pulse?.runs.length && <p className="faint">{t("runs.none")}</p>}
                </div>
              </Panel>
            </div>
            <Drawer
              open={!!behind}
              onClose={() => setBehind(null)}
              size="min(820px, 100vw)"
              title={behind?.on ?? (behind?.city || t("city.none"))}
            >
              {behind && (
                <Suspense fallback={<Skeleton active />}>
                  <Behind of={behind} days={data.days} />
                </Suspense>
              )}
            </Drawer>
          </>
        )}
      </Show>
    </Page>
  )
}
