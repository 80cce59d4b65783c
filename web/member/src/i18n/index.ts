/** Texts of the app: Chinese first, English beside. Texts of the server come in both languages; `say` picks one. */
import { watch } from 'vue';
import { createI18n } from 'vue-i18n';

import type { Name } from '@/api/types';
import { language } from '@/lib/settings';

import en from './en.json';
import zh from './zh.json';

export const i18n = createI18n({
  legacy: false,
  locale: language.value,
  fallbackLocale: 'zh',
  messages: { zh, en },
});

watch(language, (now) => (i18n.global.locale.value = now), { flush: 'sync' });

export function say(name: Name): string {
  return name[language.value] || name.zh;
}

/** Texts by key, following the language. One composer for the whole app: `useI18n` would only add a layer. */
export const t = i18n.global.t as (key: string, named?: Record<string, unknown>) => string;
