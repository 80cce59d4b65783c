/** Units run the sources without uni-app's runtime: what they touch of `uni` as they load. */
Object.assign(globalThis, {
  uni: { getStorageSync: () => '', setStorageSync: () => undefined, getLocale: () => 'zh-Hans' },
});
