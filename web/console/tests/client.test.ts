import { beforeEach, expect, test, vi } from "vitest"
import { address, door, request } from "../src/api/client"
import { ApiError } from "../src/api/problem"
import { problem, serve, session } from "./server"

beforeEach(() => {
  door.csrf = "token-1"
  door.signInAgain = () => Promise.reject(new Error("given up"))
})

test("unsafe requests carry the token, safe ones do not", async () => {
  const { heard } = serve({ "POST /v1/a": () => ({ body: 1 }), "GET /v1/a": () => ({ body: 1 }) })
  await request("POST", "/v1/a", { body: {}, key: "k" })
  await request("GET", "/v1/a")
  expect(heard.map((one) => one.headers.get("x-csrf-token"))).toEqual(["token-1", null])
  expect(heard[0]?.headers.get("idempotency-key")).toBe("k")
})

test("a request that meets a session that is over waits, and is sent again with its key and the new token", async () => {
  let over = true
  const { heard } = serve({ "POST /v1/a": () => (over ? problem(401, "unauthorized") : { body: "done" }) })
  door.signInAgain = async () => {
    over = false
    door.csrf = "token-2"
  }
  expect(await request("POST", "/v1/a", { body: { typed: 1 }, key: "k" })).toBe("done")
  expect(heard.map((one) => [one.body, one.headers.get("idempotency-key"), one.headers.get("x-csrf-token")])).toEqual([
    [{ typed: 1 }, "k", "token-1"], [{ typed: 1 }, "k", "token-2"],
  ])
})

test("who gives up signing in gets the refusal", async () => {
  serve({ "GET /v1/a": () => problem(401, "unauthorized") })
  await expect(request("GET", "/v1/a")).rejects.toMatchObject({ code: "unauthorized" })
})

test("a token of another tab's session is fetched anew, once", async () => {
  const { of } = serve({
    "GET /v1/session": () => ({ body: session([], "token-9") }),
    "POST /v1/a": (heard) => (heard.headers.get("x-csrf-token") === "token-9" ? { body: 1 } : problem(403, "csrf_failed")),
  })
  await request("POST", "/v1/a", { body: {} })
  expect(of("POST /v1/a")).toHaveLength(2)
  door.csrf = ""
  serve({ "GET /v1/session": () => ({ body: session() }), "POST /v1/a": () => problem(403, "csrf_failed") })
  await expect(request("POST", "/v1/a", { body: {} })).rejects.toMatchObject({ code: "csrf_failed" })
})

test("an API that is down is said to be unreachable, a proxy's page too", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")))
  await expect(request("GET", "/v1/a")).rejects.toMatchObject({ code: "unreachable", passing: true })
  vi.stubGlobal("fetch", async () => new Response("<html>", { status: 502 }))
  const error = await request("GET", "/v1/a").catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ApiError)
  expect((error as ApiError).code).toBe("unreachable")
})

test("queries leave out what was not asked, and repeat lists", () => {
  expect(address("/v1/a", { x: "", y: undefined, kind: ["a", "b"], n: 0, who: "林 & co" })).toBe(
    "/v1/a?kind=a&kind=b&n=0&who=%E6%9E%97+%26+co",
  )
})
