/** Each page of the mini-program build, run under Node. */
import { afterEach, expect, test } from 'vitest';

import { addDays, world } from '../../dev/answers.mjs';
import { Mini } from './mini';

let mini: Mini;
const last = <T>(list: T[]): T | undefined => list[list.length - 1];
async function open(path: string, query: Record<string, string> = {}, over: Partial<Mini> = {}, signedIn = true): Promise<Mini> {
  mini = Object.assign(new Mini({ signedIn }), over);
  return mini.open(path, query);
}
afterEach(() => {
  mini.close();
  expect(mini.complaints).toEqual([]);
});

test('home shows what one has, what comes tomorrow, what expires, and what can be earned', async () => {
  await open('pages/home/home');
  expect(mini.read('hello')).toBe('您好，陈阿姨');
  expect(mini.read('available')).toBe('2,486');
  expect(mini.read('pending')).toBe('明日到账 36');
  expect(mini.read('expiring')).toBe('320 分 12月4日过期');
  expect(mini.all('hint-goal')).toHaveLength(1);
  expect(last(mini.titles)).toBe('我的');
  expect(mini.asked.every((one) => one.token === 'lm_sample')).toBe(true);
});

test('home leads to its pages; a hint that is not in this app says how', async () => {
  await open('pages/home/home');
  await mini.tap('check-in');
  await mini.tap('pending');
  expect(mini.went).toEqual(['navigateTo /pages/check-in/check-in', 'navigateTo /pages/statement/statement?tab=pending']);
  await mini.tap('act-shop');
  expect(mini.read('sheet')).toContain('付款以后积分会自动记上');
  await mini.tap('sheet-close');
  expect(mini.all('sheet')).toHaveLength(0);
});

test('points that arrive are shown, and asked for once', async () => {
  await open('pages/home/home');
  mini.world.available += 36;
  mini.module('lib/live.js').take({ available: 2522, pending_points: 36, unread: 2 });
  await mini.settle(60);
  expect(mini.read('available')).toBe('2,522');
  expect(mini.read('arrived')).toBe('36 分到账了');
  expect(mini.paths().filter((path) => path === '/v1/me/home')).toHaveLength(2);
});

test('home without network says so, and loads by itself when it is back', async () => {
  await open('pages/home/home', {}, { offline: true });
  expect(mini.text).toContain('一分不少');
  await mini.online(true);
  expect(mini.read('available')).toBe('2,486');
});

test('home without a token goes to sign in', async () => {
  await open('pages/home/home', {}, {}, false);
  expect(mini.went).toEqual(['reLaunch /pages/enter/enter']);
  expect(mini.paths()).toEqual([]);
});

test('entering signs in by WeChat and goes home', async () => {
  await open('pages/enter/enter', {}, {}, false);
  expect(mini.asked[0]).toMatchObject({ method: 'POST', path: '/v1/sign-in/wechat', body: { code: 'code-1' }, token: '' });
  expect(mini.storage.get('linli.token')).toBe('lm_sample');
  expect(mini.went).toEqual(['reLaunch /pages/home/home']);
});

test('entering with a WeChat that nobody bound says what to do, and tries again', async () => {
  await open('pages/enter/enter', {}, { world: world({ bound: false }) }, false);
  expect(mini.all('enter-notBound')).toHaveLength(1);
  mini.world.bound = true;
  await mini.tap('state-act');
  expect(mini.went).toEqual(['reLaunch /pages/home/home']);
});

test('a token that lapsed is renewed silently, and the page never knows', async () => {
  mini = new Mini();
  mini.world.tokens.clear();
  await mini.open('pages/home/home');
  expect(mini.paths('POST')).toEqual(['/v1/sign-in/wechat']);
  expect(mini.read('available')).toBe('2,486');
});

test('a token that cannot be renewed: the page stays, under a friendly note', async () => {
  await open('pages/statement/statement');
  mini.world.tokens.clear();
  mini.world.bound = false;
  await mini.tap('tab-earned');
  expect(mini.read('expired')).toContain('刚才看到和选好的都还在');
  mini.world.bound = true;
  await mini.tap('state-act');
  expect(mini.all('expired')).toHaveLength(0);
  expect(mini.all('line').length).toBeGreaterThan(0);
  expect(last(mini.paths())).toContain('tab=earned');
});

test('the statement has days, sums and signs, and goes on page by page', async () => {
  await open('pages/statement/statement');
  expect(mini.all('line')).toHaveLength(30);
  expect(mini.read('line')).toContain('+38');
  expect(mini.text).toContain('−120');
  await mini.tap('more');
  expect(mini.all('line')).toHaveLength(60);
  mini.page.instance.onReachBottom();
  await mini.settle();
  expect(mini.all('line')).toHaveLength(90);
  expect(last(mini.paths())).toBe('/v1/me/statement?tab=all&cursor=60&limit=30');
});

test('the statement by tab and month, and an empty month', async () => {
  await open('pages/statement/statement');
  await mini.tap('tab-spent');
  expect(mini.all('line').every((line) => line.textContent?.includes('−'))).toBe(true);
  await mini.tap('month');
  await mini.tap('month-2026-10');
  expect(last(mini.paths())).toBe('/v1/me/statement?tab=spent&month=2026-10&limit=30');
  expect(mini.read('month')).toBe('2026年10月');
  await mini.tap('month');
  await mini.tap('month-2026-01');
  expect(mini.read('empty')).toContain('2026年1月没有记录');
});

test('a page that fails keeps the lines before it', async () => {
  await open('pages/statement/statement');
  mini.offline = true;
  await mini.tap('more');
  expect(mini.all('line')).toHaveLength(30);
  expect(mini.text).toContain('后面的没加载出来');
  await mini.online(true);
  expect(mini.all('line')).toHaveLength(60);
});

test('pending lines say when they arrive', async () => {
  await open('pages/statement/statement', { tab: 'pending' });
  expect(mini.read('pending-line')).toContain('明天到账');
  expect(mini.paths()).toContain('/v1/me/pending?limit=30');
});

test('a line says why: order, rule, version, lots', async () => {
  await open('pages/line/line', { seq: '412' });
  expect(mini.read('points')).toBe('+38');
  expect(mini.read('order')).toBe('20261122-0300');
  expect(mini.read('why')).toContain('每满 1 元得 1 分');
  expect(mini.read('why')).toContain('第 3 版');
  expect(mini.read('lot')).toContain('2027年11月21日');
});

test('checking in: a double tap is one call, the streak grows, the result says what was won', async () => {
  await open('pages/check-in/check-in');
  expect(mini.read('streak')).toBe('5 天');
  mini.slow = true;
  await mini.tap('do');
  await mini.tap('do');
  await mini.deliver();
  expect(mini.paths('POST')).toEqual(['/v1/me/check-in']);
  expect(mini.read('result')).toContain('得到 10 分，明天到账');
  expect(mini.read('streak')).toBe('6 天');
  await mini.tap('sheet-close');
  await mini.tap('do');
  expect(mini.paths('POST')).toHaveLength(1);
});

test('checking in without network is owed, and done when it is back', async () => {
  await open('pages/check-in/check-in');
  mini.offline = true;
  await mini.tap('do');
  expect(mini.text).toContain('网好了自动签到');
  await mini.online(true);
  expect(mini.all('result')).toHaveLength(1);
  expect(mini.world.checked.has('2026-11-22')).toBe(true);
});

test('the calendar turns back, and not into the future', async () => {
  await open('pages/check-in/check-in');
  await mini.tap('next');
  expect(mini.read('shown-month')).toBe('2026年11月');
  await mini.tap('prev');
  expect(mini.read('shown-month')).toBe('2026年10月');
  expect(mini.all('stamped')).toHaveLength(2);
  expect(mini.read('streak')).toBe('5 天');
});

test('a missed day is made up for once it was confirmed, and its price told', async () => {
  const gap = world();
  gap.checked.delete('2026-11-19');
  await open('pages/check-in/check-in', {}, { world: gap });
  expect(mini.read('streak')).toBe('2 天');
  expect(mini.read('offer')).toContain('用 20 分补上，这个月还能补 2 次');
  expect(mini.all('make-up')).toHaveLength(3);
  await mini.tap('make-up', 2);
  expect(mini.read('make-up-sheet')).toContain('补签 11月19日');
  expect(mini.paths('POST')).toEqual([]);
  await mini.tap('make-up-do');
  expect(last(mini.asked.filter((one) => one.method === 'POST'))).toMatchObject({ path: '/v1/me/check-in/make-up', body: { on: '2026-11-19' } });
  expect(mini.read('result')).toContain('补签成功');
  expect(mini.read('spent')).toBe('用了 20 分');
  expect(mini.read('streak')).toBe('5 天');
});

test('pending points say what they wait for', async () => {
  await open('pages/statement/statement', { tab: 'pending' });
  const lines = mini.all('pending-line').map((one) => one.textContent ?? '');
  expect(lines[0]).toContain('明天到账');
  expect(lines[1]).toContain('等成团');
  expect(lines[1]).toContain('成团后到账');
});

test('the assistant tells what can be earned, what is coming by its reason, and what lapses', async () => {
  await open('pages/assistant/assistant');
  expect(mini.read('says')).toContain('个办法可以得分');
  expect(mini.all('part').map((one) => one.textContent?.replace(/\s+/g, ' ').trim())).toEqual(['下单积分明天到账36', '首次开团成团后到账50']);
  expect(mini.read('lot')).toContain('最后可用日 12月3日');
  await mini.tap('cart-20');
  expect(last(mini.asked)).toMatchObject({ path: '/v1/me/assistant/cart', body: { lines: [{ paid_fen: 2000 }] } });
  expect(mini.read('cart-points')).toBe('20 分');
  expect(mini.read('cart-more')).toContain('再消费30元');
  await mini.tap('all-pending');
  expect(last(mini.went)).toBe('navigateTo /pages/statement/statement?tab=pending');
});

test('an order is explained: what it brought, what not and why, and what happened', async () => {
  await open('pages/line/line', { seq: '412' });
  await mini.tap('whole-order');
  expect(last(mini.went)).toBe('navigateTo /pages/order/order?id=20261122-0300');
  await mini.open('pages/order/order', { id: '20261122-0300' });
  expect(mini.read('points')).toBe('78 分');
  expect(mini.all('grant').map((one) => one.textContent ?? '')[0]).toContain('因退款少 8 分');
  expect(mini.read('missed')).toContain('这一单没有生鲜');
  expect(mini.all('event')).toHaveLength(3);
});

test('inviting: the code, what it brings, and what came of each friend', async () => {
  await open('pages/invite/invite');
  expect(mini.read('code')).toBe('7KXM4WQB');
  expect(mini.read('rule')).toContain('您得 100 分');
  expect([mini.read('sum-friends'), mini.read('sum-rewarded'), mini.read('sum-points')]).toEqual(['4', '1', '100']);
  expect(mini.all('friend').map((one) => one.textContent?.replace(/\s+/g, ' ').trim())).toEqual([
    '小雨11月20日加入还没下单', '王师傅11月18日加入100首单完成，待到账', '一位邻居11月2日加入+100奖励已到账', '阿梅10月12日加入首单已退款，奖励已收回',
  ]);
  await mini.tap('copy-code');
  expect(mini.clipboard).toBe('7KXM4WQB');
});

test('the poster is drawn on the mini-program’s canvas, and given to WeChat to save or to send', async () => {
  await open('pages/invite/invite');
  await mini.tap('open-poster');
  expect(mini.drawn.join('')).toContain('陈阿姨 邀请您');
  expect(mini.drawn.join('')).toContain('7KXM 4WQB');
  await mini.tap('poster-save');
  expect(last(mini.went)).toBe('showShareImageMenu wxfile://poster.png');
});

test('who comes by an invitation and is no member yet is shown its code, again when they come back', async () => {
  const stranger = { world: world({ bound: false }) };
  await open('pages/enter/enter', { invite: '7KXM4WQB' }, stranger, false);
  expect(mini.read('invited-code')).toContain('7KXM4WQB');
  await mini.open('pages/enter/enter');
  expect(mini.read('invited-code')).toContain('7KXM4WQB');
});

test('messages carry a mark until they are read', async () => {
  await open('pages/messages/messages');
  expect(mini.all('message')).toHaveLength(6);
  expect(mini.all('dot')).toHaveLength(2);
  await mini.tap('read');
  expect(last(mini.asked)).toMatchObject({ path: '/v1/me/messages/read', body: { up_to: 'm9' } });
  expect(mini.all('dot')).toHaveLength(0);
});

test('no messages, no rules: a picture and a sentence', async () => {
  await open('pages/messages/messages', {}, { world: world({ messages: [] }) });
  expect(mini.read('empty')).toContain('没有新消息');
});

test('rules are sentences', async () => {
  await open('pages/rules/rules');
  expect(mini.all('rule')).toHaveLength(6);
  expect(mini.text).toContain('连续签到每满 7 天得 50 分');
});

test('settings apply at once and are kept', async () => {
  await open('pages/settings/settings');
  await mini.tap('language-en');
  expect(mini.text).toContain('Type size');
  expect(last(mini.titles)).toBe('Settings');
  await mini.tap('type-large');
  await mini.tap('look-dark');
  expect(mini.dom.innerHTML).toContain('--t-m:21.25px');
  expect(mini.dom.innerHTML).toContain('--paper:#1B1815');
  expect(mini.storage.get('linli.settings')).toEqual({ language: 'en', large: true, look: 'dark' });
});

test('names of any kind are text, never markup', async () => {
  const name = '👩‍🌾<script>alert(1)</script>🥬';
  const me = { ...world().me, nickname: name };
  await open('pages/home/home', {}, { world: world({ me }) });
  expect(mini.read('hello')).toBe(`您好，${name}`);
  expect(mini.dom.querySelectorAll('script')).toHaveLength(0);
  expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
});
