/** What the mall's pages say alike of an item and of an order. */
import type { MallItem, MallOrder } from '@/api';
import { t } from '@/i18n';

import { dayText, instantDay } from './dates';
import { language } from './settings';
import { today } from './today';

/** From so few pieces on it is told how many are left. */
const FEW = 20;

export function isGone(item: MallItem): boolean {
  return item.left === 0;
}
/** What is special about an item, shortest first; empty for most. */
export function marksOf(item: MallItem): { key: string; text: string; tone: 'honey' | 'leaf' }[] {
  const found: { key: string; text: string; tone: 'honey' | 'leaf' }[] = [];
  if (item.sourcing === 'near_expiry') found.push({ key: 'near', text: t('mall.nearExpiry'), tone: 'honey' });
  if (item.sourcing === 'sponsored') found.push({ key: 'sponsored', text: t('mall.sponsored'), tone: 'leaf' });
  const left = item.left;
  if (left !== null && left > 0 && left <= FEW) found.push({ key: 'left', text: t('mall.left', { n: left }), tone: 'honey' });
  return found;
}
/** A date, or the date of an instant, as people say it. */
export function whenText(at: string): string {
  return dayText(at.includes('T') ? instantDay(at) : at, language.value, today.on);
}

/** A category as people call it: the shop's own word, where we have no other for it. */
export function categoryText(category: string): string {
  const key = `mall.category.${category}`;
  const said = t(key);
  return said === key ? category : said;
}
/** Where an order is, in words. A coupon is not collected anywhere: it is there at once. */
export function stateText(order: MallOrder, state: MallOrder['state'] = order.state): string {
  return t(`mallOrder.state.${order.item.kind === 'coupon' && state === 'collected' ? 'coupon' : state}`);
}
