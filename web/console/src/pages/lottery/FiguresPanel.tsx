import { Alert, Table } from "antd"
import { campaigns, type LotteryFigures } from "../../api/lottery"
import { type Key, useLanguage } from "../../i18n"
import { useFormats } from "../../i18n/format"
import { useLoad } from "../../parts/load"
import { useNarrow } from "../../parts/narrow"
import { Panel, Show } from "../../parts/Page"
import { percentOf } from "./odds"

type PrizeLine = LotteryFigures["prizes"][number]
const UNLIKELY = 0.01
const MOST_PLACES = 4

/** What χ² says, in words: how often honest draws deviate as much. */
function Chance({ figures: { chance } }: { figures: LotteryFigures }) {
  const { t } = useLanguage()
  if (!chance) return <Alert type="info" showIcon title={t("chance.too_few")} />
  const p = chance.p_value < 10 ** -MOST_PLACES ? `< ${10 ** -MOST_PLACES}` : `= ${chance.p_value.toFixed(MOST_PLACES)}`
  const odd = chance.p_value < UNLIKELY
  return (
    <Alert
      type={odd ? "warning" : "success"}
      showIcon
      title={t(odd ? "chance.odd" : "chance.fits")}
      description={t("chance.figures", { statistic: chance.statistic.toFixed(2), degrees: chance.degrees, p })}
    />
  )
}

/** Drawn beside what the odds say, prize by prize. What was given may differ: prizes can be gone. */
export function FiguresPanel({ campaign, draws }: { campaign: string; draws: number }) {
  const { t, name } = useLanguage()
  const { number, yuan, signed } = useFormats()
  const narrow = useNarrow()
  const found = useLoad((signal) => campaigns.figures(campaign, signal), [campaign, draws])
  return (
    <Panel title={t("chance.title")} note={t("chance.note")}>
      <Show of={found}>
        {(figures) => (
          <>
            <Chance figures={figures} />
            <Table<PrizeLine>
              className="gap-above"
              size="small"
              aria-label={t("chance.title")}
              dataSource={figures.prizes}
              rowKey="prize_id"
              pagination={false}
              scroll={narrow ? undefined : { x: 640 }}
              columns={[
                { title: t("lottery.prize"), render: (_value, one) => name(one.name) },
                { title: t("prize.odds_ppm"), responsive: ["md"], width: 110, align: "right", className: "num", render: (_value, one) => `${percentOf(one.odds_ppm)}%` },
                { title: t("lottery.expected"), width: 92, align: "right", className: "num", render: (_value, one) => number(Math.round(one.expected * 10) / 10) },
                { title: t("chance.drawn"), width: 76, align: "right", className: "num", render: (_value, one) => number(one.drawn) },
                { title: t("chance.off"), responsive: ["md"], width: 110, align: "right", className: "num", render: (_value, one) => signed(Math.round((one.drawn - one.expected) * 10) / 10) },
                { title: t("lottery.won"), responsive: ["md"], width: 90, align: "right", className: "num", render: (_value, one) => number(one.given) },
                { title: t("lottery.cost"), responsive: ["md"], width: 120, align: "right", className: "num", render: (_value, one) => yuan(one.cost_fen) },
              ]}
            />
            {Object.entries(figures.instead).length > 0 && (
              <p className="gap-above faint">
                {t("chance.instead")} {Object.entries(figures.instead).map(([why, n]) => `${t(`draw_why.${why}` as Key)} ${number(n)}`).join(" · ")}
              </p>
            )}
          </>
        )}
      </Show>
    </Panel>
  )
}
