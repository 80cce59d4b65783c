import { resolve } from 'node:path';

import uni from '@dcloudio/vite-plugin-uni';
import { defineConfig, type Plugin } from 'vite';

/** uni-h5's own style sheet shows a picture from a CDN (a broken-image mark). Nothing may be loaded from elsewhere. */
const nothingFromElsewhere: Plugin = {
  name: 'linli-nothing-from-elsewhere',
  enforce: 'post',
  generateBundle(_options, bundle) {
    for (const file of Object.values(bundle)) {
      if (file.type !== 'asset' || !file.fileName.endsWith('.css')) continue;
      const css = typeof file.source === 'string' ? file.source : new TextDecoder().decode(file.source);
      file.source = css.replace(/url\(\s*(["']?)(?:https?:)?\/\/[^)]*?\1\s*\)/g, 'none');
    }
  },
};

// Where the H5 build goes: UNI_OUTPUT_DIR, or `uni build --outDir …`; else dist/build/h5.
export default defineConfig({
  base: './',
  plugins: [uni(), nothingFromElsewhere],
  resolve: { alias: { '@': resolve(__dirname, 'src') } },
  define: {
    // vue-i18n would else compile messages with `new Function`, which neither our CSP nor a mini-program allows.
    __INTLIFY_JIT_COMPILATION__: true,
    __INTLIFY_DROP_MESSAGE_COMPILER__: false,
    __VUE_I18N_FULL_INSTALL__: false,
    __VUE_I18N_LEGACY_API__: false,
  },
  css: { preprocessorOptions: { scss: { silenceDeprecations: ['legacy-js-api', 'import'] } as object } },
  server: {
    port: 8104,
    fs: { allow: ['..'] },
    proxy: { '/v1': process.env.LINLI_API ?? 'http://127.0.0.1:8105' },
  },
});
