/** What points are spent on, as pages of the mini-program build, run under Node. */
import { afterEach, expect, test } from 'vitest';

import { SEED } from '../../dev/spending.mjs';
import { Mini } from './mini';

let mini: Mini;
const last = <T>(list: T[]): T | undefined => list[list.length - 1];
const words = (of: HTMLElement[]): string[] => of.map((one) => (one.textContent ?? '').replace(/\s+/g, ' ').trim());
async function open(path: string, query: Record<string, string> = {}, over: Partial<Mini> = {}): Promise<Mini> {
  mini = Object.assign(new Mini(), over);
  return mini.open(path, query);
}
afterEach(() => {
  mini.close();
  expect(mini.complaints).toEqual([]);
});

test('home has doors to what points are good for', async () => {
  await open('pages/home/home');
  for (const door of ['mall', 'coupons', 'lottery', 'checkout']) await mini.tap(`door-${door}`);
  expect(mini.went).toEqual(['mall/mall', 'coupons/coupons', 'lottery/lottery', 'checkout/checkout'].map((page) => `navigateTo /pages/${page}`));
});

test('the shelf says what things cost, why one cannot have them, and is narrowed', async () => {
  await open('pages/mall/mall');
  expect(mini.read('mall-balance')).toBe('2,486');
  const goods = words(mini.all('good'));
  expect(goods).toHaveLength(8);
  expect(goods[0]).toContain('100 分 + ¥2');
  expect(goods.find((one) => one.includes('酱油'))).toContain('兑完了');
  expect(goods.find((one) => one.includes('保温杯'))).toContain('还差 4314 分');
  await mini.tap('chip-mine');
  expect(last(mini.paths())).toBe('/v1/me/mall/items?affordable=true&limit=30');
  expect(mini.all('good')).toHaveLength(5);
  await mini.tap('chip-c:food');
  expect(words(mini.all('good')).join()).not.toContain('券');
  await mini.tap('chip-');
  expect(mini.all('good')).toHaveLength(8);
  await mini.tap('good');
  expect(last(mini.went)).toBe('navigateTo /pages/mall-item/mall-item?id=i-tissue');
});

test('an empty shelf, and one on which nothing can be afforded', async () => {
  await open('pages/mall/mall', { mine: '1' });
  mini.world.shelf = [];
  await mini.tap('chip-');
  expect(mini.read('empty')).toContain('货架正在补货');
  await mini.tap('chip-mine');
  expect(mini.read('empty')).toContain('再攒一点就够了');
});

test('an item is bought with points and cash: confirmed, paid by WeChat’s sheet, collected by its code', async () => {
  await open('pages/mall-item/mall-item', { id: 'i-tissue' });
  expect(mini.read('fact-limit')).toContain('每人每月最多 2 件');
  await mini.tap('buy');
  expect([mini.read('buy-points'), mini.read('buy-cash'), mini.read('buy-after'), mini.read('place')]).toEqual(['100 分', '¥2', '2,386 分', 'cuiyuan的团长处']);
  await mini.tap('pieces-more');
  await mini.tap('pieces-more');
  expect(mini.read('pieces')).toBe('2');
  await mini.tap('buy-do');
  expect(last(mini.asked)).toMatchObject({ path: '/v1/me/mall/orders', body: { item_id: 'i-tissue', pieces: 2, community_id: 'cuiyuan' } });
  expect(last(mini.asked)?.key).toMatch(/^[0-9a-f]{32}$/);
  expect(last(mini.went)).toBe('redirectTo /pages/mall-order/mall-order?id=m1&new=1');

  await mini.open('pages/mall-order/mall-order', { id: 'm1' });
  expect(mini.read('state')).toBe('等待付款');
  mini.pays = false;
  await mini.tap('pay');
  expect(mini.read('note')).toContain('付款没有完成');
  [mini.pays, mini.world.payIsIn] = [true, true];
  await mini.tap('pay');
  expect(mini.went.filter((one) => one === 'requestPayment prepay_id=1')).toHaveLength(2);
  expect(mini.read('state')).toBe('兑换成功');
  expect(mini.read('code')).toBe('4028 1736 5501');
  expect(words(mini.all('event'))).toHaveLength(2);
});

test('an order whose answer was lost on the way is the same order when it is asked for again', async () => {
  await open('pages/mall-item/mall-item', { id: 'i-eggs' });
  await mini.tap('buy');
  mini.deaf = true;
  await mini.tap('buy-do');
  expect(mini.read('buy-trouble')).toContain('不会重复扣分');
  await mini.tap('buy-do');
  expect(mini.world.mallOrders).toHaveLength(1);
  expect(mini.world.available).toBe(1686);
  expect(last(mini.went)).toContain('redirectTo /pages/mall-order');
});

test('what cannot be had says why, and is not bought', async () => {
  await open('pages/mall-item/mall-item', { id: 'i-mug' });
  expect(mini.read('obstacles')).toContain('还差 4314 分');
  await mini.tap('buy');
  expect(mini.all('buy-do')).toHaveLength(0);
  await mini.tap('earn');
  expect(last(mini.went)).toBe('navigateTo /pages/assistant/assistant');
  await mini.open('pages/mall-item/mall-item', { id: 'gone' });
  expect(mini.read('missing')).toContain('没有找到这件商品');
});

test('orders by state; one is cancelled, and its points come back', async () => {
  await open('pages/mall-orders/mall-orders');
  expect(mini.read('empty')).toContain('还没有兑换过');
  await mini.open('pages/mall-item/mall-item', { id: 'i-eggs' });
  await mini.tap('buy');
  await mini.tap('buy-do');
  await mini.open('pages/mall-orders/mall-orders');
  expect(mini.read('order')).toContain('土鸡蛋 10 枚');
  await mini.tap('tab-ready');
  expect(last(mini.paths())).toBe('/v1/me/mall/orders?state=ready&limit=30');
  expect(mini.all('order')).toHaveLength(0);
  await mini.open('pages/mall-order/mall-order', { id: 'm1' });
  await mini.tap('cancel');
  await mini.tap('cancel-do');
  expect(mini.read('state')).toBe('已取消');
  expect(mini.all('cancel')).toHaveLength(0);
  expect(mini.world.available).toBe(2486);
});

test('coupons by state: what they take off, until when; a code is shown, another claimed', async () => {
  await open('pages/coupons/coupons');
  const coupons = words(mini.all('coupon'));
  expect(coupons).toHaveLength(2);
  expect(coupons[0]).toContain('¥5');
  expect(coupons[1]).toContain('还有 3 天');
  await mini.tap('show');
  expect(mini.read('code').replace(/ /g, '')).toBe('7KXM4WQB9C2D');
  await mini.tap('sheet-close');
  await mini.tap('tab-locked');
  expect(mini.read('coupon')).toContain('8.5 折');
  await mini.tap('tab-used');
  expect(mini.read('coupon')).toContain('省了 ¥5');
  await mini.tap('claim');
  expect(mini.read('claim-said')).toBe('请先输入兑换码');
});

test('a draw: odds are published, the prize is told, a lost answer is the same draw', async () => {
  await open('pages/lottery/lottery');
  expect(mini.all('field')).toHaveLength(8);
  expect(words(mini.all('odds'))[0]).toContain('0.05%');
  expect(mini.read('seed-hash')).toBe(mini.world.campaigns[0].seed_hash);
  expect(mini.read('left')).toBe('今天还能抽 3 次');
  mini.deaf = true;
  await mini.tap('draw');
  expect(mini.read('draw-trouble')).toContain('同一次抽奖');
  await mini.tap('draw');
  await mini.tap('draw'); // what moves is ended by a tap
  expect(mini.world.draws).toHaveLength(1);
  expect(mini.world.draws[0].nonce).toMatch(/^[0-9a-f]{32}$/);
  expect(mini.read('won-name')).toBe(mini.world.draws[0].prize.name.zh);
  expect(mini.read('left')).toBe('今天还能抽 2 次');
});

test('a draw is verified once the seed is published, and what was tampered with is found out', async () => {
  await open('pages/lottery/lottery');
  for (let time = 0; time < 3; time += 1) {
    await mini.tap(time ? 'again' : 'draw');
    await mini.tap('draw');
  }
  expect(mini.read('left')).toBe('今天抽完了，明天再来');
  await mini.open('pages/prizes/prizes');
  await mini.tap('verify');
  expect(mini.read('verdict')).toContain('种子公开以后就能验');
  mini.world.campaigns[0].seed = SEED;
  mini.world.draws[0].ticket = (mini.world.draws[0].ticket + 1) % 1_000_000;
  await mini.open('pages/prizes/prizes');
  await mini.tap('verify-all');
  expect(words(mini.all('verdict')).map((one) => one.slice(0, 4))).toEqual(['对不上，', '验过了：', '验过了：']);
  expect(mini.read('sum')).toBe('3 次里有 1 次对不上');
});

test('no campaign, no draws: a picture and a sentence', async () => {
  const world = { ...new Mini().world, campaigns: [] };
  await open('pages/lottery/lottery', {}, { world });
  expect(mini.read('empty')).toContain('现在没有抽奖');
  await mini.open('pages/prizes/prizes');
  expect(mini.read('empty')).toContain('还没抽过奖');
});

test('the basket: line by line what points take off, and how many of them', async () => {
  await open('pages/checkout/checkout');
  expect(mini.read('off-mug')).toContain('抵 ¥30');
  expect(mini.read('using')).toBe('2,049 分');
  expect(mini.read('to-pay')).toBe('¥95.62');
  await mini.tap('use-none');
  expect([mini.read('off'), mini.read('to-pay')]).toEqual(['−¥0', '¥136.60']);
  for (const good of ['tomato', 'eggs', 'mug']) await mini.tap(`pieces-${good}-less`);
  expect(mini.read('cart-empty')).toContain('菜篮是空的');
  expect(mini.read('record')).toContain('省了 ¥30');
});

test('without a network each page says so, and comes back by itself', async () => {
  for (const [page, there] of [['mall/mall', 'good'], ['coupons/coupons', 'coupon'], ['lottery/lottery', 'field'], ['checkout/checkout', 'cart-line']] as const) {
    await open(`pages/${page}`, {}, { offline: true });
    expect(mini.text, page).toContain('一分不少');
    await mini.online(true);
    expect(mini.all(there).length, page).toBeGreaterThan(0);
    mini.close();
  }
});
