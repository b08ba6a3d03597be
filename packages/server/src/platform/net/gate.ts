/** Lets a number of tasks in at once for each key, and a number wait. */
import { CofferError } from '@coffer/schema/errors.ts';

export interface GateLimits {
  readonly inside: number;
  readonly waiting: number;
}

interface Place {
  inside: number;
  readonly waiting: (() => void)[];
}

const retryAfterSeconds = 1;

export class Gate {
  readonly #limits: GateLimits;
  /** Of keys that have somebody inside. */
  readonly #places = new Map<string, Place>();

  constructor(limits: GateLimits) {
    this.#limits = limits;
  }

  /** Rejects with `quota_exceeded` where too many wait. */
  async run<T>(key: string, task: () => Promise<T>): Promise<T> {
    await this.#enter(key);
    try {
      return await task();
    } finally {
      this.#leave(key);
    }
  }

  #enter(key: string): Promise<void> | undefined {
    const place = this.#places.get(key) ?? { inside: 0, waiting: [] };
    this.#places.set(key, place);
    if (place.inside < this.#limits.inside) {
      place.inside++;
      return undefined;
    }
    if (place.waiting.length >= this.#limits.waiting)
      throw new CofferError('quota_exceeded', 'too many requests wait for the same server outside; try again', {
        retryAfterSeconds,
      });
    return new Promise(go => void place.waiting.push(go));
  }

  /** Who waits takes the place over. */
  #leave(key: string): void {
    const place = this.#places.get(key);
    if (place === undefined) return;
    const next = place.waiting.shift();
    if (next !== undefined) next();
    else if (--place.inside === 0) this.#places.delete(key);
  }
}
