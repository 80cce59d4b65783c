import type { TableColumnsType } from "antd"
import { Link, useNavigate } from "react-router-dom"
import { programme } from "../../api/calls"
import type { VersionLine } from "../../api/types"
import { useLanguage } from "../../i18n"
import { Badge, Moment } from "../../parts/bits"
import { ListTable } from "../../parts/ListTable"
import { useList } from "../../parts/load"
import { Panel } from "../../parts/Page"
import { useDesk } from "./context"

/** The first version holds from ever on: the API says 1970. */
function From({ at }: { at: string }) {
  const { t } = useLanguage()
  return at.startsWith("1970") ? <>{t("versions.always")}</> : <Moment at={at} />
}

export function VersionsList() {
  const { t } = useLanguage()
  const { live } = useDesk()
  const go = useNavigate()
  const list = useList((cursor, signal) => programme.versions({ cursor, signal }), [live?.version])
  const number = (one: VersionLine) => (
    <>
      <Link to={`/rules/versions/${one.version}`}>{t("versions.number", { version: one.version })}</Link>{" "}
      {one.version === live?.version && <Badge tone="good">{t("versions.live")}</Badge>}
    </>
  )
  const columns: TableColumnsType<VersionLine> = [
    { title: t("versions.version"), width: 150, render: (_value, one) => number(one) },
    { title: t("versions.note"), dataIndex: "note", render: (note: string) => note || <span className="faint">–</span> },
    { title: t("versions.effective"), width: 170, render: (_value, one) => <From at={one.effective_from} /> },
    { title: t("versions.published"), width: 170, render: (_value, one) => <Moment at={one.published_at} /> },
    { title: t("versions.by"), width: 140, dataIndex: "published_by" },
  ]
  return (
    <Panel flush>
      <ListTable
        label={t("rules.tab.versions")}
        list={list}
        columns={columns}
        rowKey={(one) => one.version}
        onOpen={(one) => go(`/rules/versions/${one.version}`)}
        card={(one) => (
          <Link className="card" to={`/rules/versions/${one.version}`}>
            <span className="card-line">
              <b>{t("versions.number", { version: one.version })}</b>
              {one.version === live?.version && <Badge tone="good">{t("versions.live")}</Badge>}
            </span>
            <span>{one.note || "–"}</span>
            <span className="card-more">
              {one.published_by} · <Moment at={one.published_at} />
            </span>
          </Link>
        )}
      />
    </Panel>
  )
}
