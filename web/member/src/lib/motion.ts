/** Whether people want things to stand still. WeChat does not tell; there a tap ends what moves. */
export function wantsStillness(): boolean {
  // #ifdef H5
  return window.matchMedia('(prefers-reduced-motion: reduce)').matches;
  // #endif
  // #ifndef H5
  return false;
  // #endif
}
