/** The API's operations that a member may call, by name. */
import { call } from './client';
import type {
  Assistant,
  CartOutlook,
  CheckedIn,
  CheckInState,
  Home,
  Invitations,
  MadeUp,
  Me,
  MeDetail,
  MemberToken,
  MeRules,
  Message,
  MeStatement,
  Page,
  OrderExplanation,
  PendingLine,
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
  rules: () => call<MeRules>('GET', '/v1/me/rules'),
  signInByWechat: (code: string) =>
    call<MemberToken>('POST', '/v1/sign-in/wechat', { body: { code }, anonymous: true }),
};
