// What limits the programme.
import type { BudgetReport, Cuts, CutView } from "../../../shared/api/schema"
import { request } from "./client"

type Page = { cursor?: string; limit?: number; signal?: AbortSignal }

export type Cut = CutView
export type { BudgetLine, BudgetReport } from "../../../shared/api/schema"

export const screening = {
  cuts: ({ signal, ...query }: Page & { on?: string; member_id?: string; cap?: string }) =>
    request<Cuts>("GET", "/v1/screening/cuts", { query, signal }),
}

export const budget = {
  report: ({ signal, ...query }: { month?: string; city?: string; signal?: AbortSignal }) =>
    request<BudgetReport>("GET", "/v1/insights/budget", { query, signal }),
}
