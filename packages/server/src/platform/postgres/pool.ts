/** Connections for reading: made when they are needed, up to a limit, and a few kept. */
import { CofferError } from '@coffer/schema/errors.ts';
import { waitingReadsLimit } from './bounds.ts';
import type { Link } from './link.ts';

export interface PoolOptions {
  readonly open: () => Promise<Link>;
  readonly parallel: number;
  readonly idle: number;
}

export class Pool {
  readonly #options: PoolOptions;
  readonly #idle: Link[] = [];
  readonly #waiting: (() => void)[] = [];
  #taken = 0;
  #isClosed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Rejects with the driver's errors. */
  async use<T>(work: (link: Link) => Promise<T>): Promise<T> {
    await this.#turn();
    try {
      const link = this.#fromIdle() ?? (await this.#options.open());
      try {
        return await work(link);
      } finally {
        this.#giveBack(link);
      }
    } finally {
      this.#taken--;
      this.#waiting.shift()?.();
    }
  }

  async #turn(): Promise<void> {
    while (this.#taken >= this.#options.parallel) {
      if (this.#waiting.length >= waitingReadsLimit)
        throw new CofferError('storage_failed', 'The database is behind with its reads.', { retryAfterSeconds: 1 });
      await new Promise<void>(resolve => this.#waiting.push(resolve));
    }
    if (this.#isClosed) throw new CofferError('storage_failed', 'The store is closed.');
    this.#taken++;
  }

  #fromIdle(): Link | undefined {
    for (let link = this.#idle.pop(); link !== undefined; link = this.#idle.pop()) if (!link.broken) return link;
    return undefined;
  }

  #giveBack(link: Link): void {
    if (link.broken) return;
    if (this.#isClosed || this.#idle.length >= this.#options.idle) void link.close();
    else this.#idle.push(link);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const wake of this.#waiting.splice(0)) wake();
    await Promise.all(this.#idle.splice(0).map(link => link.close()));
  }
}
