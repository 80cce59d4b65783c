/** The API's operations that a member may call, by name. */
import { call } from './client';
import type {
  Assistant,
  Campaign,
  Campaigns,
  CartLine,
  CartOutlook,
  CheckedIn,
  CheckInState,
  Coupon,
  Coupons,
  Deduction,
  Draw,
  Draws,
  Home,
  Invitations,
  MadeUp,
  MallItem,
  MallOrder,
  MallOrders,
  MallShelf,
  Me,
  MeDetail,
  MemberToken,
  MeRules,
  Message,
  MeStatement,
  Page,
  OrderExplanation,
  PendingLine,
  Quote,
  Tab,
} from './types';

export { Problem } from './problem';
export type * from './types';

const PAGE = 30;

export const api = {
  me: () => call<Me>('GET', '/v1/me'),
  home: () => call<Home>('GET', '/v1/me/home'),
  statement: (tab: Tab, month: string | null, cursor: string | null) =>
    call<MeStatement>('GET', '/v1/me/statement', { query: { tab, month, cursor, limit: PAGE } }),
  pending: (cursor: string | null) =>
    call<Page<PendingLine>>('GET', '/v1/me/pending', { query: { cursor, limit: PAGE } }),
  line: (seq: number) => call<MeDetail>('GET', `/v1/me/statement/${seq}`),
  checkInState: (month: string | null) => call<CheckInState>('GET', '/v1/me/check-in', { query: { month } }),
  checkIn: () => call<CheckedIn>('POST', '/v1/me/check-in'),
  invitations: (cursor: string | null) =>
    call<Invitations>('GET', '/v1/me/invitations', { query: { cursor, limit: PAGE } }),
  makeUp: (on: string) => call<MadeUp>('POST', '/v1/me/check-in/make-up', { body: { on } }),
  messages: (cursor: string | null) =>
    call<Page<Message>>('GET', '/v1/me/messages', { query: { cursor, limit: PAGE } }),
  readMessages: (upTo: string) => call<void>('POST', '/v1/me/messages/read', { body: { up_to: upTo } }),
  assistant: () => call<Assistant>('GET', '/v1/me/assistant'),
  cart: (fen: number) => call<CartOutlook>('POST', '/v1/me/assistant/cart', { body: { lines: [{ paid_fen: fen }] } }),
  order: (id: string) => call<OrderExplanation>('GET', `/v1/me/orders/${encodeURIComponent(id)}/explanation`),
  shelf: (category: string | null, affordable: boolean, cursor: string | null) =>
    call<MallShelf>('GET', '/v1/me/mall/items', { query: { category, affordable: affordable ? 'true' : null, cursor, limit: PAGE } }),
  mallItem: (id: string) => call<MallItem>('GET', `/v1/me/mall/items/${encodeURIComponent(id)}`),
  buy: (key: string, body: { item_id: string; pieces: number; community_id?: string }) =>
    call<MallOrder>('POST', '/v1/me/mall/orders', { body, key }),
  mallOrders: (state: string | null, cursor: string | null) =>
    call<MallOrders>('GET', '/v1/me/mall/orders', { query: { state, cursor, limit: PAGE } }),
  mallOrder: (id: string) => call<MallOrder>('GET', `/v1/me/mall/orders/${encodeURIComponent(id)}`),
  payMallOrder: (id: string) => call<MallOrder>('POST', `/v1/me/mall/orders/${encodeURIComponent(id)}/pay`),
  cancelMallOrder: (id: string) => call<MallOrder>('POST', `/v1/me/mall/orders/${encodeURIComponent(id)}/cancel`),
  coupons: (state: string, cursor: string | null) =>
    call<Coupons>('GET', '/v1/me/coupons', { query: { state, cursor, limit: PAGE } }),
  claimCoupon: (code: string) => call<Coupon>('POST', '/v1/me/coupons/claim', { body: { code } }),
  campaigns: () => call<Campaigns>('GET', '/v1/me/lottery/campaigns'),
  campaign: (id: string) => call<Campaign>('GET', `/v1/me/lottery/campaigns/${encodeURIComponent(id)}`),
  draw: (id: string, key: string, nonce: string) =>
    call<Draw>('POST', `/v1/me/lottery/campaigns/${encodeURIComponent(id)}/draws`, { body: { nonce }, key }),
  draws: (campaign: string | null, cursor: string | null) =>
    call<Draws>('GET', '/v1/me/lottery/draws', { query: { campaign_id: campaign, cursor, limit: PAGE } }),
  quote: (lines: CartLine[], points: number | null) =>
    call<Quote>('POST', '/v1/me/deductions/quote', { body: { lines, ...(points === null ? {} : { points }) } }),
  deductions: (cursor: string | null) => call<Page<Deduction>>('GET', '/v1/me/deductions', { query: { cursor, limit: PAGE } }),
  rules: () => call<MeRules>('GET', '/v1/me/rules'),
  signInByWechat: (code: string) =>
    call<MemberToken>('POST', '/v1/sign-in/wechat', { body: { code }, anonymous: true }),
};
