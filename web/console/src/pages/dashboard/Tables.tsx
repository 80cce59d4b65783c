import { Button, Table, type TableColumnsType } from "antd"
import { Link } from "react-router-dom"
import type { DayFigures } from "../../api/types"
import { type Translate, useLanguage } from "../../i18n"
import { Points } from "../../parts/bits"
import { SORTS, type Sums } from "./figures"

function sumColumns<T extends { sums: Sums }>(t: Translate): TableColumnsType<T> {
  return SORTS.map((sort) => ({
    title: t(`figure.${sort}`), align: "right", width: 104, render: (_value, row) => <Points value={row.sums[sort]} />,
  }))
}

type Day = { on: string; sums: Sums }

/** The days as figures: what the chart shows, to be read. */
export function DayTable({ days, pick }: { days: Day[]; pick: (on: string) => void }) {
  const { t } = useLanguage()
  const columns: TableColumnsType<Day> = [
    {
      title: t("dashboard.day"), fixed: "left", width: 120,
      render: (_value, row) => (
        <Button type="link" className="num link" onClick={() => pick(row.on)}>
          {row.on}
        </Button>
      ),
    },
    ...sumColumns<Day>(t),
  ]
  return (
    <Table size="small" rowKey="on" pagination={false} scroll={{ x: 744, y: 260 }} columns={columns} dataSource={days.toReversed()} />
  )
}

/** What is behind a day (its cities) or a city (its days), and the way to the lists. */
export function Behind({ of, days }: { of: { on?: string; city?: string }; days: DayFigures[] }) {
  const { t } = useLanguage()
  const called = (city: string | null) => city || t("city.none")
  type Row = { key: string; sums: Sums }
  const rows: Row[] = days
    .filter((day) => (of.on ? day.on === of.on : (day.city ?? "") === of.city))
    .map((day) => ({ key: of.on ? called(day.city) : day.on, sums: day }))
    .sort((a, b) => (of.on ? a.key.localeCompare(b.key) : b.key.localeCompare(a.key)))
  const columns: TableColumnsType<Row> = [
    { title: t(of.on ? "dashboard.city" : "dashboard.day"), dataIndex: "key", fixed: "left", width: 120, className: "num-left" },
    ...sumColumns<Row>(t),
  ]
  return (
    <>
      <div className="bar">
        {of.on && (
          <Link className="ant-btn-link" to={`/events?from=${of.on}&to=${of.on}`}>
            {t("dashboard.to_events")} →
          </Link>
        )}
        {of.city && (
          <Link className="ant-btn-link" to={`/members?city=${encodeURIComponent(of.city)}`}>
            {t("dashboard.to_members")} →
          </Link>
        )}
      </div>
      <Table size="small" rowKey="key" pagination={false} columns={columns} dataSource={rows} scroll={{ x: 744 }} />
    </>
  )
}
