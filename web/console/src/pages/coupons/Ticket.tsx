import type { CouponTemplate, Terms } from "../../api/coupons"
import { useLanguage } from "../../i18n"
import { useFormats } from "../../i18n/format"

const FREE = 100

/** What a coupon of these terms takes off, large. */
export function useWorth() {
  const { t, language } = useLanguage()
  const { yuan } = useFormats()
  return ({ kind = "amount", off_fen, percent_off }: Partial<Pick<Terms, "kind" | "off_fen" | "percent_off">>) => {
    if (kind === "amount") return yuan(off_fen ?? 0)
    const percent = percent_off ?? 0
    if (percent === FREE) return t("ticket.free")
    // Chinese counts what is left, in tenths: 20 % off is 8.
    return language === "zh" ? t("ticket.fold", { fold: (FREE - percent) / 10 }) : t("ticket.percent", { percent })
  }
}

/** When it can be used, in words. */
export function useValidity() {
  const { t } = useLanguage()
  return ({ valid_days, valid_from, valid_until }: Partial<Pick<Terms, "valid_days" | "valid_from" | "valid_until">>) =>
    [
      valid_days ? t("ticket.days", { n: valid_days }) : "",
      valid_from || valid_until ? t("ticket.span", { from: valid_from ?? "…", until: valid_until ?? "…" }) : "",
    ].filter(Boolean).join(" · ")
}

/** The coupon as a member sees it. */
export function Ticket({ terms }: { terms: Partial<Terms> | CouponTemplate }) {
  const { t, name } = useLanguage()
  const { yuan } = useFormats()
  const worthOf = useWorth()
  const validity = useValidity()
  const title = terms.title ? name(terms.title) : ""
  const scope = [
    ...(terms.categories?.length ? [t("ticket.categories", { of: terms.categories.join(" · ") })] : []),
    ...(terms.cities?.length ? [t("ticket.cities", { of: terms.cities.join(" · ") })] : []),
  ]
  return (
    <div className="ticket">
      <div className="ticket-worth">
        <b>{worthOf(terms)}</b>
        <span>{terms.threshold_fen ? t("ticket.from", { yuan: yuan(terms.threshold_fen) }) : t("ticket.no_threshold")}</span>
      </div>
      <div className="ticket-words">
        <b>{title || t("ticket.untitled")}</b>
        {terms.kind === "percent" && terms.most_off_fen ? <span>{t("ticket.most", { yuan: yuan(terms.most_off_fen) })}</span> : null}
        <span>{validity(terms) || t("ticket.no_validity")}</span>
        {scope.map((one) => <span key={one}>{one}</span>)}
      </div>
    </div>
  )
}
