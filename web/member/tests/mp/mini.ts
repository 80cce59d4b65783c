/** Runs pages of the mini-program build under Node: WeChat's compiler and renderer, `wx` in place, our sample API. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

import { answer, TOKEN, world } from '../../dev/answers.mjs';

const require = createRequire(import.meta.url);
const BUILT = process.env.UNI_MP_BUILD ?? resolve(__dirname, '../../dist/build/mp-weixin');
type Any = any; // eslint-disable-line -- the mini-program's globals have no types here
const globals = globalThis as Any;

export interface Asked {
  method: string;
  path: string;
  token: string;
  body: Any;
  key: string;
}

/** One mini-program with one page open. `world` and `offline` may be changed while it runs. */
export class Mini {
  readonly asked: Asked[] = [];
  readonly went: string[] = [];
  readonly storage = new Map<string, Any>();
  readonly titles: string[] = [];
  /** What was copied last, and the texts that were drawn on a canvas. */
  clipboard = '';
  readonly drawn: string[] = [];
  offline = false;
  /** Whether whoever holds the phone pays when WeChat's sheet asks. */
  pays = true;
  /** The next answer is lost on the way: it is done, but nobody hears of it. */
  deaf = false;
  /** A slow network: answers wait for `deliver`. */
  slow = false;
  private waiting: (() => void)[] = [];
  world: Any = world();
  page: Any;
  /** What the framework complained of: nothing, if all is well. */
  readonly complaints: string[] = [];
  private stack: Any[] = [];
  private app: Any;
  private network: ((told: { isConnected: boolean; networkType: string }) => void)[] = [];

  constructor({ signedIn = true }: { signedIn?: boolean } = {}) {
    if (!existsSync(`${BUILT}/app.json`)) throw new Error(`No mini-program in ${BUILT}: run \`npm run build:mp\` first.`);
    if (signedIn) this.storage.set('linli.token', TOKEN);
    console.error = (...told: Any[]) => this.complaints.push(told.map(String).join(' '));
    console.warn = console.error;
    this.install();
    for (const file of Object.keys(require.cache)) if (file.startsWith(BUILT)) delete require.cache[file];
  }

  async open(path: string, query: Record<string, string> = {}): Promise<this> {
    const simulate = require('miniprogram-simulate');
    require(`${BUILT}/app.js`);
    this.app.onLaunch?.({ path, query, scene: 1001 });
    const id = simulate.load(`${BUILT}/${path}`, 'page', { compiler: 'official', rootPath: BUILT });
    this.page = simulate.render(id);
    this.page.instance.route = path;
    this.stack.push(this.page.instance);
    const parent = document.createElement('div');
    this.page.attach(parent);
    this.page.instance.onLoad(query);
    this.app.onShow?.({ path, query });
    this.page.instance.onShow?.();
    await this.settle();
    return this;
  }

  /** Let requests, setData and rendering have their turns. */
  async settle(turns = 30): Promise<void> {
    for (let turn = 0; turn < turns; turn += 1) await new Promise((done) => setTimeout(done, 0)); // uni sends taps on by a timer
  }
  deliver(): Promise<void> {
    this.slow = false;
    for (const reply of this.waiting.splice(0)) reply();
    return this.settle();
  }
  close(): void {
    this.app?.onHide?.();
    this.page?.detach?.();
  }
  online(isConnected: boolean): Promise<void> {
    this.offline = !isConnected;
    for (const hear of this.network) hear({ isConnected, networkType: isConnected ? 'wifi' : 'none' });
    return this.settle();
  }
  get dom(): HTMLElement {
    return this.page.dom;
  }
  get text(): string {
    return (this.dom.textContent ?? '').replace(/\s+/g, ' ');
  }
  all(testid: string): HTMLElement[] {
    return [...this.dom.querySelectorAll<HTMLElement>(`[data-testid="${testid}"]`)];
  }
  /** The text of the first such element; empty where there is none. */
  read(testid: string): string {
    return (this.all(testid)[0]?.textContent ?? '').replace(/\s+/g, ' ').trim();
  }
  async tap(testid: string, at = 0): Promise<void> {
    this.tapNow(testid, at);
    await this.settle();
  }
  /** A tap, as WeChat sends it up through the components; what it causes comes later. */
  tapNow(testid: string, at = 0): void {
    const node = this.all(testid)[at] as Any;
    if (!node?.__wxElement) throw new Error(`Nothing to tap: ${testid}`);
    const exparser = require('miniprogram-exparser');
    exparser.Event.dispatchEvent(node.__wxElement, exparser.Event.create('tap', {}, { bubbles: true, composed: true, capturePhase: true }));
  }
  /** A module of the build, as the app itself has it. */
  module(path: string): Any {
    return require(`${BUILT}/${path}`);
  }
  paths(method = 'GET'): string[] {
    return this.asked.filter((one) => one.method === method).map((one) => one.path);
  }

  private install(): void {
    const go = (verb: string) => ({ url = '', delta, complete, success }: Any) => {
      this.went.push(`${verb} ${url || delta || ''}`.trim());
      success?.({});
      complete?.({});
    };
    globals.wx = {
      request: (asked: Any) => this.request(asked),
      getStorageSync: (key: string) => this.storage.get(key) ?? '',
      setStorageSync: (key: string, value: Any) => this.storage.set(key, value),
      setStorage: () => undefined,
      preloadAssets: () => undefined,
      removeStorageSync: (key: string) => this.storage.delete(key),
      login: ({ success }: Any) => success({ code: 'code-1' }),
      getNetworkType: ({ success }: Any) => success({ networkType: 'wifi' }),
      onNetworkStatusChange: (hear: Any) => this.network.push(hear),
      navigateTo: go('navigateTo'),
      navigateBack: go('navigateBack'),
      reLaunch: go('reLaunch'),
      redirectTo: go('redirectTo'),
      showToast: ({ title }: Any) => this.went.push(`toast ${title}`),
      requestPayment: ({ package: prepay, success, fail }: Any) => (this.went.push(`requestPayment ${prepay}`), this.pays ? success({}) : fail({ errMsg: 'requestPayment:fail cancel' })),
      setNavigationBarTitle: ({ title }: Any) => this.titles.push(title),
      setNavigationBarColor: () => undefined,
      setBackgroundColor: () => undefined,
      onThemeChange: () => undefined,
      setClipboardData: ({ data, success }: Any) => ((this.clipboard = data), success?.({})),
      createSelectorQuery: () => this.query(),
      canvasToTempFilePath: ({ success }: Any) => success({ tempFilePath: 'wxfile://poster.png' }),
      showShareImageMenu: ({ path }: Any) => this.went.push(`showShareImageMenu ${path}`),
      getSystemInfoSync: () => SYSTEM,
      getAppBaseInfo: () => SYSTEM,
      getWindowInfo: () => SYSTEM,
      getDeviceInfo: () => SYSTEM,
      getSystemSetting: () => SYSTEM,
      canIUse: () => true,
      getLaunchOptionsSync: () => ({ path: '', query: {}, scene: 1001 }),
      getEnterOptionsSync: () => ({ path: '', query: {}, scene: 1001 }),
      nextTick: (then: () => void) => setImmediate(then),
    };
    globals.App = (app: Any) => (this.app = app);
    globals.getApp = () => this.app;
    globals.Page = () => undefined;
    globals.getCurrentPages = () => this.stack;
  }

  /** Of the canvas on the page: it counts for a canvas what is written on it. */
  private query(): Any {
    const pen: Any = new Proxy({}, {
      get: (_, name) => (name === 'measureText' ? (text: string) => ({ width: text.length * 20 }) : name === 'createLinearGradient' ? () => ({ addColorStop: () => undefined }) : name === 'fillText' ? (text: string) => this.drawn.push(text) : () => undefined),
      set: () => true,
    });
    const found: Any[] = [];
    const chain: Any = { in: () => chain, select: () => chain, fields: (_: Any, hear: Any) => (found.push(hear), chain), exec: () => found.forEach((hear) => hear({ node: { getContext: () => pen } })) };
    return chain;
  }

  private request({ url, method = 'GET', header = {}, data, success, fail, complete }: Any): void {
    const asked = { method, path: url, token: (header.Authorization ?? '').replace('Bearer ', ''), body: data, key: header['Idempotency-Key'] ?? '' };
    this.asked.push(asked);
    const reply = (): void => {
      if (this.offline) fail?.({ errMsg: 'request:fail' });
      else {
        const { status, body } = answer(this.world, asked as Any);
        if (this.deaf) {
          this.deaf = false;
          return fail?.({ errMsg: 'request:fail timeout' });
        }
        success?.({ statusCode: status, data: body === null ? '' : structuredClone(body), header: {}, cookies: [] });
      }
      complete?.({});
    };
    if (this.slow) this.waiting.push(reply);
    else setImmediate(reply);
  }
}

const SYSTEM = {
  brand: 'devtools', model: 'test', pixelRatio: 2, screenWidth: 390, screenHeight: 844, windowWidth: 390, windowHeight: 756,
  statusBarHeight: 20, language: 'zh_CN', version: '8.0.50', system: 'iOS 17', platform: 'ios', SDKVersion: '3.3.0', theme: 'light', safeArea: { top: 0, bottom: 844, left: 0, right: 390, width: 390, height: 844 },
};
