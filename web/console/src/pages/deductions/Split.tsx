import type { Name } from "../../api/types"
import { useLanguage } from "../../i18n"
import { useFormats } from "../../i18n/format"
import { Id } from "../../parts/bits"

export type SplitLine = {
  line_id: string; sku: string; price_fen: number; points: number; deduct_fen: number; pay_fen: number; cap_fen: number
  rate: { id: string; name: Name; points: number; fen: number }; reason?: { code: string; text: Name } | null
  funders?: { funder: string; fen: number }[]; refunded_points?: number; refunded_fen?: number
}

/** Line by line: what points take off, at which rate, up to where, and why not more. */
export function Split({ lines }: { lines: readonly SplitLine[] }) {
  const { t, name, code } = useLanguage()
  const { yuan, number } = useFormats()
  return (
    <ul className="split">
      {lines.map((line) => {
        const share = line.price_fen ? (100 * line.deduct_fen) / line.price_fen : 0
        const cap = line.price_fen ? (100 * line.cap_fen) / line.price_fen : 0
        return (
          <li key={line.line_id}>
            <div className="card-line">
              <Id>{line.sku}</Id>
              <span className="num"><s className="faint">{yuan(line.price_fen)}</s> <b>{yuan(line.pay_fen)}</b></span>
            </div>
            <svg className="split-bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden>
              <rect className="split-cap" width={cap} height={6} />
              <rect className="split-taken" width={share} height={6} />
            </svg>
            <div className="card-more">
              <span className="num">{t("split.takes", { points: number(line.points), yuan: yuan(line.deduct_fen) })}</span>
              <span className="num">{t("split.rate", { name: name(line.rate.name), points: number(line.rate.points), yuan: yuan(line.rate.fen) })}</span>
              <span className="num">{t("split.cap", { yuan: yuan(line.cap_fen) })}</span>
            </div>
            {line.reason && <div className="split-why">{name(line.reason.text)}</div>}
            {line.funders && line.funders.some((one) => one.funder !== "platform") && (
              <div className="card-more num">{line.funders.map((one) => t("split.bears", { funder: code("funder", one.funder), yuan: yuan(one.fen) })).join(" · ")}</div>
            )}
            {!!line.refunded_points && <div className="card-more num">{t("split.refunded", { points: number(line.refunded_points), yuan: yuan(line.refunded_fen ?? 0) })}</div>}
          </li>
        )
      })}
    </ul>
  )
}
