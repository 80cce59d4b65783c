// The shapes of the API, by the names of its OpenAPI document; `schema.d.ts` beside it is made from that document.

export type Name = { zh: string; en: string }

export type Scope =
  | "events:read" | "events:write" | "points:read" | "points:write" | "points:adjust" | "programme:write" | "members:sign_in" | "admin"
export type Role = "admin" | "operator" | "auditor"
export type User = {
  user_id: string; name: string; display_name: string; role: Role; disabled: boolean
  created_at: string; last_sign_in_at: string | null
}
export type Session = { user: User; permissions: string[]; csrf_token: string; expires_at: string }
export type Users = { items: User[]; next_cursor: string | null }

export type Member = {
  member_id: string; city: string | null; leader_id: string | null; community_id: string | null
  registered_at: string | null; enrolled_at: string; nickname: string | null; avatar: string | null
}
export type MemberLine = {
  member_id: string; nickname: string | null; avatar: string | null; city: string | null
  community_id: string | null; leader_id: string | null; enrolled_at: string; available: number
}
export type MemberLines = { items: MemberLine[]; next_cursor: string | null }
export type Pending = { settle_on: string; points: number }
export type NextExpiry = { expires_on: string; points: number }
export type BalanceView = {
  member_id: string; wallet: string; available: number; pending: Pending[]; held: number; debt: number
  expired: number; next_expiry: NextExpiry | null
}
export type MovementKind =
  | "settle" | "spend" | "hold" | "capture" | "release" | "expire" | "reverse" | "refund" | "repay" | "adjust"
export type Account =
  | "issued" | "available" | "held" | "redeemed" | "expired" | "reversed" | "adjusted" | "owed"
export type Movement = {
  seq: number; posted_on: string; posted_at: string; kind: MovementKind; from_account: Account; to_account: Account
  points: number; available_after: number; key: string
  order_id?: string | null; reason?: string | null; actor?: string | null
}
export type Statement = { items: Movement[]; next_cursor: string | null }
export type LotState = { expires_on: string; funder: string; points: number; remaining: number; lapsed: number }
export type Lots = { items: LotState[]; next_cursor: string | null }
export type GrantState = {
  member_id: string; key: string; wallet: string; state: string; promised: number; points: number; reversed: number
  rule: string; rule_version: number; funder: string; occurred_at: string; earned_on: string; settle_on: string
  expires_on: string; settled_on: string | null; event_type: string; source: string; event_id: string
  order_id: string | null
}
export type Grants = { items: GrantState[]; next_cursor: string | null }
export type GrantView = GrantState & { rule_name: Name; sentence: Name }
export type Hold = {
  hold_id: string; member_id: string; wallet: string; points: number; captured: number; refunded: number
  state: "held" | "captured" | "released"; order_id: string | null; lapses_at: string; created_at: string
}
export type Holds = { items: Hold[]; next_cursor: string | null }
export type LotPart = { expires_on: string; funder: string; points: number }
export type EventRef = { source: string; event_id: string; type: string }
export type MovementDetail = {
  movement: Movement; grants: GrantView[]; hold: Hold | null; lots: LotPart[]; event: EventRef | null
}
export type Adjustment = { points: number; wallet?: string; reason: string; expires_on?: string | null }
export type Posted = { wallet: string; points: number; available: number }

export type OutcomeKind = "accepted" | "duplicate" | "conflict" | "parked" | "invalid"
export type Granted = {
  member_id: string; rule: string; rule_version: number; points: number; wallet: string; settle_on: string; key: string
}
export type Skip = { rule: string; reason: string; detail?: Record<string, number | string> }
export type Outcome = {
  id: string | null; source: string | null; outcome: OutcomeKind; type?: string | null; member_id?: string | null
  programme_version?: number | null; granted?: Granted[]; withdrawn?: string[]; reversed_points?: number
  skipped?: Skip[]; out_of_scope?: Skip[]; code?: string | null; detail?: string | null; place?: string | null
}
export type EventLine = {
  source: string; event_id: string; type: string; member_id: string; business_on: string; occurred_at: string
  received_at: string; outcome: string; granted_points: number; code: string | null
}
export type Events = { items: EventLine[]; next_cursor: string | null }
export type EventView = {
  source: string; event_id: string; type: string; member_id: string; business_on: string; occurred_at: string
  received_at: string; data: Record<string, unknown>; outcome: Outcome; grants: GrantState[]
}
export type ParkedState = "waiting" | "replayed" | "discarded" | "conflict"
export type ParkedView = {
  parked_id: string; channel: string; reason: string; detail: string; member_id: string | null
  source: string | null; event_id: string | null; awaits: string | null; raw: string; state: ParkedState
  attempts: number; parked_at: string
}
export type Parked = { items: ParkedView[]; next_cursor: string | null }

export type DayFigures = {
  on: string; city: string | null; granted: number; settled: number; spent: number; expired: number
  reversed: number; adjusted: number
}
export type HourCount = { hour_at: string; count: number }
export type Liability = { available: number; held: number; pending: number; debt: number }
export type MonthPoints = { month: string; points: number }
export type Dashboard = {
  business_on: string; cities: string[]; days: DayFigures[]; events_by_hour: HourCount[]; liability: Liability
  liability_by_month: MonthPoints[]; parked_waiting: number; members: number; latest_runs: Run[]
}

export type SweepKind = "settle" | "expire"
export type Run = {
  kind: SweepKind; run_on: string; members: number; items: number; points: number; started_at: string
  finished_at: string | null; state: "running" | "stopped" | "finished"; due: number
}
export type Runs = { items: Run[]; next_cursor: string | null }
export type Pulse = {
  business_on: string; events_total: number; events_last_minute: number; parked_waiting: number; runs: Run[]
}

export type Fault = { place: string; code: string; reason: string }
export type RuleSentence = { rule: string; zh: string; en: string }
export type Checked = { faults: Fault[]; sentences: RuleSentence[] }
export type VersionLine = {
  version: number; name: string; effective_from: string; published_at: string; published_by: string; note: string
}
export type Versions = { items: VersionLine[]; next_cursor: string | null }
export type Version = VersionLine & {
  rule_versions: Record<string, number>; document: Record<string, unknown>; sentences: RuleSentence[]
}
export type Change = {
  rule: string | null; place: string; kind: "added" | "removed" | "changed"; before: unknown; after: unknown
}
export type Diff = { changes: Change[] }
export type DryRun = { outcome: Outcome; programme_version: number | null }

export type Problem = {
  type: string; title: string; status: number; detail: string; code: string
  errors?: { place: string; detail: string }[]; faults?: Fault[]; [field: string]: unknown
}
