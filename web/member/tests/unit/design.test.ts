import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { expect, test } from 'vitest';

import { palette, themeVars, TOUCH_PX, typePx, type Tone } from '@/design/tokens';
import en from '@/i18n/en.json';
import zh from '@/i18n/zh.json';

const SRC = resolve(__dirname, '../../src');

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((one) => (one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function contrast(one: string, other: string): number {
  const [high = 0, low = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

const GROUNDS: Tone[] = ['paper', 'backdrop', 'card', 'sunken', 'raised'];
const PAIRS: [Tone, Tone][] = [
  ...GROUNDS.flatMap((ground) => (['ink', 'ink-2', 'ink-3', 'persimmon', 'leaf'] as Tone[]).map((ink): [Tone, Tone] => [ink, ground])),
  ['persimmon', 'persimmon-soft'],
  ['ink', 'persimmon-soft'],
  ['ink-2', 'persimmon-soft'],
  ['leaf', 'leaf-soft'],
  ['ink-2', 'leaf-soft'],
  ['honey', 'honey-soft'],
  ['on-action', 'action'],
  ['on-action', 'leaf-solid'],
];
test.each([false, true])('text is legible (AA), dark: %s', (dark) => {
  const colors = palette(dark);
  const faint = PAIRS.map(([ink, ground]) => ({ ink, ground, ratio: contrast(colors[ink], colors[ground]) })).filter(({ ratio }) => ratio < 4.5);
  expect(faint).toEqual([]);
});

test('large type is a quarter more, and nothing is smaller than 14 px', () => {
  expect(typePx('m', true) / typePx('m', false)).toBe(1.25);
  expect(typePx('xs', false)).toBeGreaterThanOrEqual(14);
  expect(TOUCH_PX).toBeGreaterThanOrEqual(44);
  expect(themeVars(false, false)).toContain('--t-m:17px');
});

function keys(node: object, path = ''): string[] {
  return Object.entries(node).flatMap(([key, value]) => (typeof value === 'string' ? [`${path}${key}`] : keys(value as object, `${path}${key}.`)));
}
function holes(node: object): Record<string, string> {
  return Object.fromEntries(
    keys(node).map((key) => {
      const text = key.split('.').reduce<unknown>((at, part) => (at as Record<string, unknown>)[part], node) as string;
      return [key, [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort().join()];
    }),
  );
}
test('every text is there in both languages, with the same figures in it', () => {
  expect(holes(en)).toEqual(holes(zh));
});

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? sources(join(folder, entry.name)) : /\.(vue|ts)$/.test(entry.name) ? [join(folder, entry.name)] : [],
  );
}
test('no text for people in code, and every key that is used exists', () => {
  const known = new Set(keys(zh));
  for (const file of sources(SRC)) {
    const code = readFileSync(file, 'utf8');
    const bare = code.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|<!--[\s\S]*?-->/g, '');
    if (!file.endsWith('dates.ts')) expect(bare.match(/[\u4e00-\u9fff]+/g), file).toBeNull();
    for (const [, key = ''] of bare.matchAll(/\bt\('([\w.]+)'/g)) expect(known.has(key), `${file}: ${key}`).toBe(true);
  }
});

test('nothing in the sources names another host', () => {
  for (const file of sources(SRC)) {
    const hosts = [...readFileSync(file, 'utf8').matchAll(/https?:\/\/[\w.-]+/g)].map(([host]) => host).filter((host) => host !== 'http://www.w3.org');
    expect(hosts, file).toEqual([]);
  }
});
