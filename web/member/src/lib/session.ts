/** The member's token: where it is kept, and what happens when it lapses. */
import { reactive } from 'vue';

import type { MemberToken } from '@/api/types';

const KEY = 'linli.token';
const RETURN = 'linli.return';
const INVITE = 'linli.invite';

// In H5 a token lives as long as the tab, in the mini-program on the device: nobody else opens that storage.
const drawer = {
  get(key: string): string {
    // #ifdef H5
    return window.sessionStorage.getItem(key) ?? '';
    // #endif
    // #ifndef H5
    return String(uni.getStorageSync(key) || '');
    // #endif
  },
  set(key: string, value: string): void {
    // #ifdef H5
    if (value) window.sessionStorage.setItem(key, value);
    else window.sessionStorage.removeItem(key);
    // #endif
    // #ifndef H5
    if (value) uni.setStorageSync(key, value);
    else uni.removeStorageSync(key);
    // #endif
  },
};

type Renewal = () => Promise<MemberToken>;
let renewal: Renewal | null = null;
let renewing: Promise<boolean> | null = null;

export const session = reactive({
  token: drawer.get(KEY),
  /** The token was refused: the page stays as it is, under a friendly note. */
  expired: false,

  begin(token: string): void {
    session.token = token;
    session.expired = false;
    drawer.set(KEY, token);
    drawer.set(INVITE, '');
  },
  expire(): void {
    session.expired = true;
    session.token = '';
    drawer.set(KEY, '');
    session.remember();
  },
  /** Tells the path, with all that was chosen, of the page that one looks at. Set by each page as it shows. */
  here: (): string => '',
  /** Keep that path, to come back to it after signing in. */
  remember(): void {
    const path = session.here();
    if (path) drawer.set(RETURN, path);
  },
  /** Where to go back to after signing in again; told once. */
  takeReturn(): string | null {
    const path = drawer.get(RETURN);
    drawer.set(RETURN, '');
    return path || null;
  },
  /** The invite code that one came with, now or before; who has signed in needs none. */
  invited(code: string): string {
    if (code) drawer.set(INVITE, code);
    return drawer.get(INVITE);
  },
  /** How this platform can sign in without asking (the mini-program: `uni.login`). */
  renewBy(by: Renewal): void {
    renewal = by;
  },
  /** Sign in again silently, once for all who ask at the same time. False where that cannot be done. */
  renew(): Promise<boolean> {
    if (!renewal) return Promise.resolve(false);
    renewing ??= renewal()
      .then(({ token }) => (session.begin(token), true))
      .catch(() => false)
      .finally(() => (renewing = null));
    return renewing;
  },
});
