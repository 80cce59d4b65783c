import { useState } from "react"
import type { CampaignBody } from "../../api/lottery"
import { useLanguage } from "../../i18n"
import { useFormats } from "../../i18n/format"
import { Facts } from "../../parts/bits"
import { CountInput } from "../../rules/Inputs"
import { forecast } from "./odds"

const DRAWS = 1_000
const MOST = 10_000_000

/** What so many draws would bring in and cost, and what runs out first. */
export function Forecast({ terms }: { terms: Partial<CampaignBody> }) {
  const { t, name } = useLanguage()
  const { number, yuan } = useFormats()
  const [draws, setDraws] = useState(DRAWS)
  const prizes = terms.prizes ?? []
  const price = terms.price_points ?? 0
  const found = forecast(prizes, price, draws)
  const each = forecast(prizes, price, MOST).cost_fen / MOST
  const budget = terms.budget_fen
  const covers = budget != null && each > 0 ? Math.floor(budget / each) : null
  const gone = found.lasts
    .map((after, at) => ({ after, at }))
    .filter((one): one is { after: number; at: number } => one.after !== null && one.after < draws)
    .sort((a, b) => a.after - b.after)
  const called = (at: number) => {
    const prize = prizes[at]
    return (prize?.name && name(prize.name)) || prize?.prize_id || "–"
  }
  return (
    <>
      <div className="part-field">
        <label htmlFor="forecast-draws">{t("forecast.draws")}</label>
        <CountInput id="forecast-draws" disabled={false} min={1} max={MOST} unit={t("unit.times")} value={draws} onChange={(next) => setDraws(next ?? DRAWS)} />
      </div>
      <Facts
        items={[
          [t("forecast.points_in"), <b className="num">{number(found.points_in)}</b>],
          [t("forecast.cost"), <b className="num">{yuan(found.cost_fen)}</b>],
          [t("forecast.each"), <span className="num">{t("forecast.fen", { fen: each.toFixed(2) })}</span>],
          [t("forecast.budget"), covers === null ? <span className="faint">{t("forecast.no_budget")}</span> : <span className={`num ${covers < draws ? "num-out" : ""}`}>{t("forecast.covers", { n: number(covers) })}</span>],
        ]}
      />
      {gone.length > 0 && (
        <ul className="forecast-gone">
          {gone.map(({ after, at }) => <li key={at}>{t("forecast.gone", { prize: called(at), n: number(after) })}</li>)}
        </ul>
      )}
    </>
  )
}
