import { DatePicker, Empty, Segmented, Table } from "antd"
import dayjs from "dayjs"
import { useCallback, useState } from "react"
import { Link, useSearchParams } from "react-router-dom"
import { costs, type CostOfDay, type CostOfItem, type MallCosts } from "../../api/mall"
import { Chart, frame, tooltipOf } from "../../charts/Chart"
import { useLanguage } from "../../i18n"
import { useFormats } from "../../i18n/format"
import { useLive } from "../../live/Live"
import { useLoad } from "../../parts/load"
import { useNarrow } from "../../parts/narrow"
import { Figure, Panel, Show } from "../../parts/Page"
import type { Palette } from "../../theme/tokens"

const DAYS = 30
const WHOLE = 10_000

/** All days from one to another, those on which nothing went with zeros. */
export function everyDay(days: CostOfDay[], from: string, to: string): CostOfDay[] {
  const known = new Map(days.map((one) => [one.on, one]))
  const found: CostOfDay[] = []
  for (let on = dayjs(from); !on.isAfter(dayjs(to)); on = on.add(1, "day")) {
    const day = on.format("YYYY-MM-DD")
    found.push(known.get(day) ?? { on: day, orders: 0, pieces: 0, points: 0, price_fen: 0, cost_fen: 0 })
  }
  return found
}

function Days({ found }: { found: MallCosts }) {
  const { t } = useLanguage()
  const { yuan, compact, number } = useFormats()
  const narrow = useNarrow()
  const [as, setAs] = useState<"chart" | "table">("chart")
  const days = everyDay(found.days, found.from_on, found.to_on)
  const option = useCallback(
    (p: Palette) => {
      const f = frame(p, (fen) => `¥${compact(fen / 100)}`)
      const bar = (name: string, color: string, of: (day: CostOfDay) => number) => ({
        name, type: "bar", color, barMaxWidth: 22, itemStyle: { borderRadius: [3, 3, 0, 0] }, data: days.map(of),
      })
      return {
        ...f,
        tooltip: tooltipOf(yuan),
        xAxis: { ...f.category, data: days.map((one) => one.on), axisLabel: { ...f.category.axisLabel, formatter: (on: string) => on.slice(5) } },
        yAxis: f.value,
        series: [bar(t("costs.cost"), p.persimmon, (day) => day.cost_fen), bar(t("costs.cash"), p.leaf, (day) => day.price_fen)],
      }
    },
    // biome-ignore lint: the days follow from what was found
    [found, t, yuan, compact],
  )
  return (
    <Panel
      title={t("costs.days")}
      note={t("costs.days.note")}
      extra={<Segmented value={as} onChange={setAs} options={[{ value: "chart", label: t("dashboard.chart") }, { value: "table", label: t("dashboard.table") }]} />}
    >
      {as === "chart" ? (
        <Chart label={t("costs.days")} option={option} height={240} />
      ) : (
        <Table<CostOfDay>
          size="small"
          aria-label={t("costs.days")}
          dataSource={found.days}
          rowKey="on"
          pagination={false}
          scroll={narrow ? undefined : { x: 480 }}
          columns={[
            { title: t("dashboard.day"), dataIndex: "on", className: "num-left" },
            { title: t("costs.pieces"), align: "right", className: "num", render: (_value, one) => number(one.pieces) },
            { title: t("costs.points"), responsive: ["md"], align: "right", className: "num", render: (_value, one) => number(one.points) },
            { title: t("costs.cash"), align: "right", className: "num", render: (_value, one) => yuan(one.price_fen) },
            { title: t("costs.cost"), align: "right", className: "num", render: (_value, one) => yuan(one.cost_fen) },
          ]}
        />
      )}
    </Panel>
  )
}

function Funders({ found }: { found: MallCosts }) {
  const { t, code } = useLanguage()
  const { yuan, number, share } = useFormats()
  const whole = found.total.cost_fen
  return (
    <Panel title={t("costs.funders")} note={t("costs.funders.note")}>
      {found.funders.length ? (
        <ul className="gains">
          {found.funders.map((one) => (
            <li key={one.funder}>
              <span>{code("funder", one.funder)} <small className="faint">{t("orders.pieces", { n: number(one.pieces) })}</small></span>
              <b className="num">{yuan(one.cost_fen)}</b>
              <span className="faint num">{whole ? share(Math.round((WHOLE * one.cost_fen) / whole)) : "–"}</span>
            </li>
          ))}
        </ul>
      ) : (
        <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t("costs.none")} />
      )}
    </Panel>
  )
}

function Things({ found }: { found: MallCosts }) {
  const { t, name, code } = useLanguage()
  const { yuan, number } = useFormats()
  return (
    <Panel flush title={t("costs.items")}>
      <Table<CostOfItem>
        size="middle"
        aria-label={t("costs.items")}
        dataSource={found.items}
        rowKey={(one) => one.item_id + one.funder}
        pagination={false}
        scroll={{ x: 640 }}
        locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t("costs.none")} /> }}
        columns={[
          { title: t("mall.item"), render: (_value, one) => <Link to={`/mall/items/${one.item_id}`}>{name(one.title)}</Link> },
          { title: t("item.funder"), width: 120, render: (_value, one) => code("funder", one.funder) },
          { title: t("costs.pieces"), width: 90, align: "right", className: "num", render: (_value, one) => number(one.pieces) },
          { title: t("costs.points"), width: 110, align: "right", className: "num", render: (_value, one) => number(one.points) },
          { title: t("costs.cash"), width: 110, align: "right", className: "num", render: (_value, one) => yuan(one.price_fen) },
          { title: t("costs.cost"), width: 110, align: "right", className: "num", render: (_value, one) => yuan(one.cost_fen) },
        ]}
      />
    </Panel>
  )
}

/** What redemptions cost, by day and item, and who bears it. */
export function CostsPage() {
  const { t } = useLanguage()
  const { yuan, number } = useFormats()
  const { businessOn } = useLive()
  const [search, setSearch] = useSearchParams()
  const to = search.get("to") ?? businessOn ?? ""
  const from = search.get("from") ?? (to && dayjs(to).subtract(DAYS - 1, "day").format("YYYY-MM-DD"))
  const found = useLoad(async (signal) => (from && to ? costs.of(from, to, signal) : null), [from, to])
  return (
    <>
      <div className="bar">
        <DatePicker.RangePicker
          className="bar-range"
          allowClear={false}
          aria-label={t("dashboard.period")}
          value={from && to ? [dayjs(from), dayjs(to)] : null}
          maxDate={businessOn ? dayjs(businessOn) : undefined}
          onChange={(span) => span?.[0] && span[1] && setSearch({ from: span[0].format("YYYY-MM-DD"), to: span[1].format("YYYY-MM-DD") }, { replace: true })}
        />
      </div>
      <Show of={found} rows={10}>
        {(one) => one && (
          <>
            <div className="figures">
              <Figure name={t("costs.cost")} value={yuan(one.total.cost_fen)} note={t("costs.net", { yuan: yuan(one.total.cost_fen - one.total.price_fen) })} />
              <Figure name={t("costs.cash")} value={yuan(one.total.price_fen)} />
              <Figure name={t("costs.points")} value={number(one.total.points)} />
              <Figure name={t("costs.pieces")} value={number(one.total.pieces)} note={t("costs.orders", { n: number(one.total.orders) })} />
            </div>
            <Days found={one} />
            <Funders found={one} />
            <Things found={one} />
          </>
        )}
      </Show>
    </>
  )
}
