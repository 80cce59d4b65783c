/** Prizes around a square, as on a market's wheel: nine fields for up to eight prizes, the middle one draws. */

/** A field of the square, `row` and `column` from 1, and which prize lies on it. */
export interface Field {
  row: number;
  column: number;
  prize: number;
}

/** Fields of a side: three for up to eight prizes, then four (twelve), and so on. */
export function sideOf(prizes: number): number {
  return Math.max(3, Math.ceil(prizes / 4) + 1);
}

/** The fields clockwise from the upper left corner. Every prize has one; what is left over is filled with the likeliest. */
export function ringOf(odds: number[]): Field[] {
  if (!odds.length) return [];
  const side = sideOf(odds.length);
  const places: { row: number; column: number }[] = [];
  for (let at = 1; at < side; at += 1) places.push({ row: 1, column: at });
  for (let at = 1; at < side; at += 1) places.push({ row: at, column: side });
  for (let at = side; at > 1; at -= 1) places.push({ row: side, column: at });
  for (let at = side; at > 1; at -= 1) places.push({ row: at, column: 1 });

  const prizes: (number | null)[] = places.map(() => null);
  odds.forEach((_, prize) => (prizes[Math.floor((prize * places.length) / odds.length)] = prize));
  const likeliest = odds.map((_, prize) => prize).sort((a, b) => (odds[b] ?? 0) - (odds[a] ?? 0) || a - b);
  let filled = 0;
  return places.map((place, at) => ({ ...place, prize: prizes[at] ?? likeliest[filled++ % likeliest.length] ?? 0 }));
}

/** How long the light stays on each field until it stops: evenly, then slower and slower. `steps` ≥ 1, in ms. */
export function pace(steps: number): number[] {
  const SLOW = 9;
  return Array.from({ length: steps }, (_, at) => 70 + Math.max(0, at - (steps - SLOW)) ** 2 * 6);
}
