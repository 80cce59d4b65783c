import { describe, expect, test } from 'vitest';

import { pathOf } from '@/api/client';
import { Problem } from '@/api/problem';
import { addMonths, dayText, monthGrid } from '@/lib/dates';
import { asParam, fromParam } from '@/lib/nav';
import { pointsText, priceText, signedText, yuanText } from '@/lib/points';
import { reader } from '@/lib/sse';

describe('dates', () => {
  test('months turn over years', () => {
    expect(addMonths('2026-12', 1)).toBe('2027-01');
    expect(addMonths('2026-01', -1)).toBe('2025-12');
    expect(addMonths('2026-11', -23)).toBe('2024-12');
  });
  test('a month begins on its weekday and has all its days', () => {
    const weeks = monthGrid('2024-02');
    expect(weeks[0]?.slice(0, 4)).toEqual([null, null, null, '2024-02-01']);
    expect(weeks.flat().filter(Boolean)).toHaveLength(29);
    expect(weeks.every((week) => week.length === 7)).toBe(true);
  });
  test('the year is said where it is another', () => {
    expect(dayText('2026-11-05', 'zh', '2026-11-22')).toBe('11月5日');
    expect(dayText('2025-11-05', 'zh', '2026-11-22')).toBe('2025年11月5日');
    expect(dayText('2025-11-05', 'en', '2026-11-22')).toBe('5 Nov 2025');
  });
});

test('points and yuan', () => {
  expect(pointsText(1234567)).toBe('1,234,567');
  expect(signedText(12)).toBe('+12');
  expect(signedText(-1200)).toBe('−1,200');
  expect(yuanText(1050)).toBe('10.5');
  expect(yuanText(1000)).toBe('10');
});

test('server-sent events come whole, however they are cut', () => {
  const whole = ': beat\n\nevent: balance\ndata: {"available":1}\n\ndata: a\ndata: b\r\n\r\n';
  const read = reader();
  const found = [...whole].flatMap((letter) => read(letter));
  expect(found).toEqual([
    { event: 'balance', data: '{"available":1}' },
    { event: 'message', data: 'a\nb' },
  ]);
  expect(reader()(whole)).toEqual(found);
});

test('a query leaves out what is not given, and escapes what is', () => {
  expect(pathOf('/v1/x', { tab: 'all', month: null, cursor: 'a b&c' })).toBe('/v1/x?tab=all&cursor=a%20b%26c');
  expect(pathOf('/v1/x')).toBe('/v1/x');
});

test('problems know what kind of trouble they are', () => {
  expect(Problem.from(401, {}).trouble).toBe('expired');
  expect(Problem.from(503, '<html>').trouble).toBe('down');
  expect(Problem.from(409, { code: 'conflict', detail: 'why' })).toMatchObject({ trouble: 'refused', code: 'conflict', detail: 'why' });
});

test.each(['20261122-0300', 'a/b?c#d&e=f', '50%25 off', '订单~1', '👵🏽'])('%s goes through an address however often it is decoded', (text) => {
  const param = asParam(text);
  expect(decodeURIComponent(decodeURIComponent(param))).toBe(param);
  expect(fromParam(param)).toBe(text);
  expect(fromParam('~zz')).toBe('');
});

test('a price has both digits of its fen, or none', () => {
  expect([3680, 2000, 5, 0].map(priceText)).toEqual(['36.80', '20', '0.05', '0']);
});
