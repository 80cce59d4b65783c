import { Table } from "antd"
import type { Campaign, Prize } from "../../api/lottery"
import { useLanguage } from "../../i18n"
import { useFormats } from "../../i18n/format"
import { useNarrow } from "../../parts/narrow"
import { Panel } from "../../parts/Page"
import { percentOf } from "./odds"
import { OddsBar } from "./OddsBar"

/** The prizes as they were published, and what of each was given. */
export function PrizeTable({ campaign }: { campaign: Campaign }) {
  const { t, name, code } = useLanguage()
  const { number, yuan } = useFormats()
  const narrow = useNarrow()
  return (
    <Panel title={t("lottery.part.prizes")}>
      <OddsBar prizes={campaign.prizes} />
      <Table<Prize>
        className="gap-above"
        size="small"
        aria-label={t("lottery.part.prizes")}
        dataSource={campaign.prizes}
        rowKey="prize_id"
        pagination={false}
        scroll={narrow ? undefined : { x: 600 }}
        columns={[
          { title: t("lottery.prize"), render: (_value, one) => <>{name(one.name)} <small className="faint">{code("prize_kind", one.kind)}</small></> },
          { title: t("prize.odds_ppm"), width: 84, align: "right", className: "num", render: (_value, one) => `${percentOf(one.odds_ppm)}%` },
          { title: t("lottery.won"), width: 76, align: "right", className: "num", render: (_value, one) => number(one.won) },
          { title: t("mall.stock.left"), responsive: ["md"], width: 110, align: "right", className: "num", render: (_value, one) => one.stock === null ? t("mall.stock.no_end") : number(one.stock - one.won) },
          { title: t("lottery.cost"), responsive: ["md"], width: 120, align: "right", className: "num", render: (_value, one) => yuan(one.won * one.cost_fen) },
        ]}
      />
    </Panel>
  )
}
