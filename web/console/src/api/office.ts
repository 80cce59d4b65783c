// Corrections of many balances, and what members are told.
import type * as S from "../../../shared/api/schema"
import { request } from "./client"

const id = encodeURIComponent
type Page = { cursor?: string; limit?: number; signal?: AbortSignal }

export type Correction = S.CorrectionView
export type CorrectionState = Correction["state"]
export type CorrectionLine = S.LineView
export type CorrectionLineState = CorrectionLine["state"]
export type NoticeRun = S.NoticeRun
export type Notice = S.NoticeView
export type NoticeKind = Notice["kind"]
export type NoticeRunKind = NoticeRun["kind"]

export const corrections = {
  list: ({ signal, ...query }: Page & { state?: string }) => request<S.Corrections>("GET", "/v1/corrections", { query, signal }),
  get: (correction: string, signal?: AbortSignal) =>
    request<Correction>("GET", `/v1/corrections/${id(correction)}`, { signal }),
  lines: (correction: string, { signal, ...query }: Page & { state?: string }) =>
    request<S.Lines>("GET", `/v1/corrections/${id(correction)}/lines`, { query, signal }),
  upload: (file: Blob | string, reason: string, key: string) =>
    request<Correction>("POST", "/v1/corrections", { text: { type: "text/csv", body: file }, query: { reason }, key }),
  act: (correction: string, act: "submit" | "approve" | "cancel" | "stop" | "resume") =>
    request<Correction>("POST", `/v1/corrections/${id(correction)}/${act}`),
  say: (correction: string, act: "reject" | "reverse", reason: string) =>
    request<Correction>("POST", `/v1/corrections/${id(correction)}/${act}`, { body: { reason } }),
}

export const notices = {
  list: ({ signal, ...query }: Page & { member_id?: string; kind?: string }) =>
    request<S.Notices>("GET", "/v1/notices", { query, signal }),
  runs: ({ signal, ...query }: Page & { kind: NoticeRunKind }) =>
    request<S.NoticeRuns>("GET", "/v1/notices/runs", { query, signal }),
  start: (body: { kind: NoticeRunKind; run_on: string; reason: string }) =>
    request<NoticeRun>("POST", "/v1/notices/runs", { body }),
  stop: (kind: NoticeRunKind, run_on: string, reason: string) =>
    request<NoticeRun>("POST", `/v1/notices/runs/${kind}/${run_on}/stop`, { body: { reason } }),
}
