// Coupons: templates, their codes, whole lots of members at once, and what each member has.
import type { Codes, CouponTemplate, Coupons, CouponTemplates, CouponView, IssueLines, Issues, IssueView, NewIssue, NewTemplate } from "../../../shared/api/schema"
import { address, request } from "./client"

const id = encodeURIComponent
type Page = { cursor?: string; limit?: number; signal?: AbortSignal }

export type { CodeView, CouponTemplate, CouponView, IssueLineView, IssueView } from "../../../shared/api/schema"
export type Terms = Omit<NewTemplate, "template_id">
export type TemplateState = CouponTemplate["state"]
export type CouponState = CouponView["state"]

const ROOT = "/v1/coupons/templates"

export const templates = {
  list: ({ signal, ...query }: Page & { state?: string; purpose?: string }) =>
    request<CouponTemplates>("GET", ROOT, { query, signal }),
  get: (template: string, signal?: AbortSignal) => request<CouponTemplate>("GET", `${ROOT}/${id(template)}`, { signal }),
  add: (terms: Terms, template_id?: string) => request<CouponTemplate>("POST", ROOT, { body: { ...terms, template_id } }),
  edit: (template: string, revision: number, terms: Terms) =>
    request<CouponTemplate>("PUT", `${ROOT}/${id(template)}`, { body: { ...terms, revision } }),
  remove: (template: string) => request<void>("DELETE", `${ROOT}/${id(template)}`),
  act: (template: string, act: "open" | "close") => request<CouponTemplate>("POST", `${ROOT}/${id(template)}/${act}`),
  codes: (template: string, { signal, ...query }: Page & { claimed?: string }) =>
    request<Codes>("GET", `${ROOT}/${id(template)}/codes`, { query, signal }),
  makeCodes: (template: string, number: number) =>
    request<{ codes: string[] }>("POST", `${ROOT}/${id(template)}/codes`, { body: { number } }),
  codesFile: (template: string, claimed: string) => address(`${ROOT}/${id(template)}/codes/export`, { claimed }),
}

export const coupons = {
  list: ({ signal, ...query }: Page & { member_id?: string; template_id?: string; state?: string }) =>
    request<Coupons>("GET", "/v1/coupons", { query, signal }),
  void: (coupon: string, reason: string) =>
    request<CouponView>("POST", `/v1/coupons/${id(coupon)}/void`, { body: { reason } }),
  file: (query: { member_id?: string; template_id?: string; state?: string }) => address("/v1/coupons/export", query),
}

export type IssueState = IssueView["state"]
export type IssueLineState = IssueLines["items"][number]["state"]

export const issues = {
  list: ({ signal, ...query }: Page & { template_id?: string; state?: string }) =>
    request<Issues>("GET", "/v1/coupons/issues", { query, signal }),
  get: (issue: string, signal?: AbortSignal) => request<IssueView>("GET", `/v1/coupons/issues/${id(issue)}`, { signal }),
  lines: (issue: string, { signal, ...query }: Page & { state?: string }) =>
    request<IssueLines>("GET", `/v1/coupons/issues/${id(issue)}/lines`, { query, signal }),
  make: (body: Partial<NewIssue>, key: string) => request<IssueView>("POST", "/v1/coupons/issues", { body, key }),
  upload: (file: Blob | string, template_id: string, reason: string, key: string) =>
    request<IssueView>("POST", "/v1/coupons/issues", { text: { type: "text/csv", body: file }, query: { template_id, reason }, key }),
  act: (issue: string, act: "start" | "stop" | "cancel") =>
    request<IssueView>("POST", `/v1/coupons/issues/${id(issue)}/${act}`),
}
