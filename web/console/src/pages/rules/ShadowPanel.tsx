import { Table } from "antd"
import { Link } from "react-router-dom"
import { rollouts, type Shadow, type ShadowDetail } from "../../api/release"
import { useLanguage } from "../../i18n"
import { useFormats } from "../../i18n/format"
import { EventType, Id, Moment, Points } from "../../parts/bits"
import { useLoad } from "../../parts/load"
import { Figure, Panel, Show } from "../../parts/Page"

type Sample = ShadowDetail["samples"][number]
const sum = (points: Record<string, number>) => Object.values(points).reduce((all, one) => all + one, 0)

function Samples({ version }: { version: number }) {
  const { t } = useLanguage()
  const found = useLoad((signal) => rollouts.shadow(version, signal), [version])
  return (
    <Show of={found}>
      {({ samples }) => (
        <Table<Sample>
          aria-label={t("shadow.samples")}
          size="small"
          pagination={samples.length > 10 ? { pageSize: 10, showSizeChanger: false } : false}
          scroll={{ x: 620 }}
          rowKey={(one) => `${one.source} ${one.event_id} ${one.member_id}`}
          dataSource={samples}
          columns={[
            { title: t("shadow.event"), render: (_value, one) => <Link to={`/events/one?source=${encodeURIComponent(one.source)}&id=${encodeURIComponent(one.event_id)}`}><EventType type={one.type} /></Link> },
            { title: t("shadow.member"), render: (_value, one) => <Link to={`/members/${encodeURIComponent(one.member_id)}`}><Id>{one.member_id}</Id></Link> },
            { title: t("shadow.at"), width: 150, render: (_value, one) => <Moment at={one.occurred_at} /> },
            { title: t("shadow.live"), width: 90, align: "right", render: (_value, one) => <Points value={sum(one.live)} /> },
            { title: t("shadow.shadow"), width: 90, align: "right", render: (_value, one) => one.failure ? <span className="fault">{one.failure}</span> : <Points value={sum(one.shadow)} /> },
          ]}
        />
      )}
    </Show>
  )
}

/** What the version would have given, where it only looked on. */
export function ShadowPanel({ version, shadow }: { version: number; shadow: Shadow }) {
  const { t, name } = useLanguage()
  const { number, signed } = useFormats()
  return (
    <Panel title={t("shadow.title")} note={t("shadow.note")}>
      <div className="figures">
        <Figure name={t("shadow.events")} value={number(shadow.events)} note={t("shadow.changed", { n: number(shadow.changed_events) })} />
        <Figure name={t("shadow.live")} value={number(shadow.live_points)} />
        <Figure name={t("shadow.shadow")} value={number(shadow.shadow_points)} note={signed(shadow.shadow_points - shadow.live_points)} />
        {shadow.failed_events > 0 && <Figure name={t("shadow.failed")} value={number(shadow.failed_events)} tone="bad" />}
      </div>
      <Table
        aria-label={t("shadow.by_rule")}
        size="small"
        pagination={false}
        scroll={{ x: 520 }}
        rowKey={(one) => one.rule}
        dataSource={shadow.by_rule}
        columns={[
          { title: t("grants.rule"), render: (_value, one) => <>{name(one.name)} <Id>{one.rule}</Id></> },
          { title: t("shadow.live"), width: 110, align: "right", render: (_value, one) => <Points value={one.live_points} /> },
          { title: t("shadow.shadow"), width: 110, align: "right", render: (_value, one) => <Points value={one.shadow_points} /> },
          { title: t("shadow.difference"), width: 110, align: "right", render: (_value, one) => <Points signed value={one.shadow_points - one.live_points} /> },
        ]}
      />
      {shadow.changed_events > 0 && (
        <>
          <h3>{t("shadow.samples")}</h3>
          <Samples version={version} />
        </>
      )}
    </Panel>
  )
}
