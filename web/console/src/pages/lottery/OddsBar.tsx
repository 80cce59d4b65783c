import { Button } from "antd"
import type { PrizeBody } from "../../api/lottery"
import { useLanguage } from "../../i18n"
import { MILLION, percentOf, sumOf } from "./odds"

const COLOURS = ["persimmon", "leaf", "honey", "sky", "plum", "amber", "brick", "ink-faint"]
const colourOf = (at: number) => `dot-${COLOURS[at % COLOURS.length]}`

type Shown = Partial<Pick<PrizeBody, "prize_id" | "name" | "odds_ppm">> | undefined

/** The odds side by side, and whether they make up the whole. */
export function OddsBar({ prizes, fill }: { prizes: readonly Shown[]; fill?: () => void }) {
  const { t, name } = useLanguage()
  const sum = sumOf(prizes)
  const whole = sum === MILLION
  const said = whole ? t("odds.whole") : t(sum < MILLION ? "odds.missing" : "odds.above", { sum: percentOf(sum), rest: percentOf(Math.abs(MILLION - sum)) })
  const scale = Math.max(sum, MILLION)
  const called = (one: Shown) => (one?.name && name(one.name)) || one?.prize_id || "–"
  return (
    <div className="odds">
      <svg className="odds-bar" viewBox="0 0 1000 12" preserveAspectRatio="none" aria-hidden>
        {prizes.map((one, at) => (
          <rect key={at} className={colourOf(at)} x={(1000 * sumOf(prizes.slice(0, at))) / scale} width={(1000 * (one?.odds_ppm ?? 0)) / scale} height={12} />
        ))}
      </svg>
      <div className="odds-words">
        <span role="status" className={whole ? "good" : "fault"}>{said}</span>
        {fill && sum < MILLION && <Button size="small" onClick={fill}>{t("odds.fill")}</Button>}
      </div>
      <ul className="odds-names">
        {prizes.map((one, at) => (
          <li key={at}>
            <svg viewBox="0 0 10 10" aria-hidden><rect className={colourOf(at)} width={10} height={10} rx={3} /></svg>
            <span>{called(one)}</span>
            <b className="num">{percentOf(one?.odds_ppm ?? 0)}%</b>
          </li>
        ))}
      </ul>
    </div>
  )
}
