import type { Session } from "./types"
import { ApiError, problemOf, unreachable } from "./problem"

export type Query = Record<string, string | number | boolean | null | undefined | readonly string[]>
export type Ask = {
  query?: Query
  body?: unknown
  /** Instead of a body: a text as it stands, of this media type. */
  text?: { type: string; body: string | Blob }
  /** Names the request for ever: sent twice, it has one effect. */
  key?: string
  signal?: AbortSignal
  /** A 401 means what it says (sign-in itself), not that the session is over. */
  bare?: boolean
}
type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE"

/** What the client must know of the session, and whom it asks when that is over. */
export const door = {
  csrf: "",
  language: "zh",
  /** Resolves when somebody has signed in again; rejects when they gave up. */
  signInAgain: (): Promise<void> => Promise.reject(new Error("nobody can sign in")),
}

export function address(path: string, query: Query = {}): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === undefined || value === "") continue
    if (typeof value === "object") value.forEach((one) => search.append(name, one))
    else search.append(name, String(value))
  }
  const text = search.toString()
  return text ? `${path}?${text}` : path
}

async function send(method: Method, path: string, ask: Ask): Promise<Response> {
  const headers: Record<string, string> = { accept: "application/json", "accept-language": door.language }
  if (ask.body !== undefined) headers["content-type"] = "application/json"
  if (ask.text) headers["content-type"] = ask.text.type
  if (method !== "GET" && door.csrf) headers["x-csrf-token"] = door.csrf
  if (ask.key) headers["idempotency-key"] = ask.key
  try {
    return await fetch(address(path, ask.query), {
      method,
      headers,
      credentials: "same-origin",
      body: ask.text ? ask.text.body : ask.body === undefined ? undefined : JSON.stringify(ask.body),
      signal: ask.signal,
    })
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error
    throw unreachable(error instanceof Error ? error.message : String(error))
  }
}

/** Another tab may have signed in anew: the cookie is that session's, our token is not. */
async function refreshToken(): Promise<void> {
  const response = await send("GET", "/v1/session", {})
  if (response.ok) door.csrf = ((await response.json()) as Session).csrf_token
}

/**
 * One request. A session that is over asks for sign-in and then sends the same request again (with the same key), so
 * whoever waits for the answer notices nothing. Raises ApiError.
 */
export async function request<T>(method: Method, path: string, ask: Ask = {}): Promise<T> {
  let renewed = false
  for (;;) {
    const response = await send(method, path, ask)
    if (response.ok) return (response.status === 204 ? undefined : await response.json()) as T
    const error = await problemOf(response)
    if (!ask.bare && response.status === 401) {
      await door.signInAgain().catch(() => Promise.reject(error))
    } else if (error.code === "csrf_failed" && !renewed) {
      renewed = true
      await refreshToken()
    } else throw error
  }
}

/** A new key for one intent of a person; a form keeps it until it has succeeded. */
export function newKey(): string {
  // randomUUID wants a secure context, which http on a company network is not.
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return `console-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`
}

export { ApiError }
