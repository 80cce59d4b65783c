/** What something costs, in words: points, cash or both. */
import { t } from '@/i18n';

import { pointsText, priceText } from './points';

export interface Cost {
  points: number;
  fen: number;
  wallet?: string;
}

export function costText({ points, fen, wallet = 'points' }: Cost): string {
  const cash = fen ? t('cost.cash', { yuan: priceText(fen) }) : '';
  if (!points) return cash || t('cost.none');
  const said = t(wallet === 'points' ? 'cost.points' : 'cost.team', { n: pointsText(points) });
  return cash ? t('cost.both', { points: said, yuan: priceText(fen) }) : said;
}
