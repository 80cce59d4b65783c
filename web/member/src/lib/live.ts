/** What changes while one looks: by server-sent events in H5, by asking now and then elsewhere or where that fails. */
import { reactive } from 'vue';

import { api } from '@/api';
import { ORIGIN } from '@/api/client';
import type { LiveBalance } from '@/api/types';

import { session } from './session';
import { reader } from './sse';

const POLL_MS = 20_000;
const RETRY_MS = [1_000, 3_000, 9_000];

const SAID = ['available', 'pending_points', 'unread'] as const;
/** `balance` is null until the first word came; it is another object only when a figure is another. */
export const live = reactive<{ balance: LiveBalance | null; by: 'none' | 'stream' | 'polling' }>({ balance: null, by: 'none' });

let run = 0;
let abort: (() => void) | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;

export function take(now: LiveBalance): void {
  const before = live.balance;
  if (before && SAID.every((name) => before[name] === now[name])) return;
  live.balance = { available: now.available, pending_points: now.pending_points, unread: now.unread };
}

export function startLive(): void {
  stopLive();
  if (!session.token) return;
  const mine = ++run;
  // #ifdef H5
  void listen(mine, 0);
  // #endif
  // #ifndef H5
  poll(mine);
  // #endif
}

export function stopLive(): void {
  run += 1;
  abort?.();
  abort = null;
  clearTimeout(timer);
  live.by = 'none';
}

function poll(mine: number): void {
  live.by = 'polling';
  timer = setTimeout(async () => {
    if (mine !== run) return;
    try {
      const home = await api.home();
      if (mine === run) take(home);
    } catch {
      // The page that one looks at tells of troubles; this only looks again.
    }
    if (mine === run && session.token) poll(mine);
  }, POLL_MS);
}

// #ifdef H5
async function listen(mine: number, failures: number): Promise<void> {
  let heard = false;
  try {
    const controller = new AbortController();
    abort = () => controller.abort();
    const headers = { Authorization: `Bearer ${session.token}`, Accept: 'text/event-stream' };
    const answer = await fetch(`${ORIGIN}/v1/me/live`, { headers, signal: controller.signal });
    if (answer.status === 401) return session.expire();
    if (!answer.ok || !answer.body) throw new Error(String(answer.status));
    const stream = answer.body.getReader();
    const decoder = new TextDecoder();
    const feed = reader();
    live.by = 'stream';
    for (;;) {
      const { done, value } = await stream.read();
      if (done || mine !== run) break;
      for (const sent of feed(decoder.decode(value, { stream: true }))) {
        heard = true;
        if (sent.event === 'balance') take(JSON.parse(sent.data) as LiveBalance);
      }
    }
  } catch {
    // Cut off, or there is no stream here.
  }
  if (mine !== run) return;
  const again = heard ? 0 : failures;
  const wait = RETRY_MS[again];
  if (wait === undefined) return poll(mine);
  timer = setTimeout(() => mine === run && void listen(mine, again + 1), wait);
}
// #endif
