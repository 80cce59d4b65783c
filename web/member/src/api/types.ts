/** The schemas of `/v1/me…` and of signing in, as the API's own document has them (`web/shared/api/schema.d.ts`, made by `make types`). */
import type { components } from '../../../shared/api/schema';

type Schemas = components['schemas'];

/** What people read, in the two languages of the house. */
export type Name = Schemas['Bilingual'];
/** A business date, `YYYY-MM-DD`. */
export type BusinessDate = string;
/** An instant, RFC 3339 in UTC. */
export type Instant = string;

export type MemberToken = Schemas['MemberToken'];
export type Me = Schemas['Me'];
export type Pending = Schemas['Pending'];
export type Expiring = Schemas['Expiring'];
export type Hint = Schemas['Hint'];
export type HintAction = NonNullable<Hint['action']>;
export type Home = Schemas['Home'];

export type Tab = 'all' | 'earned' | 'spent' | 'expired';
export type MeLine = Schemas['MeLine'];
export type Totals = Schemas['Totals'];
export interface Page<Item> {
  items: Item[];
  next_cursor: string | null;
}
export type MeStatement = Schemas['MeStatement'];
export type PendingLine = Schemas['PendingLine'];
export type Because = Schemas['Because'];
export type MeDetail = Schemas['MeDetail'];
export type MeLot = MeDetail['lots'][number];

export type CheckInState = Schemas['CheckInState'];
export type Granted = Schemas['Granted'];
export type CheckedIn = Schemas['CheckedIn'];
export type MadeUp = Schemas['CheckedInLate'];

export type FriendLine = Schemas['FriendLine'];
export type Invitations = Schemas['Invitations'];

/** What points on their way wait for. */
export type Awaits = PendingLine['awaits'];
export type Assistant = Schemas['Assistant'];
export type CartOutlook = Schemas['CartOutlook'];
export type OrderExplanation = Schemas['OrderExplanation'];
export type OrderGranted = OrderExplanation['granted'][number];

export type Message = Schemas['Message'];
export type MessageKind = Message['kind'];
export type MeRules = Schemas['MeRules'];

export type MallItem = Schemas['ShelfItem'];
export type MallShelf = Schemas['MeShelf'];
export type MallOrder = Schemas['MallOrder'];
export type MallOrders = Schemas['MeMallOrders'];
export type MallPayment = NonNullable<MallOrder['payment']>;
export type Coupon = Schemas['CouponView'];
export type Coupons = Schemas['Coupons'];
export type Campaign = Schemas['MyLottery'];
export type Campaigns = Schemas['MyLotteries'];
export type Draw = Schemas['LotteryDraw'];
export type Draws = Schemas['MyLotteryDraws'];
export type CartLine = Schemas['DeductionLine'];
export type Quote = Schemas['DeductionQuote'];
export type QuoteLine = Quote['lines'][number];
export type Deduction = Schemas['DeductionView'];

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
