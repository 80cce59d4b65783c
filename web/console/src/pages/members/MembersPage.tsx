import { Input, type TableColumnsType } from "antd"
import { useEffect, useState } from "react"
import { Link, useNavigate, useSearchParams } from "react-router-dom"
import { members } from "../../api/calls"
import type { MemberLine } from "../../api/types"
import { useLanguage } from "../../i18n"
import { Badge, Face, Id, Moment, Points } from "../../parts/bits"
import { ListTable } from "../../parts/ListTable"
import { useList, useSettled } from "../../parts/load"
import { Page, Panel } from "../../parts/Page"

const TYPING_MS = 250
const pathOf = (one: MemberLine) => `/members/${encodeURIComponent(one.member_id)}`

function Who({ of }: { of: MemberLine }) {
  return (
    <span className="who">
      <Face name={of.nickname} id={of.member_id} />
      <span>
        <b className="clip">{of.nickname ?? of.member_id}</b>
        <Id>{of.member_id}</Id>
      </span>
    </span>
  )
}

export default function MembersPage() {
  const { t } = useLanguage()
  const go = useNavigate()
  const [search, setSearch] = useSearchParams()
  const [typed, setTyped] = useState(search.get("query") ?? "")
  const city = search.get("city") ?? ""
  const query = useSettled(typed.trim(), TYPING_MS)
  useEffect(() => {
    // Whoever was found is perhaps being opened: the address is that page's already, and must not be taken back.
    if (!location.pathname.endsWith("/members")) return
    setSearch(
      (now) => {
        if (query) now.set("query", query)
        else now.delete("query")
        return now
      },
      { replace: true },
    )
  }, [query, setSearch])
  const list = useList((cursor, signal) => members.search({ query, city, cursor, limit: 50, signal }), [query, city])
  const columns: TableColumnsType<MemberLine> = [
    { title: t("members.member"), render: (_value, one) => <Link to={pathOf(one)}><Who of={one} /></Link> },
    { title: t("members.city"), width: 130, render: (_value, one) => one.city || <span className="faint">–</span> },
    { title: t("members.community"), width: 170, render: (_value, one) => (one.community_id ? <Id>{one.community_id}</Id> : <span className="faint">–</span>) },
    { title: t("members.leader"), width: 160, render: (_value, one) => (one.leader_id ? <Id>{one.leader_id}</Id> : <span className="faint">–</span>) },
    { title: t("members.enrolled"), width: 160, render: (_value, one) => <Moment at={one.enrolled_at} /> },
    { title: t("members.available"), width: 120, align: "right", render: (_value, one) => <Points value={one.available} /> },
  ]
  return (
    <Page title={t("nav.members")} note={t("members.note")}>
      <div className="bar">
        <Input.Search
          allowClear
          className="bar-search wide"
          size="large"
          placeholder={t("members.search")}
          aria-label={t("members.search")}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        {city && (
          <button
            type="button"
            className="chip"
            onClick={() =>
              setSearch((now) => {
                now.delete("city")
                return now
              })
            }
          >
            {t("members.of_city", { city })} <Badge>×</Badge>
          </button>
        )}
      </div>
      <Panel flush>
        <ListTable
          label={t("nav.members")}
          list={list}
          columns={columns}
          width={960}
          rowKey={(one) => one.member_id}
          onOpen={(one) => go(pathOf(one))}
          empty={t("members.none")}
          card={(one) => (
            <Link className="card" to={pathOf(one)}>
              <span className="card-line">
                <Who of={one} />
                <b><Points value={one.available} /></b>
              </span>
              <span className="card-more">
                {one.city || "–"} · <Moment at={one.enrolled_at} />
              </span>
            </Link>
          )}
        />
      </Panel>
    </Page>
  )
}
