/// <reference types="vite/client" />

declare module '*.vue' {
  import type { DefineComponent } from 'vue';
  const component: DefineComponent<object, object, unknown>;
  export default component;
}

interface ImportMetaEnv {
  /** Where the API is, for the mini-program: `https://…`, no path. H5 speaks to its own host. */
  readonly VITE_API_ORIGIN?: string;
}
