// Coupons: templates, their codes, whole lots of members at once, and what each member has.
import type { CouponTemplate, Coupons, CouponTemplates, CouponView, NewTemplate } from "../../../shared/api/schema"
import { request } from "./client"

const id = encodeURIComponent
type Page = { cursor?: string; limit?: number; signal?: AbortSignal }

export type { CouponTemplate, CouponView } from "../../../shared/api/schema"
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
}

export const coupons = {
  list: ({ signal, ...query }: Page & { member_id?: string; template_id?: string; state?: string }) =>
    request<Coupons>("GET", "/v1/coupons", { query, signal }),
  void: (coupon: string, reason: string) =>
    request<CouponView>("POST", `/v1/coupons/${id(coupon)}/void`, { body: { reason } }),
}
