import { useLanguage } from "../i18n"
import { CountInput } from "./Inputs"
import type { Cap } from "./parts"

const SPANS = ["day", "month", "life"] as const
const MOST = 1_000_000_000

/** What one member may get by a rule at the most: in a day, in a month, in a life. Empty: no limit. */
export function CapsInput({ value = [], onChange, id }: { value?: Cap[]; onChange?: (caps: Cap[]) => void; id?: string }) {
  const { t } = useLanguage()
  const put = (per: Cap["per"], points: number | null) =>
    onChange?.(SPANS.flatMap((span) => {
      const found = span === per ? points : (value.find((one) => one.per === span)?.points ?? null)
      return found === null ? [] : [{ per: span, points: found }]
    }))
  return (
    <div id={id} className="caps">
      {SPANS.map((per) => (
        <label key={per}>
          <span>{t(`cap.${per}`)}</span>
          <CountInput unit={t("unit.points")} min={1} max={MOST} value={value.find((one) => one.per === per)?.points ?? null} onChange={(points) => put(per, points)} />
        </label>
      ))}
    </div>
  )
}
