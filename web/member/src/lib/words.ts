/** Small sentences that several pages say. */
import type { BusinessDate } from '@/api/types';
import { t } from '@/i18n';

import { dayText, daysBetween } from './dates';
import { language } from './settings';

/** 今天 / 明天 / 昨天 by the server's business date, else the date. */
export function nearDay(on: BusinessDate, today: BusinessDate): string {
  const days = today ? daysBetween(today, on) : Number.NaN;
  if (days === 0) return t('common.today');
  if (days === 1) return t('common.tomorrow');
  if (days === -1) return t('common.yesterday');
  return dayText(on, language.value, today);
}
