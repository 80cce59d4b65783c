/** The schemas of `/v1/me…` and of signing in, by the contract's names; to be replaced by types made from OpenAPI. */

/** What people read, in the two languages of the house. */
export interface Name {
  zh: string;
  en: string;
}
/** A business date, `YYYY-MM-DD`. */
export type BusinessDate = string;
/** An instant, RFC 3339 in UTC. */
export type Instant = string;

export interface MemberToken {
  token: string;
  expires_at: Instant;
}

export interface Me {
  member_id: string;
  nickname: string | null;
  avatar: string | null;
  city: string | null;
  community_id: string | null;
  enrolled_at: Instant;
  business_on: BusinessDate;
  programme: { name: string; title: Name };
}

export interface Pending {
  settle_on: BusinessDate;
  points: number;
}
export interface Expiring {
  on: BusinessDate;
  points: number;
}
export type HintAction = 'check_in' | 'shop' | 'invite' | 'review' | 'group';
export interface Hint {
  code: string;
  points: number | null;
  remaining: number | null;
  unit: 'fen' | 'days' | null;
  rule: string | null;
  action: HintAction | null;
  text: Name;
}
export interface Home {
  business_on: BusinessDate;
  available: number;
  pending: Pending[];
  pending_points: number;
  held: number;
  debt: number;
  expiring: Expiring[];
  next_expiry: Expiring | null;
  checked_in_today: boolean;
  streak_days: number;
  unread: number;
  hints: Hint[];
}

export type Tab = 'all' | 'earned' | 'spent' | 'expired';
export interface MeLine {
  seq: number;
  posted_on: BusinessDate;
  posted_at: Instant;
  kind: string;
  /** Signed: + into what is available, − out of it. */
  points: number;
  available_after: number;
  title: Name;
  order_id: string | null;
}
export interface Totals {
  earned: number;
  spent: number;
  expired: number;
}
export interface Page<Item> {
  items: Item[];
  next_cursor: string | null;
}
export interface MeStatement extends Page<MeLine> {
  totals: Totals;
}
export interface PendingLine {
  key: string;
  points: number;
  settle_on: BusinessDate;
  earned_on: BusinessDate;
  title: Name;
  order_id: string | null;
}
export interface Because {
  rule: string;
  rule_version: number;
  rule_name: Name;
  sentence: Name;
  points: number;
  event_type: string | null;
  order_id: string | null;
  earned_on: BusinessDate;
}
export interface MeLot {
  expires_on: BusinessDate;
  points: number;
}
export interface MeDetail {
  line: MeLine;
  because: Because[];
  lots: MeLot[];
}

export interface CheckInState {
  today: BusinessDate;
  checked_in_today: boolean;
  streak_days: number;
  week: { on: BusinessDate; checked: boolean }[];
  days: BusinessDate[];
  next_reward: { at_days: number; points: number; days_to_go: number } | null;
  points_today: number;
}
export interface Granted {
  member_id: string;
  rule: string;
  rule_version: number;
  points: number;
  wallet: string;
  settle_on: BusinessDate;
  key: string;
}
export interface CheckedIn {
  state: CheckInState;
  granted: Granted[];
  already: boolean;
}

export type MessageKind = 'settled' | 'expired' | 'expiring' | 'adjusted' | 'reversed' | 'refunded';
export interface Message {
  message_id: string;
  kind: MessageKind;
  at: Instant;
  points: number;
  params: Record<string, unknown>;
  title: Name;
  text: Name;
  read: boolean;
}

export interface MeRules {
  title: Name;
  sections: { rule: string; name: Name; sentence: Name; kind: string }[];
}

/** The data of `event: balance` of `/v1/me/live`. */
export interface LiveBalance {
  available: number;
  pending_points: number;
  unread: number;
}

/** RFC 9457, as every refusal comes. */
export interface ProblemDocument {
  status: number;
  code: string;
  title: string;
  detail: string;
  retry_after_seconds?: number;
}
