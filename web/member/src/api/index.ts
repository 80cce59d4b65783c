/** The API's operations that a member may call, by name. */
import { call } from './client';
import type {
  CheckedIn,
  CheckInState,
  Home,
  Invitations,
  Me,
  MeDetail,
  MemberToken,
  MeRules,
  Message,
  MeStatement,
  Page,
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
  messages: (cursor: string | null) =>
    call<Page<Message>>('GET', '/v1/me/messages', { query: { cursor, limit: PAGE } }),
  readMessages: (upTo: string) => call<void>('POST', '/v1/me/messages/read', { body: { up_to: upTo } }),
  rules: () => call<MeRules>('GET', '/v1/me/rules'),
  signInByWechat: (code: string) =>
    call<MemberToken>('POST', '/v1/sign-in/wechat', { body: { code }, anonymous: true }),
};
