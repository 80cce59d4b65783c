/** One call of the API over `uni.request`, which both platforms have. Resolves with the body, throws `Problem`. */
import { session } from '@/lib/session';
import { language } from '@/lib/settings';

import { Problem } from './problem';

export const ORIGIN = import.meta.env.VITE_API_ORIGIN ?? '';
const PATIENCE_MS = 15_000;

type Query = Record<string, string | number | null | undefined>;
interface Asked {
  query?: Query;
  body?: object;
  /** What makes a repeated call the same one: kept by who asks until an answer came. */
  key?: string;
  /** Signing in is asked without a token, and its 401 is nobody's expired session. */
  anonymous?: boolean;
}

export function pathOf(path: string, query: Query = {}): string {
  const parts = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== '');
  const search = parts.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join('&');
  return search ? `${path}?${search}` : path;
}

function once<T>(method: 'GET' | 'POST', path: string, asked: Asked): Promise<T> {
  const header: Record<string, string> = { 'Accept-Language': language.value };
  if (!asked.anonymous && session.token) header.Authorization = `Bearer ${session.token}`;
  if (asked.key) header['Idempotency-Key'] = asked.key;
  return new Promise<T>((resolve, reject) => {
    uni.request({
      url: ORIGIN + pathOf(path, asked.query),
      method,
      data: asked.body,
      header,
      timeout: PATIENCE_MS,
      success: ({ statusCode, data }) => {
        if (statusCode >= 200 && statusCode < 300) resolve(data as T);
        else reject(Problem.from(statusCode, data));
      },
      fail: ({ errMsg }) => reject(new Problem('offline', 0, 'offline', errMsg ?? '')),
    });
  });
}

export async function call<T>(method: 'GET' | 'POST', path: string, asked: Asked = {}): Promise<T> {
  const token = session.token;
  try {
    return await once<T>(method, path, asked);
  } catch (error) {
    if (asked.anonymous || Problem.of(error).trouble !== 'expired') throw error;
    // Another call may have signed in meanwhile; else the mini-program can by itself, and H5 asks for a new link.
    if (session.token !== token || (await session.renew())) return once<T>(method, path, asked);
    session.expire();
    throw error;
  }
}
