/** A QR code as one of our pictures: dark on light whatever the look, for a scanner reads it. */
import { encode } from 'uqr';

import { svgUrl } from './icons';

/** Modules of quiet around it: what the standard asks for. */
const QUIET = 4;

export function qrSvg(text: string): string {
  const { data, size } = encode(text, { ecc: 'M', border: 0 });
  let d = '';
  data.forEach((row, y) => {
    for (let x = 0; x < size; x += 1) {
      if (!row[x]) continue;
      let end = x + 1;
      while (end < size && row[end]) end += 1;
      d += `M${x + QUIET} ${y + QUIET}H${end + QUIET}V${y + QUIET + 1}H${x + QUIET}Z`;
      x = end;
    }
  });
  const whole = size + 2 * QUIET;
  return `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 ${whole} ${whole}' shape-rendering='crispEdges'><path d='M0 0H${whole}V${whole}H0Z' fill='#FFFFFF'/><path d='${d}' fill='#2A241E'/></svg>`;
}
export function qrUrl(text: string): string {
  return svgUrl(qrSvg(text));
}
