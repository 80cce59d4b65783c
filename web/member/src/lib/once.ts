/** One wish, one effect: a call that got no answer is repeated under the same key, until an answer came. */
import { ref, shallowRef } from 'vue';

import { Problem } from '@/api/problem';

import { randomHex } from './random';

/** `act(key, wish)` is called with the same key as long as no answer came for the same wish. */
export function useOnce<Wish, T>(act: (key: string, wish: Wish) => Promise<T>) {
  const doing = ref(false);
  const problem = shallowRef<Problem | null>(null);
  let open: { key: string; wish: string } | null = null;

  /** The answer, or null: then `problem` says why, or it is under way already. */
  async function go(wish: Wish): Promise<T | null> {
    if (doing.value) return null;
    doing.value = true;
    const said = JSON.stringify(wish);
    if (open?.wish !== said) open = { key: randomHex(16), wish: said };
    try {
      const found = await act(open.key, wish);
      open = null;
      problem.value = null;
      return found;
    } catch (error) {
      problem.value = Problem.of(error);
      if (problem.value.trouble === 'refused') open = null;
      return null;
    } finally {
      doing.value = false;
    }
  }
  /** Whether it is not known if it was done. */
  function unsure(): boolean {
    return problem.value !== null && problem.value.trouble !== 'refused';
  }
  function forget(): void {
    problem.value = null;
  }
  return { doing, problem, go, unsure, forget };
}
