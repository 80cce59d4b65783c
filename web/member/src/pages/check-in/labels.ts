import { t } from '@/i18n';
import { dayText } from '@/lib/dates';
import { language } from '@/lib/settings';

/** A day of the calendar for whoever does not see it. */
export function dayLabel(on: string, checked: boolean): string {
  return `${dayText(on, language.value)} ${checked ? t('checkIn.was') : t('checkIn.wasNot')}`;
}
