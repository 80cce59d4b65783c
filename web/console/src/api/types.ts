// The shapes of the API as the pages speak of them. They are those of its OpenAPI document (`make types` makes
// schema.d.ts from it), so a change of the API that a page does not know of does not pass `npm run typecheck`.
import type * as S from "../../../shared/api/schema"

export type {
  Adjustment, BalanceView, Change, Checked, Dashboard, DayFigures, Diff, EventLine, Events, Fault,
  Granted, Grants, GrantState, GrantView, Hold, Holds, HourCount, Liability, LotPart, Lots, LotState, Member, MemberLine,
  MemberLines, MonthPoints, Movement, MovementDetail, Name, NextExpiry, OrderExplanation, Parked, ParkedView, Pending, Posted, Pulse,
  RuleSentence, Run, Runs, Session, Statement, StatementLine, User, Users, Version, VersionLine, Versions,
} from "../../../shared/api/schema"

export type Role = S.User["role"]
export type Scope = S.Session["permissions"][number]
export type MovementKind = S.Movement["kind"]
export type ParkedState = S.ParkedView["state"]
export type SweepKind = S.Run["kind"]

/** The document leaves open what is in `skipped` and `out_of_scope`: rules that gave nothing (`linli.rules.outcome`). */
export type Skip = { rule: string; reason: string; detail?: Record<string, number | string> }
export type Outcome = Omit<S.Outcome, "skipped" | "out_of_scope"> & { skipped?: Skip[]; out_of_scope?: Skip[] }
export type DryRun = Omit<S.DryRun, "outcome"> & { outcome: Outcome }
export type EventView = Omit<S.EventView, "outcome"> & { outcome: Outcome }

export type Problem = {
  type: string; title: string; status: number; detail: string; code: string
  errors?: { place: string; detail: string }[]; faults?: S.Fault[]; [field: string]: unknown
}
