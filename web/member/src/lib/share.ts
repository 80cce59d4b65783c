/** What is passed on: a text to the clipboard, a picture to the album or to a friend. */
import { t } from '@/i18n';

/** Where this server's pages are, for what is read outside of them. */
export function absolute(link: string): string {
  if (!link.startsWith('/')) return link;
  // #ifdef H5
  return window.location.origin + link;
  // #endif
  // #ifndef H5
  return (import.meta.env.VITE_API_ORIGIN ?? '') + link;
  // #endif
}

export function copy(text: string, told: string): void {
  uni.setClipboardData({
    data: text,
    showToast: false,
    success: () => uni.showToast({ title: told, icon: 'none' }),
    fail: () => uni.showToast({ title: t('share.notCopied'), icon: 'none' }),
  });
}

/** Whether this device can hand something to another app. */
export function canShare(): boolean {
  // #ifdef H5
  return typeof navigator.share === 'function';
  // #endif
  // #ifndef H5
  return false;
  // #endif
}

/** Hand a link to another app; who changes their mind changes nothing. */
export function shareLink(title: string, text: string, link: string): void {
  // #ifdef H5
  void navigator.share({ title, text, url: link }).catch(() => undefined);
  // #endif
}

/** Save a picture: a download in a browser; in WeChat its own menu, which can also send it. */
export function savePicture(path: string, name: string): void {
  // #ifdef H5
  const anchor = document.createElement('a');
  anchor.href = path;
  anchor.download = `${name}.png`;
  anchor.click();
  // #endif
  // #ifdef MP-WEIXIN
  const menu = (uni as { showShareImageMenu?: (asked: object) => void }).showShareImageMenu;
  if (menu) menu({ path, fail: () => undefined });
  else uni.previewImage({ urls: [path] });
  // #endif
}
