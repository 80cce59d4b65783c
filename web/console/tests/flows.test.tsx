import { act, render, screen, waitFor, within } from "@testing-library/react"
import userEvent from "@testing-library/user-event"
import type { ReactNode } from "react"
import { MemoryRouter } from "react-router-dom"
import { expect, test, vi } from "vitest"
import { Console } from "../src/Console"
import { Speaking } from "../src/i18n"
import { readDraft } from "../src/rules/draft"
import { Look } from "../src/theme/Look"
import { problem, serve, session } from "./server"

const live = {
  version: 3, name: "p", effective_from: "1970-01-01T00:00:00Z", published_at: "2026-01-01T00:00:00Z",
  published_by: "lin", note: "", rule_versions: { base: 1 }, sentences: [{ rule: "base", zh: "每1元得1分", en: "1 point for ¥1" }],
  document: {
    name: "p", title: { zh: "邻里分", en: "Points" },
    rules: [{ kind: "per_amount", id: "base", name: { zh: "下单积分", en: "Orders" }, points: 1, per_fen: 100 }],
  },
}
const balance = { member_id: "m1", wallet: "points", available: 500, pending: [], held: 0, debt: 0, expired: 0, next_expiry: null }
const member = { member_id: "m1", city: "hangzhou", leader_id: null, community_id: null, registered_at: null, enrolled_at: "2026-01-01T00:00:00Z", nickname: "小雨", avatar: null }
const nothing = { body: { items: [], next_cursor: null } }
const reads = {
  "GET /v1/programme": () => ({ body: live }),
  "POST /v1/programme/check": () => ({ body: { faults: [], sentences: live.sentences } }),
  "GET /v1/insights/dashboard": () => problem(503, "database_unavailable"),
  "GET /v1/members/m1": () => ({ body: member }),
  "GET /v1/members/m1/balance": () => ({ body: balance }),
  "GET /v1/members/m1/lots": () => nothing,
  "GET /v1/members/m1/statement": () => nothing,
}

function show(at: string): ReactNode {
  return (
    <Speaking first="zh">
      <Look>
        <MemoryRouter initialEntries={[at]}>
          <Console />
        </MemoryRouter>
      </Look>
    </Speaking>
  )
}

test("a session that ends while points are adjusted: sign-in over the form, then the same request once more", async () => {
  let over = false
  const server = serve({
    ...reads,
    "GET /v1/session": () => ({ body: session(["admin"]) }),
    "POST /v1/members/m1/adjustments": () =>
      over ? problem(401, "unauthorized") : { status: 201, body: { wallet: "points", points: 20, available: 520 } },
    "POST /v1/session": () => {
      over = false
      return { body: session(["admin"], "token-2") }
    },
  })
  const user = userEvent.setup()
  render(show("/members/m1"))
  await user.click(await screen.findByRole("button", { name: "调整积分" }))
  await user.type(await screen.findByLabelText("多少积分"), "20")
  await user.type(screen.getByLabelText("原因"), "补发活动积分")
  await user.click(screen.getByRole("button", { name: "下一步" }))
  over = true
  const go = await screen.findByRole("button", { name: "确认调整" })
  await user.dblClick(go)
  // In tests antd gives every dialog one id, so they cannot be found by their names.
  const again = (await screen.findByText("登录已过期")).closest<HTMLElement>('[role="dialog"]') as HTMLElement
  expect(within(again).getByLabelText("用户名")).toHaveProperty("value", "lin")
  await user.type(within(again).getByLabelText("密码"), "geheim-geheim")
  await user.click(within(again).getByRole("button", { name: /登录$/ }))
  await waitFor(() => expect(screen.queryByText("登录已过期")).toBeNull())
  await screen.findByText("已调整")
  const sent = server.of("POST /v1/members/m1/adjustments")
  expect(sent.map((one) => one.headers.get("x-csrf-token"))).toEqual(["token-1", "token-2"])
  expect(new Set(sent.map((one) => one.headers.get("idempotency-key"))).size).toBe(1)
  expect(sent[1]?.body).toEqual({ points: 20, wallet: "points", reason: "补发活动积分", expires_on: null })
}, 60_000)

test("what is typed into a rule is in the draft at once, and its fault stands at the field", async () => {
  const faults = [{ place: "/rules/0/points", code: "too_generous", reason: "more than 100 points for one fen" }]
  serve({
    ...reads,
    "GET /v1/session": () => ({ body: session(["points:read", "programme:write"]) }),
    "POST /v1/programme/check": (heard) => {
      const points = (heard.body as { document: typeof live.document }).document.rules[0]?.points ?? 0
      return { body: { faults: points > 100 ? faults : [], sentences: live.sentences } }
    },
  })
  const user = userEvent.setup()
  render(show("/rules"))
  await user.click(await screen.findByRole("button", { name: "开始修改" }))
  await user.click(await screen.findByRole("button", { name: "编辑" }))
  const points = await screen.findByLabelText("得多少积分")
  await user.clear(points)
  await user.type(points, "90000")
  await screen.findByText(/给得太多/)
  expect(points.closest(".ant-form-item")?.textContent).toContain("more than 100 points for one fen")
  expect(readDraft("u1")).toMatchObject({ base: 3, document: { rules: [{ id: "base", points: 90_000, per_fen: 100 }] } })
}, 60_000)

test("an auditor is shown no way to change the rules, and cannot adjust points", async () => {
  serve({ ...reads, "GET /v1/session": () => ({ body: session(["events:read", "points:read"]) }) })
  const first = render(show("/rules"))
  await screen.findByText("每1元得1分")
  expect(screen.queryByRole("button", { name: "开始修改" })).toBeNull()
  expect(screen.queryByText("用户")).toBeNull()
  first.unmount()
  render(show("/members/m1"))
  expect(await screen.findByRole("button", { name: "调整积分" })).toHaveProperty("disabled", true)
}, 60_000)

test("an API that is down is told with a way to try again, and the sign-in page comes when it is back", async () => {
  let down = true
  vi.stubGlobal("fetch", async () => {
    if (down) throw new TypeError("Failed to fetch")
    return new Response(JSON.stringify(problem(401, "unauthorized").body), { status: 401 })
  })
  const user = userEvent.setup()
  render(show("/"))
  await screen.findByText("连不上服务器")
  down = false
  await user.click(screen.getByRole("button", { name: "重试" }))
  await screen.findByRole("heading", { name: "登录" })
})

test("a wrong password is told, and the name stays", async () => {
  serve({ "GET /v1/session": () => problem(401, "unauthorized"), "POST /v1/session": () => problem(401, "sign_in_failed") })
  const user = userEvent.setup()
  render(show("/"))
  await user.type(await screen.findByLabelText("用户名"), "lin")
  await user.type(screen.getByLabelText("密码"), "falsch")
  await user.click(screen.getByRole("button", { name: "登录" }))
  await waitFor(() => expect(screen.getAllByText("错误 sign_in_failed").length).toBeGreaterThan(0))
  expect(screen.getByLabelText("用户名")).toHaveProperty("value", "lin")
  await act(async () => {})
})
