/** In H5 a `<view role="button">` is no button to the browser: Enter and space tap it. */
const TAPPED = new Set(['button', 'link', 'tab', 'radio']);

export function tapByKeys(): void {
  window.addEventListener('keydown', (event) => {
    const at = event.target as HTMLElement | null;
    if ((event.key !== 'Enter' && event.key !== ' ') || !at || !TAPPED.has(at.getAttribute('role') ?? '')) return;
    event.preventDefault();
    if (!event.repeat) at.click();
  });
}
