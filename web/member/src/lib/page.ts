/** What every page does: its title in the member's language, the bar's colours, and nobody in without a token. */
import { onLoad, onShow } from '@dcloudio/uni-app';
import { computed, watch } from 'vue';

import { palette } from '@/design/tokens';
import { t } from '@/i18n';

import { currentRoute, PAGES } from './nav';
import { session } from './session';
import { dark } from './settings';

/** `here` is the page's path with what was chosen on it, to come back to after signing in again. */
export function usePage(path: string, titleKey: string, here: () => string = () => path) {
  const title = computed(() => t(titleKey));

  function dress(): void {
    uni.setNavigationBarTitle({ title: title.value, fail: () => undefined });
    // #ifdef MP-WEIXIN
    const colors = palette(dark.value);
    uni.setNavigationBarColor({ frontColor: dark.value ? '#ffffff' : '#000000', backgroundColor: colors.paper });
    uni.setBackgroundColor({ backgroundColor: colors.paper, fail: () => undefined });
    // #endif
  }
  onLoad(() => {
    if (session.token || session.expired || path === PAGES.enter) return;
    session.here = here;
    session.remember();
    uni.reLaunch({ url: PAGES.enter });
  });
  onShow(() => {
    if (path !== PAGES.enter) session.here = here;
    dress();
  });
  watch([title, dark], () => currentRoute() === path && dress());
  return title;
}
