/**
 * Work that reads and then changes the same records, one after the other: two requests at once would otherwise both find
 * a path free, or write over each other's change.
 */
import { CofferError } from '@coffer/schema/errors.ts';

/** Works that wait. */
const waitingLimit = 1000;

export class Turns {
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  /** Rejects at once with `conflict` where too many wait. A failure of one is told to its own caller alone. */
  take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= waitingLimit)
      return Promise.reject(new CofferError('conflict', 'too many changes are waiting; try again'));
    this.#waiting++;
    const done = this.#last.then(work).finally(() => this.#waiting--);
    this.#last = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  }
}
