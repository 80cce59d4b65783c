/** How points are written: grouped by thousands, a real minus sign. */
export function pointsText(points: number): string {
  const digits = String(Math.abs(Math.trunc(points))).replace(/\B(?=(\d{3})+$)/g, ',');
  return points < 0 ? `−${digits}` : digits;
}
export function signedText(points: number): string {
  return points > 0 ? `+${pointsText(points)}` : pointsText(points);
}
/** Fen as yuan, without needless noughts: 1050 → 10.5. */
export function yuanText(fen: number): string {
  return (fen / 100).toFixed(2).replace(/\.?0+$/, '');
}
/** Fen as a price: 3680 → 36.80, 2000 → 20. */
export function priceText(fen: number): string {
  return fen % 100 ? (fen / 100).toFixed(2) : String(fen / 100);
}
