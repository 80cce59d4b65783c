// Programmes tried on what has happened.
import { request } from "./client"
import type { BackTest, BackTests, MemberGain, Result } from "../../../shared/api/schema"

const id = encodeURIComponent
type Page = { cursor?: string; limit?: number; signal?: AbortSignal }

export type { BackTest, MemberGain }
export type BackTestResult = Result

export const backTests = {
  list: ({ signal, ...query }: Page) => request<BackTests>("GET", "/v1/programme/back-tests", { query, signal }),
  get: (test: string, signal?: AbortSignal) =>
    request<BackTest>("GET", `/v1/programme/back-tests/${id(test)}`, { signal }),
  start: (body: { document?: unknown; version?: number; from: string; to: string; against_version?: number; title?: string }) =>
    request<BackTest>("POST", "/v1/programme/back-tests", { body }),
  control: (test: string, act: "stop" | "resume") =>
    request<BackTest>("POST", `/v1/programme/back-tests/${id(test)}/${act}`),
}
