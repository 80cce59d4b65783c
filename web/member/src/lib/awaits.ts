/** What points on their way wait for, in words and as a picture. */
import type { Awaits, BusinessDate } from '@/api/types';
import type { IconName } from '@/design/icons';
import { t } from '@/i18n';

import { nearDay } from './words';

export const AWAITS: readonly Awaits[] = ['settlement', 'return_window', 'formed', 'collected'];
const ICONS: Record<Awaits, IconName> = { settlement: 'sprout', return_window: 'undo', formed: 'people', collected: 'basket' };

export function awaitsIcon(awaits: Awaits): IconName {
  return ICONS[awaits] ?? 'sprout';
}
/** 明天到账 / 成团后到账: by its date, where it has one by now. */
export function arrives(awaits: Awaits, settleOn: BusinessDate | null, today: BusinessDate): string {
  return settleOn ? t('statement.settles', { day: nearDay(settleOn, today) }) : t(`awaits.${awaits}.then`);
}
