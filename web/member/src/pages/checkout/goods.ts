/** What one can put into the basket to try: goods as the shop tags them, so that every rate can be seen at work. */
export interface Good {
  key: string;
  kind: string;
  price_fen: number;
  category: string;
  tags: string[];
}

export const GOODS: Good[] = [
  { key: 'tomato', kind: 'goods', price_fen: 680, category: 'fresh', tags: ['fresh'] },
  { key: 'eggs', kind: 'goods', price_fen: 2980, category: 'fresh', tags: ['fresh', 'promotion'] },
  { key: 'milk', kind: 'goods', price_fen: 1580, category: 'dairy', tags: [] },
  { key: 'oil', kind: 'goods', price_fen: 8990, category: 'grain_oil', tags: ['promotion'] },
  { key: 'rice', kind: 'goods', price_fen: 5990, category: 'grain_oil', tags: [] },
  { key: 'mug', kind: 'goods', price_fen: 10000, category: 'household', tags: ['high_margin'] },
];
