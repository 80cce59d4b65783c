/** The poster of an invitation: who invites, what it brings, and the way in as a QR code. Drawn, on either platform. */
import { encode } from 'uqr';

import { artSvg, faceSvg, MARK_SVG } from '@/design/pictures';
import { ellipse, roundRect, sketch, type Pen } from '@/design/sketch';
import { palette } from '@/design/tokens';

export const POSTER_WIDTH = 750;
export const POSTER_HEIGHT = 1334;
const MARGIN = 56;
const WIDTH = POSTER_WIDTH - 2 * MARGIN;
const CARD_HEIGHT = 300;
const LEADING = 1.42;
const FONT = "ui-rounded, -apple-system, 'PingFang SC', 'HarmonyOS Sans SC', 'Noto Sans SC', 'Noto Sans CJK SC', 'Microsoft YaHei', sans-serif";
/** Modules of quiet around a QR code: what the standard asks for. */
const QUIET = 4;

/** What stands on a poster, in the member's language. */
export interface Poster {
  name: string;
  avatar: string | null;
  memberId: string;
  programme: string;
  headline: string;
  says: string;
  rule: string;
  scan: string;
  codeLabel: string;
  code: string;
  motto: string;
  link: string;
}

/** Text in lines that are not wider than `width`: Chinese breaks anywhere, words stay whole. */
export function wrap(pen: Pen, text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const piece of text.match(/[\w'’.,:;!?¥%()+-]+\s*|\s+|./gu) ?? []) {
    // A stop or a comma never begins a line.
    const hangs = /^[，。；：、！？）”]/u.test(piece);
    if (line && !hangs && pen.measureText(line + piece.trimEnd()).width > width) {
      lines.push(line.trimEnd());
      line = piece.trimStart();
    } else line += piece;
  }
  if (line.trim()) lines.push(line.trimEnd());
  return lines;
}

/** The same in as many lines, but as even as they can be: no last word stands alone. */
export function balance(pen: Pen, text: string, width: number): string[] {
  const lines = wrap(pen, text, width);
  let [narrow, wide] = [width / 2, width];
  while (wide - narrow > 4) {
    const middle = (narrow + wide) / 2;
    if (wrap(pen, text, middle).length > lines.length) narrow = middle;
    else wide = middle;
  }
  return wrap(pen, text, wide);
}

/** The QR code of `link`, `size` wide with its quiet, black on white: whatever the colours around, it is read. */
export function drawQr(pen: Pen, link: string, x: number, y: number, size: number): void {
  const { size: modules, data } = encode(link, { ecc: 'M', border: QUIET });
  const one = Math.floor(size / modules);
  const inset = Math.floor((size - one * modules) / 2);
  pen.fillStyle = '#FFFFFF';
  pen.fillRect(x, y, size, size);
  pen.fillStyle = '#2A241E';
  for (let row = 0; row < modules; row += 1) {
    for (let column = 0; column < modules; column += 1) {
      if (data[row]?.[column]) pen.fillRect(x + inset + column * one, y + inset + row * one, one, one);
    }
  }
}

function write(pen: Pen, text: string, x: number, y: number, px: number, color: string, weight = 400, align: CanvasTextAlign = 'center'): void {
  pen.font = `${weight} ${px}px ${FONT}`;
  pen.fillStyle = color;
  pen.textAlign = align;
  pen.textBaseline = 'alphabetic';
  pen.fillText(text, x, y);
}

/** A text in the middle, in as many lines as it needs. Returns where the next one may begin. */
function writeLines(pen: Pen, text: string, y: number, px: number, color: string, weight: number, width: number): number {
  pen.font = `${weight} ${px}px ${FONT}`;
  const lines = balance(pen, text, width);
  lines.forEach((line, at) => write(pen, line, POSTER_WIDTH / 2, y + at * px * LEADING, px, color, weight));
  return y + lines.length * px * LEADING;
}

function drawAwning(pen: Pen): void {
  const { 'awning-a': one, 'awning-b': other } = palette(false);
  const stripes = 10;
  const width = POSTER_WIDTH / stripes;
  for (let at = 0; at < stripes; at += 1) {
    pen.fillStyle = at % 2 ? other : one;
    pen.beginPath();
    pen.moveTo(at * width, 0);
    pen.lineTo((at + 1) * width, 0);
    pen.lineTo((at + 1) * width, 74);
    pen.arc((at + 0.5) * width, 74, width / 2, 0, Math.PI);
    pen.closePath();
    pen.fill();
  }
}

function drawFace(pen: Pen, poster: Poster, cx: number, cy: number, radius: number): void {
  pen.save();
  pen.beginPath();
  ellipse(pen, cx, cy, radius + 8, radius + 8);
  pen.fillStyle = '#FFFFFF';
  pen.shadowColor = 'rgba(88, 60, 30, 0.18)';
  pen.shadowBlur = 24;
  pen.shadowOffsetY = 8;
  pen.fill();
  pen.restore();
  pen.save();
  pen.beginPath();
  ellipse(pen, cx, cy, radius, radius);
  pen.clip();
  sketch(pen, faceSvg(poster.avatar, poster.memberId), cx - radius, cy - radius, radius * 2);
  pen.restore();
}

function drawCard(pen: Pen, x: number, y: number, width: number, height: number): void {
  pen.save();
  pen.beginPath();
  roundRect(pen, x, y, width, height, 36);
  pen.fillStyle = '#FFFFFF';
  pen.shadowColor = 'rgba(88, 60, 30, 0.14)';
  pen.shadowBlur = 36;
  pen.shadowOffsetY = 12;
  pen.fill();
  pen.restore();
}

/** The whole poster, on a canvas of POSTER_WIDTH × POSTER_HEIGHT. Always by day: it is printed and sent on. */
export function drawPoster(pen: Pen, poster: Poster): void {
  const colors = palette(false);
  const ground = pen.createLinearGradient(0, 0, 0, POSTER_HEIGHT);
  ground.addColorStop(0, colors['persimmon-soft']);
  ground.addColorStop(0.62, colors.paper);
  ground.addColorStop(1, colors['leaf-soft']);
  pen.fillStyle = ground;
  pen.fillRect(0, 0, POSTER_WIDTH, POSTER_HEIGHT);
  drawAwning(pen);

  drawFace(pen, poster, POSTER_WIDTH / 2, 232, 84);
  const said = writeLines(pen, poster.says, 384, 34, colors['ink-2'], 600, WIDTH);
  const above = writeLines(pen, poster.headline, said + 26, 60, colors.ink, 700, WIDTH);

  // From below: the card, what it brings over it, and the picture in the room that is left.
  const top = POSTER_HEIGHT - CARD_HEIGHT - 96;
  pen.font = `600 30px ${FONT}`;
  const lines = wrap(pen, poster.rule, WIDTH - 20).length;
  const rule = top - 28 - (lines - 1) * 30 * LEADING;
  writeLines(pen, poster.rule, rule, 30, colors.leaf, 600, WIDTH - 20);
  const room = rule - 30 - (above - 60);
  const size = Math.min(460, (room * 4) / 3);
  sketch(pen, artSvg('invite'), (POSTER_WIDTH - size) / 2, above - 60 + (room - size * 0.75) / 2 - size * 0.04, size);

  drawCard(pen, MARGIN, top, WIDTH, CARD_HEIGHT);
  drawQr(pen, poster.link, MARGIN + 14, top + 14, CARD_HEIGHT - 28);
  const left = MARGIN + CARD_HEIGHT + 6;
  pen.font = `600 32px ${FONT}`;
  wrap(pen, poster.scan, POSTER_WIDTH - MARGIN - left - 24).slice(0, 2).forEach((line, at) => write(pen, line, left, top + 92 + at * 44, 32, colors.ink, 600, 'left'));
  write(pen, poster.codeLabel, left, top + 190, 26, colors['ink-3'], 400, 'left');
  write(pen, poster.code.replace(/^(.{4})/, '$1 '), left, top + 244, 46, colors.persimmon, 700, 'left');

  sketch(pen, MARK_SVG, MARGIN, POSTER_HEIGHT - 68, 40);
  write(pen, poster.programme, MARGIN + 54, POSTER_HEIGHT - 38, 28, colors['ink-2'], 600, 'left');
  const used = MARGIN + 54 + pen.measureText(poster.programme).width + 24;
  pen.font = `400 26px ${FONT}`;
  if (used + pen.measureText(poster.motto).width < POSTER_WIDTH - MARGIN) write(pen, poster.motto, POSTER_WIDTH - MARGIN, POSTER_HEIGHT - 38, 26, colors['ink-3'], 400, 'right');
}
