import type { ProblemDocument } from './types';

/** Why a call had no answer: nothing arrived, the server is unwell, the sign-in lapsed, or it was refused. */
export type Trouble = 'offline' | 'down' | 'expired' | 'refused';

/** What a call throws. `code` is the API's stable code, or the trouble's own name where no answer came. */
export class Problem extends Error {
  constructor(
    readonly trouble: Trouble,
    readonly status: number,
    readonly code: string,
    readonly detail: string,
  ) {
    super(`${status} ${code}`);
    this.name = 'Problem';
  }

  static from(status: number, body: unknown): Problem {
    const told = (typeof body === 'object' && body !== null ? body : {}) as Partial<ProblemDocument>;
    const trouble: Trouble = status === 401 ? 'expired' : status >= 500 ? 'down' : 'refused';
    return new Problem(trouble, status, told.code ?? trouble, told.detail ?? told.title ?? '');
  }

  /** A fault of ours or of the network alike: people get a sentence and a way to try again. */
  static of(error: unknown): Problem {
    return error instanceof Problem ? error : new Problem('down', 0, 'unforeseen', String(error));
  }
}
