import { Alert, Button, Drawer, Segmented, Space, type TableColumnsType, Tooltip } from "antd"
import { useState } from "react"
import { Link } from "react-router-dom"
import { events } from "../../api/calls"
import type { Outcome, ParkedState, ParkedView } from "../../api/types"
import { useLanguage } from "../../i18n"
import { useLive } from "../../live/Live"
import { useAct } from "../../parts/act"
import { AskReason } from "../../parts/AskReason"
import { Facts, Id, Moment, State } from "../../parts/bits"
import { Explained } from "../../parts/Explained"
import { ListTable } from "../../parts/ListTable"
import { useCalm, useList } from "../../parts/load"
import { Page, Panel } from "../../parts/Page"
import { ProblemBox } from "../../parts/Problem"
import { useMay } from "../../session/Session"

const CALM_MS = 3_000

/** What came, spread out where it is JSON. */
export function readable(raw: string): string {
  try {
    return JSON.stringify(JSON.parse(raw), null, 2)
  } catch {
    return raw
  }
}

function One({ parked, done }: { parked: ParkedView; done: (closed: boolean) => void }) {
  const { t, code } = useLanguage()
  const may = useMay()("settle.parked")
  const [outcome, setOutcome] = useState<Outcome | null>(null)
  const [giving, setGiving] = useState(false)
  const replay = useAct(async () => {
    setOutcome(await events.replay(parked.parked_id))
    done(false)
  })
  const open = parked.state === "waiting" || parked.state === "conflict"
  const waits = open && outcome?.outcome !== "accepted" && outcome?.outcome !== "duplicate"
  return (
    <>
      <Alert className="gap" type="warning" showIcon title={code("park", parked.reason)} description={parked.detail} />
      <Facts
        items={[
          [t("parked.state"), <State group="parked" code={parked.state} />],
          [t("parked.attempts"), parked.attempts],
          [t("parked.at"), <Moment at={parked.parked_at} />],
          [t("parked.channel"), parked.channel],
          [t("events.member"), parked.member_id && <Link to={`/members/${encodeURIComponent(parked.member_id)}`}><Id>{parked.member_id}</Id></Link>],
          [t("parked.awaits"), parked.awaits && <Id>{parked.awaits}</Id>],
          [t("events.source"), parked.source && <Id>{parked.source}</Id>],
          [t("events.id"), parked.event_id && <Id>{parked.event_id}</Id>],
        ]}
      />
      {waits && (
        <Tooltip title={may ? undefined : t("may.not")}>
          <Space className="gap gap-above">
            <Button type="primary" disabled={!may} loading={replay.doing} onClick={() => void replay.run()}>
              {t("parked.replay")}
            </Button>
            <Button danger disabled={!may} onClick={() => setGiving(true)}>
              {t("parked.discard")}
            </Button>
          </Space>
        </Tooltip>
      )}
      <ProblemBox error={replay.error} />
      {outcome && (
        <Panel title={t("parked.outcome")}>
          <Explained outcome={outcome} />
        </Panel>
      )}
      <h3>{t("parked.raw")}</h3>
      <pre className="json">{readable(parked.raw)}</pre>
      <AskReason
        open={giving}
        danger
        title={t("parked.discard.title")}
        text={t("parked.discard.text")}
        ok={t("parked.discard")}
        done={t("parked.discard.done")}
        work={({ reason }) => events.discard(parked.parked_id, reason)}
        close={(gone) => {
          setGiving(false)
          if (gone) done(true)
        }}
      />
    </>
  )
}

/** Events that could not be taken in: why, what came, and what to do about it. */
export default function ParkedPage() {
  const { t, code } = useLanguage()
  const { pulse, tick } = useLive()
  const [state, setState] = useState<ParkedState | "open">("open")
  const [open, setOpen] = useState<ParkedView | null>(null)
  const turn = useCalm((pulse?.parked_waiting ?? 0) + tick, CALM_MS)
  const list = useList((cursor, signal) => events.parked({ state: state === "open" ? undefined : state, cursor, limit: 50, signal }), [state, turn])
  const columns: TableColumnsType<ParkedView> = [
    { title: t("parked.at"), width: 150, render: (_value, one) => <Moment at={one.parked_at} /> },
    {
      title: t("parked.reason"), width: 240,
      render: (_value, one) => <Button type="link" className="link clip" onClick={() => setOpen(one)}>{code("park", one.reason)}</Button>,
    },
    { title: t("parked.detail"), ellipsis: true, dataIndex: "detail" },
    { title: t("events.member"), width: 150, render: (_value, one) => (one.member_id ? <Id>{one.member_id}</Id> : <span className="faint">–</span>) },
    { title: t("parked.attempts"), width: 90, align: "right", dataIndex: "attempts", className: "num" },
  ]
  return (
    <Page title={t("parked.title")} note={t("parked.note")} back={{ to: "/events", text: t("nav.events") }}>
      <div className="bar">
        <Segmented
          value={state}
          onChange={setState}
          options={(["open", "replayed", "discarded"] as const).map((value) => ({ value, label: t(`parked.${value}`) }))}
        />
      </div>
      <Panel flush>
        <ListTable
          label={t("parked.title")}
          list={list}
          columns={columns}
          width={860}
          rowKey={(one) => one.parked_id}
          onOpen={setOpen}
          empty={t("parked.none")}
          card={(one) => (
            <button type="button" className="card" onClick={() => setOpen(one)}>
              <b>{code("park", one.reason)}</b>
              <span className="clip">{one.detail}</span>
              <span className="card-more">
                {one.member_id && <Id>{one.member_id}</Id>} <Moment at={one.parked_at} />
              </span>
            </button>
          )}
        />
      </Panel>
      <Drawer open={!!open} onClose={() => setOpen(null)} size="min(640px, 100vw)" title={t("parked.one")} destroyOnHidden>
        {open && (
          <One
            key={open.parked_id}
            parked={open}
            done={(closed) => {
              list.reload()
              if (closed) setOpen(null)
            }}
          />
        )}
      </Drawer>
    </Page>
  )
}
