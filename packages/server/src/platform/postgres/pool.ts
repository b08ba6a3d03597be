/**
 * Connections for reading: made when they are needed, up to a limit. A few are kept; the others are closed once they have not been
 * needed for a while: to make one takes milliseconds of both sides, most of it for proving who they are.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import { lingerMs, waitingReadsLimit } from './bounds.ts';
import type { Link } from './link.ts';

export interface PoolOptions {
  readonly open: () => Promise<Link>;
  readonly parallel: number;
  readonly idle: number;
}

export class Pool {
  readonly #options: PoolOptions;
  /** The last one used at the end. */
  readonly #idle: Link[] = [];
  /** So many were idle all the time since the last look. */
  #unneeded = 0;
  #looking: NodeJS.Timeout | undefined;
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
    let link = this.#idle.pop();
    while (link?.broken === true) link = this.#idle.pop();
    this.#unneeded = Math.min(this.#unneeded, this.#idle.length);
    return link;
  }

  #giveBack(link: Link): void {
    if (link.broken) return;
    if (this.#isClosed) {
      void link.close();
      return;
    }
    this.#idle.push(link);
    if (this.#idle.length > this.#options.idle) this.#lookLater();
  }

  #lookLater(): void {
    this.#looking ??= setTimeout(() => this.#look(), lingerMs).unref();
  }

  #look(): void {
    this.#looking = undefined;
    const beyond = Math.max(0, this.#idle.length - this.#options.idle);
    for (const link of this.#idle.splice(0, Math.min(beyond, this.#unneeded))) void link.close();
    this.#unneeded = this.#idle.length;
    if (this.#idle.length > this.#options.idle) this.#lookLater();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#looking);
    for (const wake of this.#waiting.splice(0)) wake();
    await Promise.all(this.#idle.splice(0).map(link => link.close()));
  }
}
