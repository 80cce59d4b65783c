import type { CouponTemplate, Terms } from "../../api/coupons"
import { tidied } from "../../parts/fields"

export const FRESH: Partial<Terms> = {
  kind: "amount", off_fen: 500, threshold_fen: 0, valid_days: 30, purpose: "general", claim: { codes: "none", code: null }, funder: "platform",
}

const NAMES = [
  "title", "kind", "off_fen", "percent_off", "most_off_fen", "threshold_fen", "categories", "cities", "skus_excluded",
  "valid_days", "valid_from", "valid_until", "pieces", "budget_fen", "per_member", "purpose", "claim", "funder",
] as const

/** What of a template is its terms. */
export function termsOf(template: CouponTemplate): Terms {
  return Object.fromEntries(NAMES.map((name) => [name, template[name]])) as Terms
}

/** The form's values as the API takes them: what belongs to the other kind is left out. */
export function spoken(values: Partial<Terms>): Terms {
  const terms = tidied({ ...FRESH, ...values }) as Terms
  if (terms.kind === "amount") Object.assign(terms, { percent_off: null, most_off_fen: null })
  else terms.off_fen = null
  terms.threshold_fen ??= 0
  terms.claim = terms.claim?.codes === "shared" ? terms.claim : { codes: terms.claim?.codes ?? "none", code: null }
  return terms
}
