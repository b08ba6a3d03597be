/** One after the other: work that must see what the work before it has left. */
import { CofferError } from '@coffer/schema/errors.ts';

/** Most that wait at one time. */
const waitingLimit = 1000;

export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** Runs `work` when all that came before has ended, well or not. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= waitingLimit)
      throw new CofferError('conflict', 'too many changes of mounts are waiting; try again');
    this.#waiting++;
    const mine = this.#last.then(work, work);
    this.#last = mine;
    try {
      return await mine;
    } finally {
      this.#waiting--;
    }
  }
}
