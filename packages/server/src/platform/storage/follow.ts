/**
 * The change stream over a bounded history: reads in pages what is there, then waits to be told of more. It holds no
 * queue for a reader, only the revision the reader has reached; who falls out of the history is told so.
 */
import type { Change, ChangeOrGap } from '../../contracts/storage.ts';

/** Each reader holds at most this many changes: there may be thousands. */
const pageChanges = 100;

export interface History {
  /** Revision of the last change. */
  last(): number;
  /** Revision of the oldest change still held; `last() + 1` where none is. */
  first(): number;
  /** Changes from revision `from` on, in order, at most `limit`. */
  read(from: number, limit: number): readonly Change[] | Promise<readonly Change[]>;
}

export interface Following {
  readonly since: number;
  readonly signal: AbortSignal;
  /** The last revision as it is by now, where others commit too and `last` may lag behind them. */
  readonly current?: () => Promise<number>;
}

/** Wakes those who wait. `stop` wakes them for good. */
export class Bell {
  #waiting = new Set<() => void>();
  readonly #stopped = new AbortController();

  get stopped(): boolean {
    return this.#stopped.signal.aborted;
  }

  /** Aborts when it is stopped. */
  get end(): AbortSignal {
    return this.#stopped.signal;
  }

  ring(): void {
    const woken = this.#waiting;
    this.#waiting = new Set();
    for (const wake of woken) wake();
  }

  stop(): void {
    this.#stopped.abort();
    this.ring();
  }

  /** Resolves at the next ring or when `signal` aborts. */
  wait(signal: AbortSignal): Promise<void> {
    if (this.stopped || signal.aborted) return Promise.resolve();
    return new Promise(resolve => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }
}

/** Ends when `signal` aborts or the bell is stopped. After `compacted` it goes on with the oldest change still held. */
export async function* follow(
  history: History,
  bell: Bell,
  from: Following,
): AsyncGenerator<ChangeOrGap, void, undefined> {
  const { signal, current = () => history.last() } = from;
  const over = (): boolean => signal.aborted || bell.stopped;
  let next = from.since + 1;
  const last = history.last();
  if (from.since > last && !over() && from.since > (await current())) {
    next = last + 1;
    yield { compacted: next };
  }
  while (!over()) {
    const first = history.first();
    if (next < first) {
      next = first;
      yield { compacted: first };
    } else {
      const page = next > history.last() ? [] : await history.read(next, pageChanges);
      if (page.length === 0) await bell.wait(signal);
      for (const change of page) {
        if (over()) return;
        if (change.revision > next) yield { compacted: change.revision };
        next = change.revision + 1;
        yield change;
      }
    }
  }
}
