import { Button, DatePicker, Input, Select, type TableColumnsType } from "antd"
import dayjs from "dayjs"
import { useRef } from "react"
import { Link, useNavigate, useSearchParams } from "react-router-dom"
import { events } from "../../api/calls"
import type { EventLine } from "../../api/types"
import { useLanguage } from "../../i18n"
import { useFormats } from "../../i18n/format"
import { useLive } from "../../live/Live"
import { EventType, Id, Moment, Points, State } from "../../parts/bits"
import { ListTable } from "../../parts/ListTable"
import { useList } from "../../parts/load"
import { Page, Panel } from "../../parts/Page"
import { EVENT_TYPES } from "../../rules/samples"

export const pathOf = (one: { source: string; event_id: string }) =>
  `/events/one?source=${encodeURIComponent(one.source)}&id=${encodeURIComponent(one.event_id)}`

export default function EventsPage() {
  const { t, code } = useLanguage()
  const { number } = useFormats()
  const go = useNavigate()
  const { pulse, tick } = useLive()
  const [search, setSearch] = useSearchParams()
  const get = (name: string) => search.get(name) ?? ""
  const choose = (change: Record<string, string>) =>
    setSearch((now) => {
      for (const [name, value] of Object.entries(change)) {
        if (value) now.set(name, value)
        else now.delete(name)
      }
      return now
    })
  const asked = { member_id: get("member"), type: get("type"), from: get("from"), to: get("to") }
  const seen = useRef<number | null>(null)
  const list = useList(
    async (cursor, signal) => {
      const page = await events.list({ ...asked, cursor, limit: 50, signal })
      if (!cursor) seen.current = null
      return page
    },
    [...Object.values(asked), tick],
  )
  if (seen.current === null && !list.loading && pulse) seen.current = pulse.events_total
  const fresh = seen.current !== null && pulse ? Math.max(0, pulse.events_total - seen.current) : 0
  const columns: TableColumnsType<EventLine> = [
    { title: t("events.received"), width: 150, render: (_value, one) => <Moment at={one.received_at} /> },
    { title: t("events.type"), width: 140, render: (_value, one) => <EventType type={one.type} /> },
    { title: t("events.id"), render: (_value, one) => <Link to={pathOf(one)}><Id>{one.event_id}</Id></Link> },
    {
      title: t("events.member"), width: 170,
      render: (_value, one) => (
        <Link to={`/members/${encodeURIComponent(one.member_id)}`} onClick={(event) => event.stopPropagation()}>
          <Id>{one.member_id}</Id>
        </Link>
      ),
    },
    { title: t("events.business_on"), width: 112, dataIndex: "business_on", className: "num-left" },
    {
      title: t("events.outcome"), width: 130,
      render: (_value, one) => (
        <>
          <State group="outcome" code={one.outcome} />
          {one.code && <small className="faint">{code("park", one.code)}</small>}
        </>
      ),
    },
    { title: t("events.points"), width: 100, align: "right", render: (_value, one) => <Points signed value={one.granted_points} /> },
  ]
  return (
    <Page
      title={t("nav.events")}
      note={t("events.note")}
      acts={
        <Link to="/events/parked">
          <Button>
            {t("parked.title")}
            {!!pulse?.parked_waiting && <span className="count">{number(pulse.parked_waiting)}</span>}
          </Button>
        </Link>
      }
    >
      <div className="bar">
        <Input.Search
          key={asked.member_id}
          allowClear
          className="bar-search"
          placeholder={t("events.member.find")}
          aria-label={t("events.member.find")}
          defaultValue={asked.member_id}
          onSearch={(member) => choose({ member: member.trim() })}
        />
        <Select
          allowClear
          className="bar-pick"
          aria-label={t("events.type")}
          placeholder={t("events.type.any")}
          value={asked.type || undefined}
          onChange={(type?: string) => choose({ type: type ?? "" })}
          options={EVENT_TYPES.map((value) => ({ value, label: code("event", value) }))}
        />
        <DatePicker.RangePicker
          className="bar-range"
          allowEmpty
          value={[asked.from ? dayjs(asked.from) : null, asked.to ? dayjs(asked.to) : null]}
          onChange={(days) => choose({ from: days?.[0]?.format("YYYY-MM-DD") ?? "", to: days?.[1]?.format("YYYY-MM-DD") ?? "" })}
        />
      </div>
      {fresh > 0 && (
        <button type="button" className="fresh" onClick={list.reload}>
          {t("events.fresh", { n: number(fresh) })}
        </button>
      )}
      <Panel flush>
        <ListTable
          label={t("nav.events")}
          list={list}
          columns={columns}
          width={980}
          rowKey={(one) => `${one.source} ${one.event_id}`}
          onOpen={(one) => go(pathOf(one))}
          card={(one) => (
            <Link className="card" to={pathOf(one)}>
              <span className="card-line">
                <b><EventType type={one.type} /></b>
                <Points signed value={one.granted_points} />
              </span>
              <Id>{one.member_id}</Id>
              <span className="card-more">
                <State group="outcome" code={one.outcome} /> <Moment at={one.received_at} />
              </span>
            </Link>
          )}
        />
      </Panel>
    </Page>
  )
}
