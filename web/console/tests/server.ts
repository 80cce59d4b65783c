import { vi } from "vitest"
import type { Problem, Scope, Session } from "../src/api/types"

export type Heard = { method: string; path: string; query: URLSearchParams; body: unknown; headers: Headers }
type Answer = { status?: number; body?: unknown }
type Handler = (heard: Heard) => Answer | Promise<Answer>

/** A server that answers as it is told, and remembers what it heard. */
export function serve(routes: Record<string, Handler>) {
  const heard: Heard[] = []
  vi.stubGlobal("fetch", async (address: string, init: RequestInit = {}) => {
    const url = new URL(address, "http://console.test")
    const one: Heard = {
      method: init.method ?? "GET", path: url.pathname, query: url.searchParams,
      body: typeof init.body === "string" ? JSON.parse(init.body) : undefined, headers: new Headers(init.headers),
    }
    heard.push(one)
    const handler = routes[`${one.method} ${one.path}`]
    if (!handler) throw new TypeError(`no answer to ${one.method} ${one.path}`)
    const { status = 200, body } = await handler(one)
    return new Response(status === 204 ? null : JSON.stringify(body), { status })
  })
  return { heard, of: (route: string) => heard.filter((one) => `${one.method} ${one.path}` === route) }
}

export function problem(status: number, code: string, more: Partial<Problem> = {}): Answer {
  const title_zh = `错误 ${code}`
  return { status, body: { type: "", title: title_zh, title_zh, title_en: `Error ${code}`, status, detail: code, code, ...more } }
}

export function session(permissions: Scope[] = ["admin"], token = "token-1"): Session {
  return {
    user: {
      user_id: "u1", name: "lin", display_name: "林姐", role: "admin", disabled: false,
      created_at: "2026-01-01T00:00:00Z", last_sign_in_at: null,
    },
    permissions, csrf_token: token, expires_at: "2026-12-01T00:00:00Z",
  }
}
