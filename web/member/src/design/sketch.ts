/**
 * Our own SVG pictures on a canvas: the few elements and absolute commands that `pictures.ts` and the faces are drawn
 * with. A mini-program's canvas takes no SVG, and drawn so they are sharp at every size and there at once.
 */

/** What a canvas must be able to do: the same on a page and in a mini-program. */
export type Pen = Pick<
  CanvasRenderingContext2D,
  | 'save' | 'restore' | 'translate' | 'scale' | 'beginPath' | 'closePath' | 'moveTo' | 'lineTo' | 'bezierCurveTo' | 'quadraticCurveTo'
  | 'arc' | 'rect' | 'fill' | 'stroke' | 'clip' | 'fillRect' | 'fillText' | 'measureText' | 'createLinearGradient'
  | 'fillStyle' | 'strokeStyle' | 'lineWidth' | 'lineCap' | 'lineJoin' | 'globalAlpha' | 'font' | 'textAlign' | 'textBaseline'
  | 'shadowColor' | 'shadowBlur' | 'shadowOffsetY'
>;
type Attributes = Record<string, string>;

const OPERANDS: Record<string, number> = { M: 2, L: 2, H: 1, V: 1, C: 6, S: 4, Q: 4, A: 7, Z: 0 };
/** A circle's quarter as a cubic curve. */
const KAPPA = 0.5522847498;

function attributesOf(text: string): Attributes {
  return Object.fromEntries([...text.matchAll(/([\w-]+)=['"]([^'"]*)['"]/g)].map(([, name = '', value = '']) => [name, value]));
}

/** Commands of a path with their numbers; a command that is repeated without its letter is one of its own. */
export function commandsOf(d: string): { letter: string; at: number[] }[] {
  const found: { letter: string; at: number[] }[] = [];
  for (const [, letter = '', rest = ''] of d.matchAll(/([A-Za-z])([^A-Za-z]*)/g)) {
    const size = OPERANDS[letter];
    if (size === undefined) throw new Error(`A path of ours has no command ${letter}`);
    const numbers = (rest.match(/-?(?:\d+\.?\d*|\.\d+)/g) ?? []).map(Number);
    if (size === 0) found.push({ letter, at: [] });
    for (let from = 0; size && from < numbers.length; from += size) found.push({ letter, at: numbers.slice(from, from + size) });
  }
  return found;
}

/** A circle's arc from one point to another, as SVG says it; ours are round, never turned. */
function arcTo(pen: Pen, x1: number, y1: number, at: number[]): void {
  const [r = 0, , , large = 0, sweep = 0, x2 = 0, y2 = 0] = at;
  const half = Math.hypot(x2 - x1, y2 - y1) / 2;
  if (!half) return;
  const radius = Math.max(r, half);
  const height = Math.sqrt(Math.max(radius * radius - half * half, 0)) * (large === sweep ? -1 : 1);
  const cx = (x1 + x2) / 2 - (height * (y2 - y1)) / (2 * half);
  const cy = (y1 + y2) / 2 + (height * (x2 - x1)) / (2 * half);
  pen.arc(cx, cy, radius, Math.atan2(y1 - cy, x1 - cx), Math.atan2(y2 - cy, x2 - cx), !sweep);
}

function trace(pen: Pen, d: string): void {
  let [x, y, startX, startY, controlX, controlY] = [0, 0, 0, 0, 0, 0];
  let before = '';
  for (const { letter, at } of commandsOf(d)) {
    const [a = 0, b = 0, c = 0, e = 0, f = 0, g = 0] = at;
    if (letter === 'M') pen.moveTo((startX = x = a), (startY = y = b));
    else if (letter === 'L') pen.lineTo((x = a), (y = b));
    else if (letter === 'H') pen.lineTo((x = a), y);
    else if (letter === 'V') pen.lineTo(x, (y = a));
    else if (letter === 'Q') pen.quadraticCurveTo((controlX = a), (controlY = b), (x = c), (y = e));
    else if (letter === 'C') pen.bezierCurveTo(a, b, (controlX = c), (controlY = e), (x = f), (y = g));
    else if (letter === 'S') {
      // The first control point mirrors the last one of the curve before.
      const smooth = before === 'C' || before === 'S';
      pen.bezierCurveTo(smooth ? 2 * x - controlX : x, smooth ? 2 * y - controlY : y, (controlX = a), (controlY = b), (x = c), (y = e));
    } else if (letter === 'A') {
      arcTo(pen, x, y, at);
      [x, y] = [f, at[6] ?? 0];
    } else {
      pen.closePath();
      [x, y] = [startX, startY];
    }
    before = letter;
  }
}

export function ellipse(pen: Pen, cx: number, cy: number, rx: number, ry: number): void {
  const [kx, ky] = [rx * KAPPA, ry * KAPPA];
  pen.moveTo(cx + rx, cy);
  pen.bezierCurveTo(cx + rx, cy + ky, cx + kx, cy + ry, cx, cy + ry);
  pen.bezierCurveTo(cx - kx, cy + ry, cx - rx, cy + ky, cx - rx, cy);
  pen.bezierCurveTo(cx - rx, cy - ky, cx - kx, cy - ry, cx, cy - ry);
  pen.bezierCurveTo(cx + kx, cy - ry, cx + rx, cy - ky, cx + rx, cy);
  pen.closePath();
}

export function roundRect(pen: Pen, x: number, y: number, width: number, height: number, radius: number): void {
  const r = Math.min(radius, width / 2, height / 2);
  pen.moveTo(x + r, y);
  pen.lineTo(x + width - r, y);
  pen.arc(x + width - r, y + r, r, -Math.PI / 2, 0);
  pen.lineTo(x + width, y + height - r);
  pen.arc(x + width - r, y + height - r, r, 0, Math.PI / 2);
  pen.lineTo(x + r, y + height);
  pen.arc(x + r, y + height - r, r, Math.PI / 2, Math.PI);
  pen.lineTo(x, y + r);
  pen.arc(x + r, y + r, r, Math.PI, Math.PI * 1.5);
  pen.closePath();
}

function outline(pen: Pen, kind: string, of: Attributes): void {
  const number = (name: string): number => Number(of[name] ?? 0);
  if (kind === 'path') trace(pen, of.d ?? '');
  else if (kind === 'circle') ellipse(pen, number('cx'), number('cy'), number('r'), number('r'));
  else if (kind === 'ellipse') ellipse(pen, number('cx'), number('cy'), number('rx'), number('ry'));
  else roundRect(pen, number('x'), number('y'), number('width'), number('height'), number('rx'));
}

/** Draw one of our pictures with its upper left corner at (x, y), `size` wide. */
export function sketch(pen: Pen, svg: string, x: number, y: number, size: number): void {
  const root = attributesOf(/<svg[^>]*>/.exec(svg)?.[0] ?? '');
  const width = Number((root.viewBox ?? '0 0 100 100').split(' ')[2]);
  pen.save();
  pen.translate(x, y);
  pen.scale(size / width, size / width);
  const shapes = svg.replace(/<clipPath[\s\S]*?<\/clipPath>/g, '').matchAll(/<(path|circle|ellipse|rect)\b([^>]*)>/g);
  for (const [, kind = '', text = ''] of shapes) {
    const of = { ...root, ...attributesOf(text) };
    pen.globalAlpha = Number(of.opacity ?? of['fill-opacity'] ?? 1);
    pen.beginPath();
    outline(pen, kind, of);
    if (of.fill !== 'none') {
      pen.fillStyle = of.fill ?? '#000';
      pen.fill();
    }
    if (of.stroke) {
      pen.strokeStyle = of.stroke;
      pen.lineWidth = Number(of['stroke-width'] ?? 1);
      pen.lineCap = (of['stroke-linecap'] as CanvasLineCap) ?? 'butt';
      pen.lineJoin = (of['stroke-linejoin'] as CanvasLineJoin) ?? 'miter';
      pen.stroke();
    }
  }
  pen.restore();
}
