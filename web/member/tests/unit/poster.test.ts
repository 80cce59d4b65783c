/** The poster: its code is read by another's decoder, and our pictures are drawn with commands that we know. */
import decodeQR from 'qr/decode.js';
import { expect, test } from 'vitest';

import { artSvg, faceSvg, MARK_SVG } from '@/design/pictures';
import { commandsOf, sketch, type Pen } from '@/design/sketch';
import { balance, drawPoster, drawQr, POSTER_HEIGHT, POSTER_WIDTH, wrap, type Poster } from '@/pages/invite/poster';

/** A canvas that keeps its rectangles as pixels, and counts all else. */
class Paper {
  readonly data: Uint8ClampedArray;
  readonly said: string[] = [];
  fillStyle: string | object = '#000000';
  drawn = 0;
  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    this.data = new Uint8ClampedArray(width * height * 4).fill(255);
  }
  fillRect(x: number, y: number, width: number, height: number): void {
    const dark = this.fillStyle === '#2A241E' ? 40 : 255;
    for (let row = y; row < Math.min(y + height, this.height); row += 1) {
      for (let column = x; column < Math.min(x + width, this.width); column += 1) this.data.set([dark, dark, dark, 255], (row * this.width + column) * 4);
    }
  }
  fillText(text: string): void {
    this.said.push(text);
  }
  measureText(text: string): { width: number } {
    return { width: [...text].reduce((sum, letter) => sum + (letter > '\u2e80' ? 30 : 15), 0) };
  }
  createLinearGradient() {
    return { addColorStop: () => undefined };
  }
  get pen(): Pen {
    const paper = this as unknown as Record<string, unknown>;
    return new Proxy(this, {
      get: (_, name: string) => (name in paper ? (typeof paper[name] === 'function' ? (paper[name] as () => unknown).bind(this) : paper[name]) : (...at: unknown[]) => this.count(at)),
      set: (_, name: string, value: unknown) => ((paper[name] = value), true),
    }) as unknown as Pen;
  }
  private count(at: unknown[]): void {
    this.drawn += 1;
    for (const one of at) if (typeof one === 'number' && !Number.isFinite(one)) throw new Error(`drawn at ${one}`);
  }
}

const LINK = 'https://shop.example/join?invite=7KXM4WQB';
const POSTER: Poster = {
  name: '陈阿姨', avatar: 'face-1', memberId: 'u1', programme: '邻里分', headline: '一起买菜，一起得积分', says: '陈阿姨 邀请您', rule: '邀请的好友完成首单后，邀请人得200积分，好友得200积分。',
  scan: '扫一扫，加入我们', codeLabel: '邀请码', code: '7KXM4WQB', motto: '街坊四邻，分享好处', link: LINK,
};

test.each([LINK, 'https://x.example/m/#/pages/enter/enter?invite=22222222', `https://shop.example/${'a'.repeat(120)}?邻居=7KXM4WQB`])('the QR code of %s is read', (link) => {
  const paper = new Paper(236, 236);
  drawQr(paper.pen, link, 0, 0, 236);
  expect(decodeQR({ width: 236, height: 236, data: paper.data })).toBe(link);
});

test('the poster says who invites, what it brings and the code; its QR code leads there', () => {
  const paper = new Paper(POSTER_WIDTH, POSTER_HEIGHT);
  drawPoster(paper.pen, POSTER);
  const said = paper.said.join('');
  for (const text of [POSTER.says, POSTER.headline, POSTER.rule, POSTER.scan, '7KXM 4WQB', POSTER.motto]) expect(said).toContain(text);
  expect(paper.drawn).toBeGreaterThan(500);
  expect(decodeQR({ width: POSTER_WIDTH, height: POSTER_HEIGHT, data: paper.data })).toBe(LINK);
});

test('every picture of ours can be drawn', () => {
  for (const svg of [MARK_SVG, artSvg('invite'), artSvg('shop'), artSvg('basket'), artSvg('door'), artSvg('letters'), artSvg('shutter'), ...Array.from({ length: 12 }, (_, at) => faceSvg(`face-${at + 1}`, ''))]) {
    const paper = new Paper(1, 1);
    sketch(paper.pen, svg, 0, 0, 100);
    expect(paper.drawn).toBeGreaterThan(10);
  }
});

test('paths are read command by command, and what we do not know is refused', () => {
  expect(commandsOf('M1 2L3 4 5-6Z')).toEqual([{ letter: 'M', at: [1, 2] }, { letter: 'L', at: [3, 4] }, { letter: 'L', at: [5, -6] }, { letter: 'Z', at: [] }]);
  expect(() => commandsOf('m1 2')).toThrow('no command m');
});

test('text breaks where the language does', () => {
  const { pen } = new Paper(1, 1);
  expect(wrap(pen, '邀请邻居，一起得积分', 120)).toEqual(['邀请邻居，', '一起得积', '分']);
  expect(wrap(pen, 'Invite a neighbour now', 200)).toEqual(['Invite a', 'neighbour now']);
  expect(balance(pen, 'Shop together, earn together', 360)).toEqual(['Shop together,', 'earn together']);
});
