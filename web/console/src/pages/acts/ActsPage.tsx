import { DatePicker, Input, type TableColumnsType } from "antd"
import dayjs from "dayjs"
import { useSearchParams } from "react-router-dom"
import { type ActLine, acts } from "../../api/release"
import { useLanguage } from "../../i18n"
import { Id, Moment } from "../../parts/bits"
import { ListTable } from "../../parts/ListTable"
import { useList } from "../../parts/load"
import { Page, Panel } from "../../parts/Page"

/** Who did what, to what, and why. */
export default function ActsPage() {
  const { t, code } = useLanguage()
  const [search, setSearch] = useSearchParams()
  const of = (name: string) => search.get(name) ?? ""
  const asked = { actor: of("actor"), act: of("act"), from: of("from"), to: of("to") }
  const choose = (change: Partial<typeof asked>) =>
    setSearch(Object.fromEntries(Object.entries({ ...asked, ...change }).filter(([, value]) => value)), { replace: true })
  const list = useList((cursor, signal) => acts.list({ ...asked, cursor, signal }), [asked.actor, asked.act, asked.from, asked.to])
  const called = (act: string) => (code("act_name", act) === act ? <Id>{act}</Id> : <span title={act}>{code("act_name", act)}</span>)
  const columns: TableColumnsType<ActLine> = [
    { title: t("acts.at"), width: 160, render: (_value, one) => <Moment at={one.at} /> },
    { title: t("acts.actor"), width: 150, dataIndex: "actor" },
    { title: t("acts.act"), width: 200, render: (_value, one) => called(one.act) },
    { title: t("acts.subject"), render: (_value, one) => <Id>{one.subject}</Id> },
    { title: t("reason.label"), render: (_value, one) => one.reason || <span className="faint">–</span> },
  ]
  return (
    <Page title={t("nav.acts")} note={t("acts.note")}>
      <div className="bar">
        <Input.Search allowClear className="bar-search" aria-label={t("acts.actor")} placeholder={t("acts.actor")} defaultValue={asked.actor} onSearch={(value) => choose({ actor: value.trim() })} />
        <Input.Search allowClear className="bar-search" aria-label={t("acts.act")} placeholder={t("acts.act.example")} defaultValue={asked.act} onSearch={(value) => choose({ act: value.trim() })} />
        <DatePicker.RangePicker
          className="bar-range"
          allowEmpty={[true, true]}
          value={[asked.from ? dayjs(asked.from) : null, asked.to ? dayjs(asked.to) : null]}
          onChange={(span) => choose({ from: span?.[0]?.format("YYYY-MM-DD") ?? "", to: span?.[1]?.format("YYYY-MM-DD") ?? "" })}
        />
      </div>
      <Panel flush>
        <ListTable
          label={t("nav.acts")}
          list={list}
          columns={columns}
          width={900}
          rowKey={(one) => one.act_id}
          card={(one) => (
            <div className="card">
              <span className="card-line">
                <b>{called(one.act)}</b>
                <Moment at={one.at} />
              </span>
              <span>{one.reason || "–"}</span>
              <span className="card-more">{one.actor} · <Id>{one.subject}</Id></span>
            </div>
          )}
        />
      </Panel>
    </Page>
  )
}
