// Lotteries: campaigns with their prizes and odds, who drew, and the proof.
import type * as S from "../../../shared/api/schema"
import { request } from "./client"

const id = encodeURIComponent
type Page = { cursor?: string; limit?: number; signal?: AbortSignal }
const ROOT = "/v1/lottery/campaigns"

export type Campaign = S.LotteryCampaign
export type CampaignState = Campaign["state"]
export type Prize = S.LotteryPrize
export type PrizeKind = Prize["kind"]
export type PrizeBody = S.LotteryPrizeBody
export type CampaignBody = S.LotteryBody
export type LotteryFigures = S.LotteryFigures
export type Entry = S.LotteryEntry
export const PRIZE_KINDS: PrizeKind[] = ["points", "coupon", "goods", "nothing"]

export const campaigns = {
  list: ({ signal, ...query }: Page & { state?: string }) => request<S.LotteryCampaigns>("GET", ROOT, { query, signal }),
  get: (campaign: string, signal?: AbortSignal) => request<Campaign>("GET", `${ROOT}/${id(campaign)}`, { signal }),
  add: (body: CampaignBody, key: string) => request<Campaign>("POST", ROOT, { body, key }),
  edit: (campaign: string, revision: number, body: CampaignBody) =>
    request<Campaign>("PUT", `${ROOT}/${id(campaign)}`, { body: { ...body, revision } }),
  remove: (campaign: string) => request<void>("DELETE", `${ROOT}/${id(campaign)}`),
  act: (campaign: string, act: "publish" | "reveal") => request<Campaign>("POST", `${ROOT}/${id(campaign)}/${act}`),
  stop: (campaign: string, reason: string) => request<Campaign>("POST", `${ROOT}/${id(campaign)}/stop`, { body: { reason } }),
  figures: (campaign: string, signal?: AbortSignal) =>
    request<S.LotteryFigures>("GET", `${ROOT}/${id(campaign)}/figures`, { signal }),
  entries: (campaign: string, { signal, ...query }: Page & { member_id?: string; prize_id?: string }) =>
    request<S.LotteryEntries>("GET", `${ROOT}/${id(campaign)}/entries`, { query, signal }),
}
