/** Business dates are `YYYY-MM-DD` from the server; nothing here asks the device what day it is. */
import type { BusinessDate } from '@/api/types';
import type { Language } from './settings';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAY_MS = 86_400_000;

function utc(on: BusinessDate): number {
  return Date.parse(`${on}T00:00:00Z`);
}
function back(ms: number): BusinessDate {
  return new Date(ms).toISOString().slice(0, 10);
}

export function addDays(on: BusinessDate, days: number): BusinessDate {
  return back(utc(on) + days * DAY_MS);
}
export function daysBetween(from: BusinessDate, to: BusinessDate): number {
  return Math.round((utc(to) - utc(from)) / DAY_MS);
}
export function monthOf(on: BusinessDate): string {
  return on.slice(0, 7);
}
export function addMonths(month: string, months: number): string {
  const [year = 0, number = 1] = month.split('-').map(Number);
  const all = year * 12 + (number - 1) + months;
  return `${Math.floor(all / 12)}-${String((all % 12) + 1).padStart(2, '0')}`;
}
/** 11月22日 / 22 Nov, with the year where it is not `today`'s. */
export function dayText(on: BusinessDate, language: Language, today: BusinessDate = ''): string {
  const [year = '', month = '', day = ''] = on.split('-');
  const far = today !== '' && today.slice(0, 4) !== year;
  if (language === 'zh') return `${far ? `${year}年` : ''}${Number(month)}月${Number(day)}日`;
  return `${Number(day)} ${MONTHS[Number(month) - 1] ?? ''}${far ? ` ${year}` : ''}`;
}
export function monthText(month: string, language: Language): string {
  const [year = '', number = ''] = month.split('-');
  return language === 'zh' ? `${year}年${Number(number)}月` : `${MONTHS[Number(number) - 1] ?? ''} ${year}`;
}
/** The short name of the nth month, 1–12. */
export function monthName(number: number, language: Language): string {
  return language === 'zh' ? `${number}月` : (MONTHS[number - 1] ?? '');
}
/** `HH:MM` of an instant on the device's clock face. */
export function timeText(at: string): string {
  const moment = new Date(at);
  return Number.isNaN(moment.getTime())
    ? ''
    : `${String(moment.getHours()).padStart(2, '0')}:${String(moment.getMinutes()).padStart(2, '0')}`;
}
/** Weeks (Monday first) of a month; null where a cell belongs to another month. */
export function monthGrid(month: string): (BusinessDate | null)[][] {
  const first = `${month}-01`;
  const lead = (new Date(utc(first)).getUTCDay() + 6) % 7;
  const length = daysBetween(first, `${addMonths(month, 1)}-01`);
  const cells: (BusinessDate | null)[] = Array.from({ length: lead }, () => null);
  for (let day = 0; day < length; day += 1) cells.push(addDays(first, day));
  while (cells.length % 7) cells.push(null);
  return Array.from({ length: cells.length / 7 }, (_, week) => cells.slice(week * 7, week * 7 + 7));
}
/** The date that an instant falls on where the device is. */
export function instantDay(at: string): BusinessDate {
  const moment = new Date(at);
  if (Number.isNaN(moment.getTime())) return '';
  return back(moment.getTime() - moment.getTimezoneOffset() * 60_000);
}
