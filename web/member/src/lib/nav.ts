/** Going from page to page so that "back" always leads where people expect. */
export const PAGES = {
  home: '/pages/home/home',
  enter: '/pages/enter/enter',
  statement: '/pages/statement/statement',
  line: '/pages/line/line',
  checkIn: '/pages/check-in/check-in',
  invite: '/pages/invite/invite',
  assistant: '/pages/assistant/assistant',
  order: '/pages/order/order',
  mall: '/pages/mall/mall',
  mallItem: '/pages/mall-item/mall-item',
  mallOrders: '/pages/mall-orders/mall-orders',
  mallOrder: '/pages/mall-order/mall-order',
  coupons: '/pages/coupons/coupons',
  lottery: '/pages/lottery/lottery',
  prizes: '/pages/prizes/prizes',
  checkout: '/pages/checkout/checkout',
  messages: '/pages/messages/messages',
  rules: '/pages/rules/rules',
  settings: '/pages/settings/settings',
} as const;

/** Any text as a parameter of a page: the platforms differ in how often they decode one, so nothing in it can be decoded. */
export function asParam(text: string): string {
  return encodeURIComponent(text).replace(/~/g, '%7E').replace(/%/g, '~');
}
/** The text again; empty where it is none. */
export function fromParam(param: string | undefined): string {
  try {
    return decodeURIComponent((param ?? '').replace(/~/g, '%'));
  } catch {
    return '';
  }
}

let going = false;
function settle(): void {
  going = false;
}

function routeOf(page: object | undefined): string {
  return `/${(page as { route?: string } | undefined)?.route ?? ''}`;
}

/** Open a page; one that lies below in the stack is gone back to. A second tap while going does nothing. */
export function open(url: string): void {
  if (going) return;
  const path = url.split('?')[0] ?? url;
  const pages = getCurrentPages();
  if (routeOf(pages[pages.length - 1]) === path && path === url) return;
  going = true;
  const below = pages.findIndex((page) => routeOf(page) === path);
  if (below >= 0 && path === url) uni.navigateBack({ delta: pages.length - 1 - below, complete: settle });
  else if (path === PAGES.home) uni.reLaunch({ url, complete: settle });
  else uni.navigateTo({ url, complete: settle });
}

/** Open a page in the place of this one: back then leads to what was before. */
export function instead(url: string): void {
  if (going) return;
  going = true;
  uni.redirectTo({ url, complete: settle });
}

/** Back, or home where the page was opened by a link. */
export function back(): void {
  if (getCurrentPages().length > 1) uni.navigateBack();
  else uni.reLaunch({ url: PAGES.home });
}

export function currentRoute(): string {
  const pages = getCurrentPages();
  return routeOf(pages[pages.length - 1]);
}
