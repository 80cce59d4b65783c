import type { Scope } from "../api/types"

/** What each act of the back office needs, by the routes behind it. */
export const ACTS = {
  "see.dashboard": "points:read",
  "see.rules": "points:read",
  "see.members": "points:read",
  "see.events": "events:read",
  "see.runs": "points:read",
  "see.corrections": "points:read",
  "see.spending": "points:read",
  "see.acts": "acts:read",
  "see.users": "admin",
  "edit.rules": "programme:write",
  /** Straight to all, without a second person. */
  "publish.rules": "admin",
  "write.mall": "mall:write",
  "write.coupons": "coupons:write",
  "write.lottery": "lottery:write",
  "adjust.points": "points:adjust",
  "settle.parked": "events:write",
  "control.runs": "points:write",
} as const satisfies Record<string, Scope>
export type Act = keyof typeof ACTS

export function may(permissions: readonly string[], act: Act): boolean {
  return permissions.includes("admin") || permissions.includes(ACTS[act])
}
