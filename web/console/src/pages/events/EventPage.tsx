import { Alert, Table } from "antd"
import { Link, useSearchParams } from "react-router-dom"
import { events, programme } from "../../api/calls"
import { useLanguage } from "../../i18n"
import { EventType, Facts, Id, Moment, Points, State } from "../../parts/bits"
import { Explained } from "../../parts/Explained"
import { useLoad } from "../../parts/load"
import { Page, Panel, Show } from "../../parts/Page"
import type { Programme } from "../../rules/model"

/** One event explained: what came, which rules fired, which did not and why, and how its grants stand now. */
export default function EventPage() {
  const { t } = useLanguage()
  const [search] = useSearchParams()
  const source = search.get("source") ?? ""
  const id = search.get("id") ?? ""
  const found = useLoad((signal) => events.get(source, id, signal), [source, id])
  const version = found.data?.outcome.programme_version
  const judge = useLoad(
    async (signal) => (version ? programme.version(version, signal) : null),
    [version],
  )
  const rules = (judge.data?.document as Programme | undefined)?.rules ?? []
  const parked = found.error?.problem.parked_id
  return (
    <Page title={found.data ? <EventType type={found.data.type} /> : t("events.one")} note={<Id>{id}</Id>} back={{ to: "/events", text: t("nav.events") }}>
      {parked ? (
        <Alert type="warning" showIcon className="gap" title={t("events.is_parked")} action={<Link to={`/events/parked?id=${String(parked)}`}>{t("parked.title")}</Link>} />
      ) : null}
      <Show of={found}>
        {(event) => (
          <div className="halves">
            <div>
              <Panel title={t("events.what")}>
                <Facts
                  items={[
                    [t("events.member"), <Link to={`/members/${encodeURIComponent(event.member_id)}`}><Id>{event.member_id}</Id></Link>],
                    [t("events.source"), <Id>{event.source}</Id>],
                    [t("events.occurred"), <Moment at={event.occurred_at} />],
                    [t("events.business_on"), event.business_on],
                    [t("events.received"), <Moment at={event.received_at} />],
                    [
                      t("member.order"),
                      typeof event.data.order_id === "string" ? (
                        <Link to={`/members/${encodeURIComponent(event.member_id)}?order=${encodeURIComponent(event.data.order_id)}`}>
                          <Id>{event.data.order_id}</Id>
                        </Link>
                      ) : null,
                    ],
                    [
                      t("events.judged_by"),
                      version ? <Link to={`/rules/versions/${version}`}>{t("versions.number", { version })}</Link> : null,
                    ],
                  ]}
                />
              </Panel>
              <Panel title={t("events.data")}>
                <pre className="json">{JSON.stringify(event.data, null, 2)}</pre>
              </Panel>
            </div>
            <div>
              <Panel title={t("events.why")}>
                <Explained
                  outcome={event.outcome}
                  nameOf={(rule) => rules.find((one) => one.id === rule)?.name}
                  sentenceOf={(rule) => judge.data?.sentences?.find((one) => one.rule === rule)}
                />
              </Panel>
              <Panel title={t("events.grants")} flush>
                <Table
                  size="small"
                  rowKey={(grant) => grant.member_id + grant.key}
                  pagination={false}
                  scroll={{ x: 520 }}
                  dataSource={event.grants}
                  locale={{ emptyText: t("explained.none") }}
                  columns={[
                    { title: t("grants.rule"), render: (_value, grant) => <Id>{grant.rule}</Id> },
                    { title: t("grants.state"), width: 100, render: (_value, grant) => <State group="grant" code={grant.state} /> },
                    { title: t("grants.settle_on"), width: 112, dataIndex: "settle_on", className: "num-left" },
                    { title: t("grants.points"), width: 90, align: "right", render: (_value, grant) => <Points value={grant.points - grant.reversed} /> },
                  ]}
                />
              </Panel>
            </div>
          </div>
        )}
      </Show>
    </Page>
  )
}
