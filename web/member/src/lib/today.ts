/** The business date, as the server last told it. */
import { reactive } from 'vue';

import { api } from '@/api';

export const today = reactive({
  on: '',
  hear(on: string): void {
    if (on > today.on) today.on = on;
  },
  /** Ask for it where no page has heard of it yet. A failure only leaves dates unabridged. */
  async learn(): Promise<void> {
    if (today.on) return;
    try {
      today.hear((await api.me()).business_on);
    } catch {
      // The page's own request tells of it.
    }
  },
});
