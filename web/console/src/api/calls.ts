// Every request of the back office, by what it does.
import { request } from "./client"
import type * as T from "./types"

const id = encodeURIComponent
type Page = { cursor?: string; limit?: number; signal?: AbortSignal }
type Range = { from?: string; to?: string }

export const session = {
  now: () => request<T.Session>("GET", "/v1/session", { bare: true }),
  begin: (name: string, password: string) =>
    request<T.Session>("POST", "/v1/session", { body: { name, password }, bare: true }),
  end: () => request<void>("DELETE", "/v1/session", { bare: true }),
  password: (old_password: string, new_password: string) =>
    request<void>("PUT", "/v1/session/password", { body: { old_password, new_password } }),
}

export const users = {
  list: ({ signal, ...query }: Page = {}) => request<T.Users>("GET", "/v1/users", { query, signal }),
  create: (body: { name: string; display_name: string; role: T.Role; password: string }) =>
    request<T.User>("POST", "/v1/users", { body }),
  change: (
    user: string,
    body: { display_name?: string; role?: T.Role; disabled?: boolean; password?: string; reason: string },
  ) => request<T.User>("PATCH", `/v1/users/${id(user)}`, { body }),
}

export const members = {
  search: ({ signal, ...query }: Page & { query?: string; city?: string }) =>
    request<T.MemberLines>("GET", "/v1/members", { query, signal }),
  get: (member: string, signal?: AbortSignal) => request<T.Member>("GET", `/v1/members/${id(member)}`, { signal }),
  balance: (member: string, wallet: string, signal?: AbortSignal) =>
    request<T.BalanceView>("GET", `/v1/members/${id(member)}/balance`, { query: { wallet }, signal }),
  statement: (
    member: string,
    { signal, ...query }: Page & Range & { wallet: string; kind?: readonly string[] },
  ) => request<T.Statement>("GET", `/v1/members/${id(member)}/statement`, { query, signal }),
  movement: (member: string, seq: number, wallet: string, signal?: AbortSignal) =>
    request<T.MovementDetail>("GET", `/v1/members/${id(member)}/movements/${seq}`, { query: { wallet }, signal }),
  grants: (member: string, { signal, ...query }: Page & { state?: string }) =>
    request<T.Grants>("GET", `/v1/members/${id(member)}/grants`, { query, signal }),
  lots: (member: string, { signal, ...query }: Page & { wallet: string }) =>
    request<T.Lots>("GET", `/v1/members/${id(member)}/lots`, { query, signal }),
  holds: (member: string, { signal, ...query }: Page & { state?: string }) =>
    request<T.Holds>("GET", `/v1/members/${id(member)}/holds`, { query, signal }),
  order: (member: string, order: string, signal?: AbortSignal) =>
    request<T.OrderExplanation>("GET", `/v1/members/${id(member)}/orders/${id(order)}/explanation`, { signal }),
  adjust: (member: string, body: T.Adjustment, key: string) =>
    request<T.Posted>("POST", `/v1/members/${id(member)}/adjustments`, { body, key }),
}

export const events = {
  list: ({ signal, ...query }: Page & Range & { member_id?: string; type?: string }) =>
    request<T.Events>("GET", "/v1/events", { query, signal }),
  get: (source: string, event: string, signal?: AbortSignal) =>
    request<T.EventView>("GET", `/v1/events/${id(event)}`, { query: { source }, signal }),
  parked: ({ signal, ...query }: Page & { state?: T.ParkedState }) =>
    request<T.Parked>("GET", "/v1/parked", { query, signal }),
  replay: (parked: string) => request<T.Outcome>("POST", `/v1/parked/${id(parked)}/replay`),
  discard: (parked: string, reason: string) =>
    request<void>("POST", `/v1/parked/${id(parked)}/discard`, { body: { reason } }),
}

export const programme = {
  live: (signal?: AbortSignal) => request<T.Version>("GET", "/v1/programme", { signal }),
  versions: ({ signal, ...query }: Page) => request<T.Versions>("GET", "/v1/programme/versions", { query, signal }),
  version: (version: number, signal?: AbortSignal) =>
    request<T.Version>("GET", `/v1/programme/versions/${version}`, { signal }),
  diff: (version: number, from: number, signal?: AbortSignal) =>
    request<T.Diff>("GET", `/v1/programme/versions/${version}/diff`, { query: { from }, signal }),
  check: (document: unknown, signal?: AbortSignal) =>
    request<T.Checked>("POST", "/v1/programme/check", { body: { document }, signal }),
  dryRun: (body: { event: unknown; document?: unknown; version?: number }) =>
    request<T.DryRun>("POST", "/v1/programme/dry-run", { body }),
  publish: (body: { document: unknown; note: string; effective_from?: string }) =>
    request<T.Version>("POST", "/v1/programme/versions", { body }),
}

export const runs = {
  list: ({ signal, ...query }: Page & { kind: T.SweepKind }) => request<T.Runs>("GET", "/v1/runs", { query, signal }),
  start: (body: { kind: T.SweepKind; run_on: string; reason: string }) =>
    request<T.Run>("POST", "/v1/runs", { body }),
  stop: (kind: T.SweepKind, run_on: string, reason: string) =>
    request<T.Run>("POST", `/v1/runs/${kind}/${run_on}/stop`, { body: { reason } }),
}

export const insights = {
  dashboard: ({ signal, ...query }: Range & { city?: string; signal?: AbortSignal }) =>
    request<T.Dashboard>("GET", "/v1/insights/dashboard", { query, signal }),
}
