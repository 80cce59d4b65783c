// What limits the programme.
import type { Cuts, CutView } from "../../../shared/api/schema"
import { request } from "./client"

type Page = { cursor?: string; limit?: number; signal?: AbortSignal }

export type Cut = CutView

export const screening = {
  cuts: ({ signal, ...query }: Page & { on?: string; member_id?: string; cap?: string }) =>
    request<Cuts>("GET", "/v1/screening/cuts", { query, signal }),
}
