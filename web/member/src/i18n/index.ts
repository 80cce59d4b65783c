/** Texts of the app: Chinese first, English beside. Texts of the server come in both languages; `say` picks one. */
import { watch } from 'vue';
import { createI18n } from 'vue-i18n';

import type { Name } from '@/api/types';
import { language, type Language } from '@/lib/settings';

import en from './en.json';
import zh from './zh.json';

type Text = (context: { named: (name: string) => unknown }) => string;
interface Texts {
  [key: string]: Text | Texts;
}

/** Texts as functions: uni-app puts vue-i18n without its message compiler into a mini-program, where `{n}` would stay. */
function ready(node: object): Texts {
  const found: Texts = {};
  for (const [key, value] of Object.entries(node) as [string, string | object][]) {
    found[key] =
      typeof value === 'string'
        ? ({ named }) => value.replace(/\{(\w+)\}/g, (_, name: string) => String(named(name) ?? ''))
        : ready(value);
  }
  return found;
}

export const i18n = createI18n({
  legacy: false,
  locale: language.value,
  fallbackLocale: 'zh',
  messages: { zh: ready(zh), en: ready(en) } as never,
});

const composer = i18n.global as unknown as { locale: { value: Language }; t: unknown };
watch(language, (now) => (composer.locale.value = now), { flush: 'sync' });

export function say(name: Name): string {
  return name[language.value] || name.zh;
}

/** Texts by key, following the language. One composer for the whole app: `useI18n` would only add a layer. */
export const t = composer.t as (key: string, named?: Record<string, unknown>) => string;
