/** Spending, without a page: draws verified, codes read, one wish one effect. */
import { webcrypto } from 'node:crypto';

import decodeQR from 'qr/decode.js';
import { describe, expect, test } from 'vitest';

import type { Campaign, Draw } from '@/api';
import { Problem } from '@/api/problem';
import { qrSvg } from '@/design/qr';
import { sketch, type Pen } from '@/design/sketch';
import { ALL_WARES, wareOf, wareSvg } from '@/design/wares';
import { chanceText } from '@/lib/chance';
import { costText } from '@/lib/cost';
import { bytesOf, commitment, spanOf, ticketOf, verdictOf } from '@/lib/fair';
import { useOnce } from '@/lib/once';
import { randomHex } from '@/lib/random';
import { pace, ringOf, sideOf } from '@/pages/lottery/ring';

const SEED = Uint8Array.from({ length: 32 }, (_, at) => at);
const HEX = Buffer.from(SEED).toString('hex');
const CAMPAIGN = '0197a5f0-0000-7000-8000-000000000001';
const MEMBER = '5f0c1a2b3c4d5e6f708192a3b4c5d6e7';

describe('a draw', () => {
  test.each([
    [1, 'abcdefgh', 852554],
    [2, 'Zz_-0123', 409623],
    [1_000_000, 'x'.repeat(64), 296488],
  ])('number %i by %s has the ticket that the server reckons (lottery/wheel.py)', (number, nonce, ticket) => {
    expect(ticketOf(SEED, CAMPAIGN, MEMBER, number, nonce)).toBe(ticket);
    expect(commitment(SEED)).toBe('630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd');
  });

  test('agrees with the browser’s own HMAC, wherever that is', async () => {
    const key = await webcrypto.subtle.importKey('raw', SEED, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
    for (let number = 1; number <= 200; number += 1) {
      const nonce = randomHex(16);
      const message = new TextEncoder().encode(['linli.lottery.v1', CAMPAIGN, MEMBER, number, nonce, 0].join('\n'));
      const found = Buffer.from(await webcrypto.subtle.sign('HMAC', key, message)).readUIntBE(0, 6);
      if (found < 2 ** 48 - (2 ** 48 % 1_000_000)) expect(ticketOf(SEED, CAMPAIGN, MEMBER, number, nonce)).toBe(found % 1_000_000);
    }
  });

  const name = { zh: '', en: '' };
  const prize = (prize_id: string, odds_ppm: number) => ({ prize_id, odds_ppm, name, kind: 'points' as const, points: 5, stock: null, left: null, picture: null });
  const campaign = { campaign_id: CAMPAIGN, seed: HEX, seed_hash: commitment(SEED), prizes: [prize('a', 400_000), prize('b', 500_000), prize('c', 100_000)], minimum_prize_id: 'a', guarantee_every: 10 } as unknown as Campaign;
  const draw = { campaign_id: CAMPAIGN, member: MEMBER, number: 1, nonce: 'abcdefgh', ticket: 852554, drawn_id: 'b', prize: prize('b', 0), why: 'odds' } as unknown as Draw;

  test('is verified by seed, ticket, odds and what was given instead', () => {
    expect(verdictOf(campaign, draw)).toBe('ok');
    expect(verdictOf({ ...campaign, seed: null }, draw)).toBe('later');
    expect(verdictOf({ ...campaign, seed: HEX.replace('00', '01') }, draw)).toBe('seed');
    expect(verdictOf({ ...campaign, seed: 'no seed' }, draw)).toBe('seed');
    expect(verdictOf(campaign, { ...draw, ticket: 852553 })).toBe('ticket');
    expect(verdictOf(campaign, { ...draw, nonce: 'abcdefgi' })).toBe('ticket');
    expect(verdictOf(campaign, { ...draw, number: 2 })).toBe('ticket');
    expect(verdictOf(campaign, { ...draw, drawn_id: 'a' })).toBe('prize');
    expect(verdictOf(campaign, { ...draw, prize: prize('a', 0) })).toBe('prize');
    expect(verdictOf(campaign, { ...draw, prize: prize('a', 0), why: 'stock' })).toBe('ok');
    expect(verdictOf(campaign, { ...draw, prize: prize('c', 0), why: 'stock' })).toBe('prize');
    expect(verdictOf(campaign, { ...draw, prize: prize('a', 0), why: 'guarantee' })).toBe('prize');
  });

  test('falls on the prize whose tickets they are, at both ends', () => {
    expect([0, 399_999, 400_000, 899_999, 900_000, 999_999].map((ticket) => spanOf(campaign.prizes, ticket)?.prize.prize_id)).toEqual(['a', 'a', 'b', 'b', 'c', 'c']);
    expect(spanOf([prize('never', 0), prize('a', 1_000_000)], 0)).toMatchObject({ prize: { prize_id: 'a' }, from: 0, to: 999_999 });
    expect(spanOf(campaign.prizes, 1_000_000)).toBeNull();
    expect(bytesOf('0aff')).toEqual(Uint8Array.from([10, 255]));
  });
});

describe('the square of prizes', () => {
  test.each([1, 3, 8, 9, 12, 13, 50])('of %i has a field for each, and no two fields in one place', (prizes) => {
    const fields = ringOf(Array.from({ length: prizes }, (_, at) => at + 1));
    const side = sideOf(prizes);
    expect(fields).toHaveLength(4 * (side - 1));
    expect(new Set(fields.map(({ prize }) => prize)).size).toBe(prizes);
    expect(new Set(fields.map(({ row, column }) => `${row}:${column}`)).size).toBe(fields.length);
    expect(fields.every(({ row, column }) => row === 1 || row === side || column === 1 || column === side)).toBe(true);
  });
  test('of eight is the grid of nine, clockwise', () => {
    expect(ringOf([1, 1, 1, 1, 1, 1, 1, 1]).map(({ row, column, prize }) => [row, column, prize].join(''))).toEqual(['110', '121', '132', '233', '334', '325', '316', '217']);
  });
  test('is passed ever more slowly towards the end', () => {
    const delays = pace(16);
    expect(delays).toHaveLength(16);
    expect([...delays].sort((a, b) => a - b)).toEqual(delays);
    expect(delays.reduce((sum, one) => sum + one, 0)).toBeLessThan(5_000);
  });
});

test('chances are exact', () => {
  expect([1, 500, 125_000, 1_000_000, 0].map(chanceText)).toEqual(['0.0001', '0.05', '12.5', '100', '0']);
});

test('what it costs is said in points, cash or both', () => {
  expect([{ points: 100, fen: 200 }, { points: 1800, fen: 0 }, { points: 0, fen: 990 }, { points: 0, fen: 0 }, { points: 30, fen: 0, wallet: 'team' }].map(costText)).toEqual(['100 分 + ¥2', '1,800 分', '¥9.90', '不用积分', '30 团队分']);
});

test('goods are drawn as what they are called, coupons and points as what they are', () => {
  const names: [string, string, string][] = [['goods', '原木抽纸 3 包', 'tissue'], ['goods', '品牌保温杯', 'cup'], ['goods', '番茄', 'tomato'], ['goods', 'Farm eggs', 'eggs'], ['goods', '全麦面包', 'bread'], ['coupon', '满 30 减 8', 'ticket'], ['coupon', '免单券', 'free'], ['points', '5 积分', 'points'], ['nothing', '谢谢参与', 'nothing'], ['training', '新团长第一课', 'book'], ['goods', '春节坚果礼盒', 'gift'], ['goods', '神秘的东西', 'goods']];
  expect(names.map(([kind, name]) => wareOf(kind, name))).toEqual(names.map(([, , ware]) => ware));
});

test('every drawing of goods is one that our canvas could draw', () => {
  const drawn: string[] = [];
  const pen = new Proxy({}, { get: (_, name: string) => () => drawn.push(name), set: () => true }) as unknown as Pen;
  for (const ware of ALL_WARES) {
    drawn.length = 0;
    sketch(pen, wareSvg(ware), 0, 0, 100);
    expect(drawn.length, ware).toBeGreaterThan(10);
  }
});

test.each(['1242987339', '7KXM4WQB9C2D', 'x'.repeat(64)])('the QR code of %s is read by another’s decoder', (code) => {
  const svg = qrSvg(code);
  const whole = Number(/viewBox='0 0 (\d+)/.exec(svg)?.[1]);
  const SCALE = 6;
  const width = whole * SCALE;
  const data = new Uint8ClampedArray(width * width * 4).fill(255);
  const [, dark = ''] = /<path d='([^']*)' fill='#2A241E'/.exec(svg) ?? [];
  for (const [, x = '', y = '', to = ''] of dark.matchAll(/M(\d+) (\d+)H(\d+)/g)) {
    for (let row = Number(y) * SCALE; row < (Number(y) + 1) * SCALE; row += 1) for (let column = Number(x) * SCALE; column < Number(to) * SCALE; column += 1) data.set([42, 36, 30, 255], (row * width + column) * 4);
  }
  expect(decodeQR({ width, height: width, data })).toBe(code);
});

describe('one wish is one effect', () => {
  const lost = new Problem('offline', 0, 'offline', '');
  const refused = new Problem('refused', 409, 'stock_exhausted', '');

  test('what got no answer is asked again under the same key; what was answered, under another', async () => {
    const keys: string[] = [];
    const answers: (Problem | string)[] = [lost, 'first', 'second', refused, 'third'];
    const wish = useOnce((key: string, _what: string) => {
      keys.push(key);
      const answer = answers.shift();
      return answer instanceof Problem ? Promise.reject(answer) : Promise.resolve(answer);
    });
    expect(await wish.go('eggs')).toBeNull();
    expect(wish.unsure()).toBe(true);
    expect(await wish.go('eggs')).toBe('first');
    expect(wish.problem.value).toBeNull();
    expect(await wish.go('eggs')).toBe('second');
    expect(await wish.go('eggs')).toBeNull();
    expect(wish.unsure()).toBe(false);
    expect(await wish.go('eggs')).toBe('third');
    expect(keys[1]).toBe(keys[0]);
    expect(new Set(keys).size).toBe(4);
  });

  test('another wish has a key of its own, and a second tap does nothing', async () => {
    const keys: string[] = [];
    let reply: (told: string) => void = () => undefined;
    const wish = useOnce((key: string, _what: string) => (keys.push(key), keys.length === 1 ? Promise.reject(lost) : new Promise<string>((resolve) => (reply = resolve))));
    await wish.go('eggs');
    const going = wish.go('rice');
    expect(await wish.go('rice')).toBeNull();
    reply('done');
    expect(await going).toBe('done');
    expect(keys).toHaveLength(2);
    expect(keys[1]).not.toBe(keys[0]);
  });
});
