import { Button, DatePicker, Drawer, Select, Table, type TableColumnsType } from "antd"
import dayjs from "dayjs"
import { useState } from "react"
import { Link } from "react-router-dom"
import { members } from "../../api/calls"
import type { Movement, MovementDetail, MovementKind, StatementLine } from "../../api/types"
import { useLanguage } from "../../i18n"
import { useFormats } from "../../i18n/format"
import { Facts, Id, Moment, Points, State } from "../../parts/bits"
import { ListTable } from "../../parts/ListTable"
import { useList, useLoad } from "../../parts/load"
import { Show } from "../../parts/Page"
import { effectOf } from "./signs"

const KINDS: MovementKind[] = ["settle", "spend", "hold", "capture", "release", "expire", "reverse", "refund", "repay", "adjust"]

function Line({ detail, member }: { detail: MovementDetail; member: string }) {
  const { t, name, code } = useLanguage()
  const { number } = useFormats()
  const { movement, grants, lots, hold, event } = detail
  return (
    <>
      <Facts
        items={[
          [t("statement.kind"), code("movement", movement.kind)],
          [t("statement.points"), <Points value={movement.points} />],
          [t("statement.way"), `${code("account", movement.from_account)} → ${code("account", movement.to_account)}`],
          [t("statement.after"), <Points value={movement.available_after} />],
          [t("statement.posted_on"), movement.posted_on],
          [t("statement.posted_at"), <Moment at={movement.posted_at} />],
          [t("statement.order"), movement.order_id && <Id>{movement.order_id}</Id>],
          [t("statement.actor"), movement.actor],
          [t("statement.reason"), movement.reason],
          [t("statement.key"), <Id>{movement.key}</Id>],
        ]}
      />
      {event && (
        <p>
          <Link to={`/events/one?source=${encodeURIComponent(event.source)}&id=${encodeURIComponent(event.event_id)}`}>
            <Button>{t("statement.event", { type: code("event", event.type) })}</Button>
          </Link>
        </p>
      )}
      <h3>{t("statement.because")}</h3>
      {grants.length ? (
        <ul className="says">
          {grants.map((grant) => (
            <li key={grant.key}>
              {grant.rule_name && <b>{name(grant.rule_name)}</b>} <Id>{grant.rule}</Id>{" "}
              <span className="num num-in">+{number(grant.points)}</span>
              {grant.sentence && <p>{name(grant.sentence)}</p>}
              <small>
                {t("statement.grant", { on: grant.earned_on, version: grant.rule_version, expires: grant.expires_on })}
              </small>
            </li>
          ))}
        </ul>
      ) : (
        <p className="faint">{t("statement.no_rule")}</p>
      )}
      {hold && (
        <>
          <h3>{t("statement.hold")}</h3>
          <Facts
            items={[
              [t("holds.points"), <Points value={hold.points} />],
              [t("holds.state"), <State group="hold" code={hold.state} />],
              [t("statement.order"), hold.order_id && <Id>{hold.order_id}</Id>],
              [t("holds.lapses"), <Moment at={hold.lapses_at} />],
            ]}
          />
        </>
      )}
      <h3>{t("statement.lots")}</h3>
      <Table
        size="small"
        pagination={false}
        rowKey={(lot) => lot.expires_on + lot.funder}
        dataSource={lots}
        locale={{ emptyText: t("statement.no_lots") }}
        columns={[
          { title: t("lots.expires_on"), dataIndex: "expires_on", className: "num-left" },
          { title: t("lots.funder"), dataIndex: "funder" },
          { title: t("lots.points"), align: "right", render: (_value, lot) => <Points value={lot.points} /> },
        ]}
      />
      <p className="faint">
        {member} · #{movement.seq}
      </p>
    </>
  )
}

function Explain({ member, wallet, line, close }: { member: string; wallet: string; line: Movement | null; close: () => void }) {
  const { t } = useLanguage()
  const seq = line?.seq
  const found = useLoad(
    async (signal) => (seq === undefined ? null : { seq, detail: await members.movement(member, seq, wallet, signal) }),
    [member, seq, wallet],
  )
  // The line before stays loaded while the next one comes: it is not that one's explanation.
  const mine = found.data?.seq === seq ? found : { ...found, data: null }
  return (
    <Drawer open={!!line} onClose={close} size="min(560px, 100vw)" title={t("statement.explain")}>
      <Show of={mine}>{(one) => one && <Line detail={one.detail} member={member} />}</Show>
    </Drawer>
  )
}

/** The movements of a wallet, newest first; each explains itself in a drawer. */
export function Statement({ member, wallet, turn }: { member: string; wallet: string; turn: number }) {
  const { t, code, name } = useLanguage()
  const [kinds, setKinds] = useState<string[]>([])
  const [range, setRange] = useState<{ from: string; to: string }>({ from: "", to: "" })
  const [line, setLine] = useState<StatementLine | null>(null)
  const list = useList(
    (cursor, signal) => members.statement(member, { wallet, kind: kinds, ...range, cursor, limit: 50, signal }),
    [member, wallet, kinds.join(), range.from, range.to, turn],
  )
  // An adjustment's title has its reason; the reasons of other movements are keys, but for what a hold was made for.
  const what = (one: StatementLine) =>
    [name(one.title), one.kind === "hold" && one.reason, one.order_id].filter(Boolean).join(" · ")
  const columns: TableColumnsType<StatementLine> = [
    { title: t("statement.posted_on"), width: 120, dataIndex: "posted_on", className: "num-left" },
    { title: t("statement.kind"), width: 110, render: (_value, one) => code("movement", one.kind) },
    {
      title: t("statement.what"),
      render: (_value, one) => (
        <Button type="link" className="link clip" onClick={() => setLine(one)}>
          {what(one)}
        </Button>
      ),
    },
    { title: t("statement.points"), width: 120, align: "right", render: (_value, one) => (effectOf(one) ? <Points signed value={effectOf(one)} /> : <span className="faint">({one.points})</span>) },
    { title: t("statement.after"), width: 120, align: "right", render: (_value, one) => <Points value={one.available_after} /> },
  ]
  return (
    <>
      <div className="bar">
        <Select
          mode="multiple"
          allowClear
          className="bar-pick bar-many"
          placeholder={t("statement.kind.any")}
          aria-label={t("statement.kind")}
          value={kinds}
          onChange={setKinds}
          maxTagCount="responsive"
          options={KINDS.map((value) => ({ value, label: code("movement", value) }))}
        />
        <DatePicker.RangePicker
          className="bar-range"
          allowEmpty
          value={[range.from ? dayjs(range.from) : null, range.to ? dayjs(range.to) : null]}
          onChange={(days) => setRange({ from: days?.[0]?.format("YYYY-MM-DD") ?? "", to: days?.[1]?.format("YYYY-MM-DD") ?? "" })}
        />
      </div>
      <ListTable
        label={t("member.statement")}
        list={list}
        columns={columns}
        rowKey={(one) => one.seq}
        onOpen={setLine}
        card={(one) => (
          <button type="button" className="card" onClick={() => setLine(one)}>
            <span className="card-line">
              <b>{code("movement", one.kind)}</b>
              <Points signed value={effectOf(one)} />
            </span>
            <span className="clip">{what(one)}</span>
            <span className="card-more num">{one.posted_on}</span>
          </button>
        )}
      />
      <Explain member={member} wallet={wallet} line={line} close={() => setLine(null)} />
    </>
  )
}
