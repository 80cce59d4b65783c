/** What a member chose: language, size of type, light or dark. Kept on the device, applied at once. */
import { computed, reactive, watch } from 'vue';

import { themeVars } from '@/design/tokens';

export type Language = 'zh' | 'en';
export type Look = 'system' | 'light' | 'dark';
interface Settings {
  language: Language | null;
  large: boolean;
  look: Look;
}

const KEY = 'linli.settings';

function kept(): Settings {
  const found = (uni.getStorageSync(KEY) || {}) as Partial<Settings>;
  return {
    language: found.language === 'zh' || found.language === 'en' ? found.language : null,
    large: found.large === true,
    look: found.look === 'light' || found.look === 'dark' ? found.look : 'system',
  };
}

/** Chinese, where the device does not speak English. */
function deviceLanguage(): Language {
  return (uni.getLocale?.() ?? '').toLowerCase().startsWith('en') ? 'en' : 'zh';
}

export const settings = reactive<Settings>(kept());
export const system = reactive({ dark: false });

export const language = computed<Language>(() => settings.language ?? deviceLanguage());
export const dark = computed(() => (settings.look === 'system' ? system.dark : settings.look === 'dark'));
/** The tokens as CSS custom properties, for the `style` of a page's root. */
export const vars = computed(() => themeVars(dark.value, settings.large));

watch(settings, (now) => uni.setStorageSync(KEY, { ...now }), { deep: true });

/** Follow the device's own light or dark. Call once, when the app launches. */
export function followSystem(): void {
  // #ifdef H5
  const asks = window.matchMedia('(prefers-color-scheme: dark)');
  system.dark = asks.matches;
  asks.addEventListener('change', (event) => (system.dark = event.matches));
  watch([vars, language], paintDocument, { immediate: true });
  // #endif
  // #ifdef MP-WEIXIN
  system.dark = uni.getSystemInfoSync().theme === 'dark';
  uni.onThemeChange?.(({ theme }) => (system.dark = theme === 'dark'));
  // #endif
}

// #ifdef H5
/** The page behind the app, and what uni puts outside of a page's root, have the same tokens. */
function paintDocument(): void {
  const root = document.documentElement;
  root.style.cssText = vars.value;
  root.style.colorScheme = dark.value ? 'dark' : 'light';
  root.lang = language.value === 'zh' ? 'zh-CN' : 'en';
}
// #endif
