/** Reading from the API into a page: one thing, or an endless list. Later answers win; what is there stays on a failure. */
import { computed, ref, shallowRef, watch } from 'vue';

import { Problem } from '@/api/problem';
import type { Page } from '@/api/types';

import { onBackOnline } from './network';
import { session } from './session';

export function useOne<T>(fetch: () => Promise<T>) {
  const data = shallowRef<T | null>(null);
  const problem = shallowRef<Problem | null>(null);
  const loading = ref(false);
  let asked = 0;

  async function load(): Promise<void> {
    const mine = ++asked;
    loading.value = true;
    try {
      const found = await fetch();
      if (mine !== asked) return;
      data.value = found;
      problem.value = null;
    } catch (error) {
      if (mine === asked) problem.value = Problem.of(error);
    } finally {
      if (mine === asked) loading.value = false;
    }
  }
  retryWhenPossible(() => problem.value && void load());
  return { data, problem, loading, load };
}

export function usePages<Item, P extends Page<Item>>(fetch: (cursor: string | null) => Promise<P>) {
  const items = shallowRef<Item[]>([]);
  const first = shallowRef<P | null>(null);
  const problem = shallowRef<Problem | null>(null);
  const loading = ref(false);
  const cursor = ref<string | null>(null);
  let asked = 0;

  async function read(from: string | null): Promise<void> {
    const mine = ++asked;
    loading.value = true;
    problem.value = null;
    try {
      const page = await fetch(from);
      if (mine !== asked) return;
      if (from === null) first.value = page;
      items.value = from === null ? page.items : [...items.value, ...page.items];
      cursor.value = page.next_cursor;
    } catch (error) {
      if (mine === asked) problem.value = Problem.of(error);
    } finally {
      if (mine === asked) loading.value = false;
    }
  }
  /** Begin anew: what was there is taken away at once, so nobody reads another month's lines. */
  function restart(): Promise<void> {
    items.value = [];
    first.value = null;
    cursor.value = null;
    return read(null);
  }
  const hasMore = computed(() => cursor.value !== null);
  function more(): Promise<void> | undefined {
    if (first.value === null) return loading.value ? undefined : read(null);
    if (hasMore.value && !loading.value) return read(cursor.value);
    return undefined;
  }
  retryWhenPossible(() => problem.value && void more());
  return { items, first, problem, loading, hasMore, restart, more };
}

/** When the network is back, and when one has signed in again, what failed is asked once more. */
function retryWhenPossible(again: () => void): void {
  onBackOnline(again);
  watch(
    () => session.token,
    (token) => token && again(),
  );
}
