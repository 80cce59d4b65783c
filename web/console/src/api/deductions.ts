// Points that pay a part of an order: what was deducted, and what a policy would deduct.
import type * as S from "../../../shared/api/schema"
import type { Deduction as Policy } from "../rules/model"
import { request } from "./client"

type Page = { cursor?: string; limit?: number; signal?: AbortSignal }

export type Deduction = S.DeductionView
export type DeductionState = Deduction["state"]
export type DeductionQuote = S.DeductionQuote
export type CartLine = { line_id?: string; sku: string; price_fen: number; category?: string | null; tags?: string[] }
export type Trial = {
  deduction: Policy; lines: CartLine[]; points?: number | null; city?: string | null; tier?: string | null
  segment?: string | null; arm?: string | null; on?: string | null
}

export const deductions = {
  list: ({ signal, ...query }: Page & { member_id?: string; order_id?: string; state?: string }) =>
    request<S.Deductions>("GET", "/v1/deductions", { query, signal }),
  try: (body: Trial, signal?: AbortSignal) =>
    request<DeductionQuote>("POST", "/v1/programme/deduction/try", { body, signal }),
}
