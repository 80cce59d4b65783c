import { PlusOutlined } from "@ant-design/icons"
import { Button, Segmented, type TableColumnsType, Tooltip } from "antd"
import { Link, useNavigate } from "react-router-dom"
import { type Campaign, campaigns, type CampaignState } from "../../api/lottery"
import { useLanguage } from "../../i18n"
import { useFormats } from "../../i18n/format"
import { Moment, State } from "../../parts/bits"
import { ListTable } from "../../parts/ListTable"
import { useList } from "../../parts/load"
import { Page, Panel } from "../../parts/Page"
import { useAsked } from "../../parts/search"
import { useMay } from "../../session/Session"

const STATES: ("" | CampaignState)[] = ["", "published", "draft", "ended", "revealed", "stopped"]
const pathOf = (one: Campaign) => `/lottery/${one.campaign_id}`

/** The campaigns, newest first. */
export function CampaignsPage() {
  const { t, name, code } = useLanguage()
  const { number, yuan } = useFormats()
  const may = useMay()
  const go = useNavigate()
  const { asked, choose, key } = useAsked(["state"])
  const list = useList((cursor, signal) => campaigns.list({ ...asked, cursor, signal }), [key])
  const cost = (one: Campaign) => one.budget_fen === null ? yuan(one.cost_fen_so_far) : `${yuan(one.cost_fen_so_far)} / ${yuan(one.budget_fen)}`
  const columns: TableColumnsType<Campaign> = [
    { title: t("lottery.campaign"), render: (_value, one) => <Link to={pathOf(one)}>{name(one.title)}</Link> },
    { title: t("drafts.state"), width: 104, render: (_value, one) => <State group="lottery_state" code={one.state} /> },
    { title: t("lottery.price_points"), width: 110, align: "right", className: "num", render: (_value, one) => number(one.price_points) },
    { title: t("lottery.starts_at"), width: 150, render: (_value, one) => <Moment at={one.starts_at} /> },
    { title: t("lottery.ends_at"), width: 150, render: (_value, one) => <Moment at={one.ends_at} /> },
    { title: t("lottery.draws"), width: 100, align: "right", className: "num", render: (_value, one) => number(one.draws) },
    { title: t("lottery.cost"), width: 170, align: "right", className: "num", render: (_value, one) => cost(one) },
  ]
  const writes = may("write.lottery")
  return (
    <Page
      title={t("nav.lottery")}
      note={t("lottery.note")}
      acts={
        <Tooltip title={writes ? undefined : t("may.not")}>
          <Button type="primary" icon={<PlusOutlined />} disabled={!writes} onClick={() => go("/lottery/new")}>{t("lottery.new")}</Button>
        </Tooltip>
      }
    >
      <div className="bar">
        <Segmented
          value={asked.state as "" | CampaignState}
          onChange={(state) => choose({ state })}
          options={STATES.map((value) => ({ value, label: value ? code("lottery_state", value) : t("standing.all") }))}
        />
      </div>
      <Panel flush>
        <ListTable
          label={t("nav.lottery")}
          list={list}
          columns={columns}
          width={960}
          rowKey={(one) => one.campaign_id}
          onOpen={(one) => go(pathOf(one))}
          empty={t("lottery.none")}
          card={(one) => (
            <Link className="card" to={pathOf(one)}>
              <span className="card-line">
                <b>{name(one.title)}</b>
                <State group="lottery_state" code={one.state} />
              </span>
              <span className="card-line"><span className="num">{t("lottery.draws_n", { n: number(one.draws) })}</span><span className="num">{cost(one)}</span></span>
              <span className="card-more"><Moment at={one.starts_at} /> – <Moment at={one.ends_at} /></span>
            </Link>
          )}
        />
      </Panel>
    </Page>
  )
}
