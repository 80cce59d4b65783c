import { Input, Segmented, type TableColumnsType } from "antd"
import { Link } from "react-router-dom"
import { type Notice, type NoticeKind, notices } from "../../api/office"
import { useLanguage } from "../../i18n"
import { Badge, Id, Moment } from "../../parts/bits"
import { ListTable } from "../../parts/ListTable"
import { useList } from "../../parts/load"
import { Page, Panel } from "../../parts/Page"
import { useAsked } from "../../parts/search"

const KINDS: ("" | NoticeKind)[] = ["", "expiring", "wake_up"]

/** What members were told of by themselves: points that lapse soon, a call to who has gone silent. */
export default function NoticesPage() {
  const { t, name, code } = useLanguage()
  const { asked, choose, key } = useAsked(["member_id", "kind"])
  const list = useList((cursor, signal) => notices.list({ ...asked, cursor, limit: 50, signal }), [key])
  const member = (one: Notice) => <Link to={`/members/${encodeURIComponent(one.member_id)}`}><Id>{one.member_id}</Id></Link>
  const read = (one: Notice) => <Badge tone={one.read ? "good" : "plain"}>{t(one.read ? "notices.read" : "notices.unread")}</Badge>
  const columns: TableColumnsType<Notice> = [
    { title: t("notices.on"), width: 116, dataIndex: "on", className: "num-left" },
    { title: t("notices.kind"), width: 110, render: (_value, one) => code("notice_kind", one.kind) },
    { title: t("shadow.member"), width: 170, render: (_value, one) => member(one) },
    { title: t("notices.text"), render: (_value, one) => name(one.text) },
    { title: t("notices.coupon"), width: 130, render: (_value, one) => (one.coupon ? <Id>{one.coupon}</Id> : <span className="faint">–</span>) },
    { title: t("drafts.state"), width: 90, render: (_value, one) => read(one) },
    { title: t("notices.told"), width: 150, render: (_value, one) => <Moment at={one.created_at} /> },
  ]
  return (
    <Page title={t("nav.notices")} note={t("notices.note")} acts={<Link to="/runs">{t("nav.runs")}</Link>}>
      <div className="bar">
        <Segmented
          value={asked.kind as "" | NoticeKind}
          onChange={(kind) => choose({ kind })}
          options={KINDS.map((value) => ({ value, label: value ? code("notice_kind", value) : t("standing.all") }))}
        />
        <Input.Search
          allowClear
          className="bar-search"
          aria-label={t("events.member.find")}
          placeholder={t("events.member.find")}
          defaultValue={asked.member_id}
          onSearch={(value) => choose({ member_id: value.trim() })}
        />
      </div>
      <Panel flush>
        <ListTable
          label={t("nav.notices")}
          list={list}
          columns={columns}
          width={960}
          rowKey={(one) => one.notice_id}
          empty={t("notices.none")}
          card={(one) => (
            <div className="card">
              <span className="card-line">
                <b>{code("notice_kind", one.kind)}</b>
                {read(one)}
              </span>
              <span>{name(one.text)}</span>
              <span className="card-more">{member(one)} · <span className="num">{one.on}</span></span>
            </div>
          )}
        />
      </Panel>
    </Page>
  )
}
