import { Input, Select, type TableColumnsType } from "antd"
import { useState } from "react"
import { Link } from "react-router-dom"
import { type Campaign, campaigns, type Entry } from "../../api/lottery"
import { type Key, useLanguage } from "../../i18n"
import { useFormats } from "../../i18n/format"
import { Badge, Facts, Id, Moment } from "../../parts/bits"
import { ListTable } from "../../parts/ListTable"
import { useList } from "../../parts/load"
import { Figure, Panel } from "../../parts/Page"

/** How it goes: draws, what came in, what it cost. */
export function Figures({ campaign }: { campaign: Campaign }) {
  const { t } = useLanguage()
  const { number, yuan } = useFormats()
  const { draws, price_points, cost_fen_so_far: cost, budget_fen: budget } = campaign
  return (
    <div className="figures">
      <Figure name={t("lottery.draws")} value={number(draws)} />
      <Figure name={t("lottery.points_in")} value={number(draws * price_points)} note={t("lottery.a_draw", { n: number(price_points) })} />
      <Figure
        name={t("lottery.cost")}
        value={yuan(cost)}
        tone={budget !== null && cost >= budget ? "warn" : undefined}
        note={budget === null ? t("coupon.no_budget") : t("coupon.of_budget", { yuan: yuan(budget) })}
      />
      <Figure
        name={t("forecast.each")}
        value={draws ? t("forecast.fen", { fen: (cost / draws).toFixed(2) }) : "–"}
        note={t("lottery.by_odds", { fen: (campaign.forecast.cost_fen / 1_000).toFixed(2) })}
      />
    </div>
  )
}

/** What binds the house: the hashes, published before the first draw, and the seed after the last. */
export function Proof({ campaign }: { campaign: Campaign }) {
  const { t } = useLanguage()
  const { seed_hash, terms_hash, seed } = campaign
  return (
    <Panel title={t("lottery.proof")} note={t("lottery.proof.note")}>
      <Facts
        columns={1}
        items={[
          [t("lottery.seed_hash"), seed_hash && <Id>{seed_hash}</Id>],
          [t("lottery.terms_hash"), terms_hash && <Id>{terms_hash}</Id>],
          [t("lottery.seed"), seed ? <Id>{seed}</Id> : <span className="faint">{t("lottery.seed.later")}</span>],
        ]}
      />
    </Panel>
  )
}

/** Who drew, and what they were given. */
export function Entries({ campaign }: { campaign: Campaign }) {
  const { t, name } = useLanguage()
  const { number } = useFormats()
  const [member, setMember] = useState("")
  const [prize, setPrize] = useState("")
  const id = campaign.campaign_id
  const list = useList(
    (cursor, signal) => campaigns.entries(id, { member_id: member, prize_id: prize, cursor, signal }),
    [id, member, prize, campaign.draws],
  )
  const who = (one: Entry) => <Link to={`/members/${encodeURIComponent(one.member_id)}`}><Id>{one.member_id}</Id></Link>
  const why = (one: Entry) => one.draw.why === "odds" ? null : <Badge tone="warn">{t(`draw_why.${one.draw.why}` as Key)}</Badge>
  const columns: TableColumnsType<Entry> = [
    { title: t("lottery.seq"), width: 80, className: "num-left", render: (_value, one) => number(one.draw.seq) },
    { title: t("shadow.member"), width: 170, render: (_value, one) => who(one) },
    { title: t("lottery.prize"), render: (_value, one) => <>{name(one.draw.prize.name)} {why(one)}</> },
    { title: t("lottery.ticket"), width: 120, align: "right", className: "num", render: (_value, one) => number(one.draw.ticket) },
    { title: t("lottery.nonce"), width: 180, render: (_value, one) => <Id>{one.draw.nonce}</Id> },
    { title: t("backtest.created"), width: 150, render: (_value, one) => <Moment at={one.draw.at} /> },
  ]
  return (
    <Panel
      flush
      title={t("lottery.entries")}
      extra={
        <div className="row-acts">
          <Select
            className="bar-pick"
            aria-label={t("lottery.prize")}
            value={prize}
            onChange={setPrize}
            options={[{ value: "", label: t("lottery.any_prize") }, ...campaign.prizes.map((one) => ({ value: one.prize_id, label: name(one.name) }))]}
          />
          <Input.Search allowClear className="bar-search" aria-label={t("events.member.find")} placeholder={t("events.member.find")} onSearch={(value) => setMember(value.trim())} />
        </div>
      }
    >
      <ListTable
        label={t("lottery.entries")}
        list={list}
        columns={columns}
        width={860}
        rowKey={(one) => one.draw.draw_id}
        empty={t("lottery.no_entries")}
        card={(one) => (
          <div className="card">
            <span className="card-line"><b>{name(one.draw.prize.name)}</b>{why(one)}</span>
            <span className="card-more">#{number(one.draw.seq)} {who(one)} · <Moment at={one.draw.at} /></span>
          </div>
        )}
      />
    </Panel>
  )
}
