/**
 * Revocation: the end of a lease is written down first, from then on it is over whatever happens; the worker takes back
 * what it is about, and asks again until its engine has done so.
 */
import type { Clock } from '../../contracts/clock.ts';
import { type Lease, mountLeasesPrefix, ownerPrefix, recordPrefix } from './lease.ts';
import type { LeaseStore } from './store.ts';
import { type Failure, type LeaseWorker, Sweep } from './worker.ts';

export interface RevocationParts {
  readonly store: LeaseStore;
  /** For leases that somebody waits for. */
  readonly asked: Pick<LeaseWorker, 'workOff'>;
  /** For the others. */
  readonly worker: Pick<LeaseWorker, 'soon'>;
  readonly clock: Clock;
}

export interface RevokeOptions {
  /** Waits until the engines are done. */
  readonly sync: boolean;
  /** Leases go although their engines fail. */
  readonly forced: boolean;
}

export interface Revoked {
  /** Leases that there were. */
  readonly count: number;
  /** Those that could not be revoked yet; only where somebody waited for them. The first few. */
  readonly failures: readonly Failure[];
}

const failuresLimit = 10;

export class LeaseRevocation {
  readonly #parts: RevocationParts;

  constructor(parts: RevocationParts) {
    this.#parts = parts;
  }

  /** Writes down that the lease is at its end; whoever calls sees to it that the worker looks. */
  async mark(id: string): Promise<void> {
    const now = this.#nowSeconds();
    await this.#parts.store.update(id, lease => marked(lease, now, false));
  }

  async revoke(id: string, { sync, forced }: RevokeOptions): Promise<Revoked> {
    const now = this.#nowSeconds();
    const lease = await this.#parts.store.update(id, before => marked(before, now, forced));
    if (lease === undefined) return { count: 0, failures: [] };
    if (sync) return { count: 1, failures: await this.#parts.asked.workOff([id]) };
    this.#parts.worker.soon();
    return { count: 1, failures: [] };
  }

  /** The lease of this id, and all whose id goes on with a slash. Where it is cut off, asking again goes on. */
  async revokePrefix(prefix: string, options: RevokeOptions): Promise<Revoked> {
    const folder = prefix.endsWith('/') ? prefix : `${prefix}/`;
    const single = prefix.endsWith('/') ? { count: 0, failures: [] } : await this.revoke(prefix, options);
    const failures = [...single.failures];
    let { count } = single;
    const now = this.#nowSeconds();
    const sweep = new Sweep();
    const steps = this.#parts.store.each({ index: recordPrefix, part: folder }, lease =>
      marked(lease, now, options.forced),
    );
    for await (const ids of steps) {
      count += ids.length;
      if (!options.sync) continue;
      const failed = await this.#parts.asked.workOff(ids, sweep);
      failures.push(...failed.slice(0, failuresLimit - failures.length));
    }
    if (!options.sync) this.#parts.worker.soon();
    return { count, failures };
  }

  /** All of a token. They need not be taken back when this resolves, but they will be, also after a crash. */
  async revokeOwned(accessor: string): Promise<void> {
    const now = this.#nowSeconds();
    for await (const _ of this.#parts.store.each({ index: ownerPrefix(accessor) }, lease => marked(lease, now, false)));
    this.#parts.worker.soon();
  }

  /** All of a mount; waits for the first attempt at each. Answers whether some are left. */
  async revokeMount(mountId: string): Promise<boolean> {
    const index = mountLeasesPrefix(mountId);
    const now = this.#nowSeconds();
    const steps = this.#parts.store.each({ index }, lease =>
      lease.state === 'making' || lease.state === 'live' ? marked(lease, now, false) : undefined,
    );
    const sweep = new Sweep();
    for await (const ids of steps) await this.#parts.asked.workOff(ids, sweep);
    return (await this.#parts.store.keys(index, undefined, 1)).length > 0;
  }

  #nowSeconds(): number {
    return Math.floor(this.#parts.clock.now() / 1000);
  }
}

/** Asked for again, one that waits or is given up is tried again at once. */
const marked = (lease: Lease, nowSeconds: number, forced: boolean): Lease | undefined => {
  const isQueued = lease.state === 'revoking' && lease.retryAtSeconds <= nowSeconds;
  if (isQueued && (lease.forced || !forced)) return undefined;
  return {
    ...lease,
    state: 'revoking',
    owner: '',
    retryAtSeconds: nowSeconds,
    attempts: lease.state === 'revoking' ? lease.attempts : 0,
    forced: lease.forced || forced,
  };
};
