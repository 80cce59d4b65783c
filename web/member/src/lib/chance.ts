/** Parts of a million as percent, exactly: 1 → 0.0001, 125000 → 12.5. */
export function chanceText(ppm: number): string {
  return (ppm / 10_000).toFixed(4).replace(/\.?0+$/, '');
}
