// Drafts, their approval and release, and the log of acts.
import type * as S from "../../../shared/api/schema"
import { request } from "./client"

const id = encodeURIComponent
type Page = { cursor?: string; limit?: number; signal?: AbortSignal }
type Range = { from?: string; to?: string }

export type { Arm, DraftLine, Guardrails, Rollout, Shadow } from "../../../shared/api/schema"
/** The document leaves open what a draft's own is: it may be a text, and faulty. */
export type DraftDetail = Omit<S.DraftDetail, "document"> & { document: unknown }
export type DraftState = S.DraftLine["state"]
export type Stage = S.Rollout["stage"]
export type Trial = Exclude<Stage, "retired" | "rolled_back">
export type ShadowDetail = S.ShadowDetail
export type ActLine = S.Act

type Step = { stage: Trial; cities?: string[]; percent?: number | null; reason: string }

export const drafts = {
  list: ({ signal, ...query }: Page & { state?: string }) => request<S.Drafts>("GET", "/v1/programme/drafts", { query, signal }),
  get: (draft: string, signal?: AbortSignal) => request<DraftDetail>("GET", `/v1/programme/drafts/${id(draft)}`, { signal }),
  add: (body: { document: unknown; note: string; draft_id?: string }) =>
    request<DraftDetail>("POST", "/v1/programme/drafts", { body }),
  edit: (draft: string, body: { document: unknown; note: string; revision: number }) =>
    request<DraftDetail>("PUT", `/v1/programme/drafts/${id(draft)}`, { body }),
  check: (draft: string, revision: number) =>
    request<DraftDetail>("POST", `/v1/programme/drafts/${id(draft)}/check`, { body: { revision } }),
  approve: (draft: string, revision: number, note: string) =>
    request<DraftDetail>("POST", `/v1/programme/drafts/${id(draft)}/approve`, { body: { revision, note } }),
  reject: (draft: string, revision: number, reason: string) =>
    request<DraftDetail>("POST", `/v1/programme/drafts/${id(draft)}/reject`, { body: { revision, reason } }),
  release: (draft: string, body: Step & { revision: number; guardrails?: Partial<S.Guardrails>; effective_from?: string }) =>
    request<S.Rollout>("POST", `/v1/programme/drafts/${id(draft)}/release`, { body }),
}

export const rollouts = {
  list: ({ signal, ...query }: Page) => request<S.Rollouts>("GET", "/v1/programme/rollouts", { query, signal }),
  get: (version: number, signal?: AbortSignal) => request<S.Rollout>("GET", `/v1/programme/rollouts/${version}`, { signal }),
  shadow: (version: number, signal?: AbortSignal) =>
    request<S.ShadowDetail>("GET", `/v1/programme/rollouts/${version}/shadow`, { signal }),
  step: (version: number, body: Step) => request<S.Rollout>("POST", `/v1/programme/rollouts/${version}/steps`, { body }),
  end: (version: number, how: "rollback" | "retire", reason: string) =>
    request<S.Rollout>("POST", `/v1/programme/rollouts/${version}/${how}`, { body: { reason } }),
}

export const acts = {
  list: ({ signal, ...query }: Page & Range & { actor?: string; act?: string }) =>
    request<S.Acts>("GET", "/v1/acts", { query, signal }),
}
