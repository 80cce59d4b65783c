// Sample answers of the API, for developing without it and for the tests of pages. A world is plain data; `answer`
// is the whole API of a member: (world, request) → {status, body}. Figures agree with each other like the real ones.
import { spending, spent } from './spending.mjs';
import { BASE_LINES, FRIENDS, ORDER, HINTS, MESSAGES, RULES, SENTENCES } from './samples.mjs';

const DAY_MS = 86_400_000;
const PAGE = 30;
export const TOKEN = 'lm_sample';
export const addDays = (on, days) => new Date(Date.parse(`${on}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);

/** A member of some months, on a Sunday. `over` replaces parts: {me, home, ...}. */
export function world(over = {}) {
  const today = '2026-11-22';
  return {
    today,
    tokens: new Set([TOKEN]),
    me: {
      member_id: 'u10086',
      nickname: '陈阿姨',
      avatar: 'face-1',
      city: 'hangzhou',
      community_id: 'cuiyuan',
      enrolled_at: '2026-03-08T02:10:00Z',
      business_on: today,
      programme: { name: 'neighbours', title: { zh: '邻里分', en: 'Neighbour points' } },
    },
    available: 2486,
    pending: [
      { key: 'order:20261122-0713:base', points: 36, settle_on: addDays(today, 1), earned_on: today, title: { zh: '下单积分', en: 'Points for orders' }, order_id: '20261122-0713', awaits: 'settlement', cut_points: 0 },
      { key: 'opened:g1:first_group', points: 50, settle_on: null, earned_on: today, title: { zh: '首次开团', en: 'First group opened' }, order_id: null, awaits: 'formed', cut_points: 0 },
    ],
    madeUp: new Set(),
    makeUp: { points: 20, days_back: 7, per_month: 2 },
    held: 0,
    debt: 0,
    expiring: [{ on: addDays(today, 12), points: 320 }],
    checked: new Set([...Array(5).keys()].map((back) => addDays(today, -1 - back)).concat(['2026-11-02', '2026-11-03', '2026-11-09', '2026-10-30', '2026-10-29'])),
    lines: lines(today),
    messages: MESSAGES.map((one) => ({ ...one })),
    hints: HINTS,
    rules: RULES,
    friends: FRIENDS,
    bound: true,
    ...spending(today),
    ...over,
  };
}

/** Eight months of a household, newest first. */
function lines(today) {
  const found = [];
  let seq = 412;
  let after = 2486;
  for (let back = 0; back < 240; back += 2) {
    for (const line of BASE_LINES.filter((_, index) => (back + index * 3) % 8 === 0)) {
      const on = addDays(today, -back);
      found.push({
        seq: seq--,
        posted_on: on,
        posted_at: `${on}T01:02:03Z`,
        kind: line.kind,
        points: line.points,
        available_after: Math.max(after, 0),
        title: line.title,
        order_id: line.order ? `${on.replaceAll('-', '')}-0${300 + back}` : null,
      });
      after -= line.points;
    }
  }
  return found;
}

export function streakOf(state) {
  let on = state.checked.has(state.today) ? state.today : addDays(state.today, -1);
  let days = 0;
  for (; state.checked.has(on); on = addDays(on, -1)) days += 1;
  return days;
}

function home(state) {
  const unread = state.messages.filter((one) => !one.read).length;
  const days = new Map();
  for (const { settle_on, points } of state.pending.filter((one) => one.settle_on)) days.set(settle_on, (days.get(settle_on) ?? 0) + points);
  return {
    business_on: state.today,
    available: state.available,
    pending: [...days].map(([settle_on, points]) => ({ settle_on, points })),
    pending_points: state.pending.reduce((sum, one) => sum + one.points, 0),
    held: state.held,
    debt: state.debt,
    expiring: state.expiring,
    next_expiry: state.expiring[0] ?? null,
    checked_in_today: state.checked.has(state.today),
    streak_days: streakOf(state),
    unread,
    hints: state.hints,
  };
}

function checkInState(state, month = state.today.slice(0, 7)) {
  const weekday = (new Date(`${state.today}T00:00:00Z`).getUTCDay() + 6) % 7;
  const monday = addDays(state.today, -weekday);
  const streak = streakOf(state);
  const toGo = 7 - (streak % 7);
  return {
    today: state.today,
    checked_in_today: state.checked.has(state.today),
    streak_days: streak,
    week: [...Array(7).keys()].map((day) => ({ on: addDays(monday, day), checked: state.checked.has(addDays(monday, day)) })),
    days: [...state.checked].filter((on) => on.startsWith(month)).sort(),
    next_reward: { at_days: streak + toGo, points: 50, days_to_go: toGo },
    points_today: 10,
    made_up: [...state.madeUp].filter((on) => on.startsWith(month)).sort(),
    make_up: state.makeUp && { points: state.makeUp.points, days: missed(state), left_this_month: state.makeUp.per_month - madeUpThisMonth(state) },
  };
}

function checkIn(state) {
  const already = state.checked.has(state.today);
  const granted = [];
  if (!already) {
    state.checked.add(state.today);
    const settle_on = addDays(state.today, 1);
    const key = `check_in:${state.me.member_id}:${state.today}`;
    granted.push({ member_id: state.me.member_id, rule: 'check_in', rule_version: 3, points: 10, wallet: 'points', settle_on, key });
    state.pending.unshift({ key, points: 10, settle_on, earned_on: state.today, title: { zh: '每日签到', en: 'Daily check-in' }, order_id: null, awaits: 'settlement', cut_points: 0 });
    state.hints = state.hints.filter((one) => one.action !== 'check_in');
  }
  return { state: checkInState(state), granted, already };
}

const madeUpThisMonth = (state) => [...state.madeUp].filter((on) => on.startsWith(state.today.slice(0, 7))).length;
function missed(state) {
  if (madeUpThisMonth(state) >= state.makeUp.per_month) return [];
  return [...Array(state.makeUp.days_back).keys()].map((back) => addDays(state.today, -1 - back)).filter((on) => !state.checked.has(on)).sort();
}
function makeUp(state, on) {
  if (!missed(state).includes(on)) return refuse(409, 'make_ups_used_up', '这个月不能再补签了');
  if (state.available < state.makeUp.points) return refuse(409, 'insufficient_points', '积分不够');
  state.checked.add(on);
  state.madeUp.add(on);
  state.available -= state.makeUp.points;
  return ok({ state: checkInState(state), granted: [], already: false, spent_points: state.makeUp.points });
}

function assistant(state) {
  const pending = state.pending.map(({ title, points, settle_on, awaits }) => ({ reason: title, points, settle_on, awaits }));
  return { hints: state.hints, pending, expiring: state.expiring };
}

function cart(state, lines) {
  const paid_fen = lines.reduce((sum, one) => sum + one.paid_fen, 0);
  const points = Math.floor(paid_fen / 100);
  const base = { zh: '下单积分', en: 'Points for orders' };
  const missing = paid_fen < 5000 ? [{ rule: 'big', name: { zh: '满50元', en: 'Over ¥50' }, remaining_fen: 5000 - paid_fen, points: 20, text: { zh: `再消费${(5000 - paid_fen) / 100}元，可得20积分（满50元）`, en: `Spend ¥${(5000 - paid_fen) / 100} more for 20 points (over ¥50)` } }] : [];
  return { paid_fen, points, granted: points ? [{ rule: 'base', name: base, points, settle_on: addDays(state.today, 1) }] : [], missing, not_granted: [] };
}

function paged(items, query, size = PAGE) {
  const from = Number(query.get('cursor') ?? 0);
  const to = from + Math.min(Number(query.get('limit') ?? size), size);
  return { items: items.slice(from, to), next_cursor: to < items.length ? String(to) : null };
}

const IS = { all: () => true, earned: (one) => one.points > 0, spent: (one) => one.points < 0 && one.kind !== 'expire', expired: (one) => one.kind === 'expire' };
function statement(state, query) {
  const month = query.get('month') ?? '';
  const ofMonth = state.lines.filter((one) => one.posted_on.startsWith(month));
  const sum = (of) => ofMonth.filter(of).reduce((all, one) => all + Math.abs(one.points), 0);
  const totals = { earned: sum(IS.earned), spent: sum(IS.spent), expired: sum(IS.expired) };
  return { ...paged(ofMonth.filter(IS[query.get('tab') ?? 'all']), query), totals };
}

function detail(state, seq) {
  const line = state.lines.find((one) => one.seq === seq);
  if (!line) return refuse(404, 'not_found', '不存在');
  const why = SENTENCES[line.title.en];
  const earned_on = addDays(line.posted_on, -1);
  const because = why && line.points > 0
    ? [{ rule: why.rule, rule_version: 3, rule_name: line.title, sentence: why.sentence, points: line.points, event_type: why.type, order_id: line.order_id, earned_on }]
    : [];
  const size = Math.abs(line.points);
  const lots = line.points > 0 || size < 60
    ? [{ expires_on: addDays(line.posted_on, line.points > 0 ? 365 : 40), points: size }]
    : [{ expires_on: addDays(line.posted_on, 12), points: size - 40 }, { expires_on: addDays(line.posted_on, 43), points: 40 }];
  return ok({ line, because, lots });
}

function invitations(state, query) {
  const of = (wanted) => state.friends.filter((one) => one.state === wanted);
  const sum = (list) => list.reduce((all, one) => all + one.points, 0);
  const totals = { friends: state.friends.length, rewarded: of('rewarded').length, points: sum(of('rewarded')), pending_points: sum(of('ordered')) };
  const rule = state.rules.sections.find((one) => one.kind === 'invitation');
  return { code: '7KXM4WQB', link: '/m/#/pages/enter/enter?invite=7KXM4WQB', rules: rule ? [rule.sentence] : [], totals, ...paged(state.friends, query) };
}

function read(state, upTo) {
  const from = state.messages.findIndex((one) => one.message_id === upTo);
  state.messages.forEach((one, index) => (one.read ||= index >= from));
  return { status: 204, body: null };
}

const ok = (body) => ({ status: 200, body });
const refuse = (status, code, title) => ({ status, body: { type: `/problems/${code}`, title, status, detail: title, code, title_zh: title, title_en: code } });

/** @returns {{status: number, body: any}} */
export function answer(state, { method, path, token, body, key }) {
  const { pathname, searchParams: query } = new URL(path, 'http://sample');
  if (`${method} ${pathname}` === 'POST /v1/sign-in/wechat') {
    if (!state.bound) return refuse(404, 'wechat_not_bound', '微信还没有绑定会员');
    state.tokens.add(TOKEN);
    return ok({ token: TOKEN, expires_at: '2026-11-22T14:00:00Z' });
  }
  if (!state.tokens.has(token)) return refuse(401, 'unauthorized', '请重新登录');
  const bought = spent(state, { method, pathname, query, body, key }, { ok, refuse, paged });
  if (bought) return bought;
  const seq = /^\/v1\/me\/statement\/(\d+)$/.exec(pathname);
  if (seq && method === 'GET') return detail(state, Number(seq[1]));
  const order = /^\/v1\/me\/orders\/([^/]+)\/explanation$/.exec(pathname);
  if (order && method === 'GET') return ok({ ...ORDER, order_id: decodeURIComponent(order[1]) });
  switch (`${method} ${pathname}`) {
    case 'GET /v1/me': return ok(state.me);
    case 'GET /v1/me/home': return ok(home(state));
    case 'GET /v1/me/statement': return ok(statement(state, query));
    case 'GET /v1/me/pending': return ok(paged(state.pending, query));
    case 'GET /v1/me/check-in': return ok(checkInState(state, query.get('month') ?? undefined));
    case 'POST /v1/me/check-in': return ok(checkIn(state));
    case 'GET /v1/me/invitations': return ok(invitations(state, query));
    case 'POST /v1/me/check-in/make-up': return makeUp(state, body.on);
    case 'POST /v1/me/assistant/cart': return ok(cart(state, body.lines));
    case 'GET /v1/me/assistant': return ok(assistant(state));
    case 'GET /v1/me/messages': return ok(paged(state.messages, query, 10));
    case 'POST /v1/me/messages/read': return read(state, body.up_to);
    case 'GET /v1/me/rules': return ok(state.rules);
  }
  return refuse(404, 'route_not_found', '没有这个地址');
}

export function balanceOf(state) {
  const { available, pending_points, unread } = home(state);
  return { available, pending_points, unread };
}
