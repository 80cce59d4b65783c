import { DatePicker, Input, type TableColumnsType } from "antd"
import dayjs from "dayjs"
import { Link, useSearchParams } from "react-router-dom"
import { type Cut, screening } from "../../api/limits"
import { useLanguage } from "../../i18n"
import { useFormats } from "../../i18n/format"
import { Id, Points } from "../../parts/bits"
import { ListTable } from "../../parts/ListTable"
import { useList } from "../../parts/load"
import { Page, Panel } from "../../parts/Page"

/** What caps took away before points were credited. */
export default function CutsPage() {
  const { t, name, code } = useLanguage()
  const { number } = useFormats()
  const [search, setSearch] = useSearchParams()
  const asked = { on: search.get("on") ?? "", member_id: search.get("member_id") ?? "", cap: search.get("cap") ?? "" }
  const choose = (change: Partial<typeof asked>) =>
    setSearch(Object.fromEntries(Object.entries({ ...asked, ...change }).filter(([, value]) => value)), { replace: true })
  const list = useList((cursor, signal) => screening.cuts({ ...asked, cursor, signal }), [asked.on, asked.member_id, asked.cap])
  const member = (one: Cut) => <Link to={`/members/${encodeURIComponent(one.member_id)}`}><Id>{one.member_id}</Id></Link>
  const capName = (one: Cut) => code("cap_name", one.cap) === one.cap ? <Id>{one.cap}</Id> : code("cap_name", one.cap)
  const columns: TableColumnsType<Cut> = [
    { title: t("cuts.on"), width: 116, dataIndex: "on", className: "num-left" },
    { title: t("shadow.member"), render: (_value, one) => member(one) },
    { title: t("grants.rule"), render: (_value, one) => (one.rule_name ? name(one.rule_name) : <Id>{one.rule}</Id>) },
    { title: t("cuts.cap"), render: (_value, one) => <>{capName(one)} <span className="faint">{code("cap_by", one.per)}</span></> },
    { title: t("cuts.limit"), width: 100, align: "right", render: (_value, one) => <Points value={one.limit_points} /> },
    { title: t("cuts.promised"), width: 100, align: "right", render: (_value, one) => <Points value={one.promised} /> },
    { title: t("cuts.cut"), width: 100, align: "right", render: (_value, one) => <Points signed value={-one.cut_points} /> },
    { title: t("cuts.run_on"), width: 116, dataIndex: "run_on", className: "num-left" },
  ]
  return (
    <Page title={t("nav.screening")} note={t("cuts.note")}>
      <div className="bar">
        <DatePicker
          aria-label={t("cuts.on")}
          placeholder={t("cuts.on")}
          value={asked.on ? dayjs(asked.on) : null}
          onChange={(on) => choose({ on: on ? on.format("YYYY-MM-DD") : "" })}
        />
        <Input.Search allowClear className="bar-search" aria-label={t("cuts.member")} placeholder={t("cuts.member")} defaultValue={asked.member_id} onSearch={(value) => choose({ member_id: value.trim() })} />
        <Input.Search allowClear className="bar-search" aria-label={t("cuts.cap")} placeholder={t("cuts.cap")} defaultValue={asked.cap} onSearch={(value) => choose({ cap: value.trim() })} />
      </div>
      <Panel flush>
        <ListTable
          label={t("nav.screening")}
          list={list}
          columns={columns}
          width={980}
          rowKey={(one) => `${one.member_id} ${one.key} ${one.cap}`}
          empty={t("cuts.none")}
          card={(one) => (
            <div className="card">
              <span className="card-line">
                <b>{one.rule_name ? name(one.rule_name) : one.rule}</b>
                <Points signed value={-one.cut_points} />
              </span>
              <span className="card-more">{member(one)} · <span className="num">{one.on}</span></span>
              <span className="card-more">{capName(one)} {t("cuts.of", { promised: number(one.promised), limit: number(one.limit_points) })}</span>
            </div>
          )}
        />
      </Panel>
    </Page>
  )
}
