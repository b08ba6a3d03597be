/**
 * Takes back what leases at their end are about. The queue is the index in storage, sorted by time: only what is due is
 * read, also after a restart, and memory holds one step of it. A failure is tried again, later each time, at last given to
 * people. Where the clock is in doubt nothing ends by time, only by somebody's word.
 */
import type { Clock } from '../../contracts/clock.ts';
import type { Tally } from '../metrics/tally.ts';
import type { Log } from '../../contracts/log.ts';
import type { Held } from '../barrier/collection.ts';
import { isClosed, reasonOf } from '../barrier/trouble.ts';
import type { Mount } from '../mounts/mount.ts';
import type { BusyLeases } from './busy.ts';
import { expiryPrefix, isExpired, type Lease, leaseStep, queuedId, revokingPrefix, timeBucket } from './lease.ts';
import type { LeaseStore } from './store.ts';

/** Leases that one walk works on at once. */
const widthLimit = 32;
/** Calls to one mount's engine that are out, also those that nobody waits for any more. */
const callsLimit = 128;
/** Longest that the worker waits for one of them. */
const engineLimitMs = 30_000;
/** Failures of one mount in a sweep after which its other leases wait, so that they do not hold up those of other mounts. */
const mountFailuresLimit = 3;
const mountPauseSeconds = 60;
/** Failed attempts after which a lease is irrevocable. */
export const attemptsLimit = 6;
const firstRetrySeconds = 10;

export interface WorkerParts {
  readonly store: LeaseStore;
  readonly busy: BusyLeases;
  readonly mountOf: (id: string) => Mount | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly tally: Tally;
  /** By mount: how many calls its engine has not answered yet, whoever made them. */
  readonly callsOut: Map<string, number>;
  /** No other node serves the store. */
  readonly isAlone: boolean;
  /** Whether this node works off what is due; another one does otherwise. */
  readonly leads: () => boolean;
  /** Whether what is past its end may be cleared. */
  readonly clockTrusted: () => boolean;
}

export interface Failure {
  readonly id: string;
  readonly reason: string;
}

/** What is known so far of one walk through many leases: failures by mount. */
export class Sweep {
  readonly failures = new Map<string, number>();
}

type Outcome = 'revoked' | 'waits' | { readonly reason: string };

export class LeaseWorker {
  readonly #parts: WorkerParts;
  #isRunning = false;
  #isAskedAgain = false;

  constructor(parts: WorkerParts) {
    this.#parts = parts;
  }

  /** Something is due, or may be: begins, unless it is at it, and then looks once more. Nobody waits for it. */
  soon(): void {
    if (!this.#parts.leads()) return;
    this.#isAskedAgain = true;
    if (!this.#isRunning) void this.#run();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    try {
      while (this.#isAskedAgain) {
        this.#isAskedAgain = false;
        await this.sweep();
      }
    } catch (error) {
      if (!isClosed(error))
        this.#parts.log.write('warn', 'leases at their end could not be worked off; trying again', {
          error: reasonOf(error),
        });
    } finally {
      this.#isRunning = false;
    }
  }

  /** Works off all that is due now. */
  async sweep(): Promise<void> {
    const sweep = new Sweep();
    await this.#queue(revokingPrefix, sweep);
    if (this.#parts.clockTrusted()) await this.#queue(expiryPrefix, sweep);
  }

  async #queue(prefix: string, sweep: Sweep): Promise<void> {
    const bound = prefix + timeBucket(this.#nowSeconds() + 1);
    let after: string | undefined;
    for (;;) {
      const keys = (await this.#parts.store.keys(prefix, after)).filter(key => key < bound);
      after = keys.at(-1);
      if (after === undefined) return;
      await this.#step(
        keys.map(key => queuedId(key, prefix)),
        sweep,
      );
    }
  }

  /** Leases that somebody waits for, marked before. Answers those that could not be revoked. */
  async workOff(ids: readonly string[], sweep = new Sweep()): Promise<readonly Failure[]> {
    const failures: Failure[] = [];
    for (let at = 0; at < ids.length; at += leaseStep) {
      for (const failure of await this.#step(ids.slice(at, at + leaseStep), sweep)) failures.push(failure);
    }
    return failures;
  }

  async #step(ids: readonly string[], sweep: Sweep): Promise<readonly Failure[]> {
    const now = this.#nowSeconds();
    const due = await this.#due(ids, now);
    const outcomes = new Map<string, Outcome>();
    await pooled(due, async ({ record }) => {
      outcomes.set(record.id, await this.#revoke(record, sweep));
    });
    await this.#settle(due, outcomes);
    return due.flatMap(({ record }) => {
      const { id } = record;
      const outcome = outcomes.get(id);
      if (outcome === undefined || outcome === 'revoked' || isGone(record, outcome)) return [];
      return [{ id, reason: outcome === 'waits' ? 'it waits for others, or is worked on already' : outcome.reason }];
    });
  }

  /**
   * What ends by time is first written down as ending, where other nodes could renew it meanwhile: the engine is asked only
   * about what cannot be renewed any more.
   */
  async #due(ids: readonly string[], now: number): Promise<readonly Held<Lease>[]> {
    const { store, isAlone } = this.#parts;
    const found = (await store.all(ids)).filter(({ record }) => isDue(record, now));
    const living = isAlone ? [] : found.filter(({ record }) => record.state !== 'revoking');
    if (living.length === 0) return found;
    const isWritten = await store.replace(living, lease => ({ ...lease, state: 'revoking', retryAtSeconds: now }));
    return isWritten ? (await store.all(ids)).filter(({ record }) => isDue(record, now)) : [];
  }

  async #revoke(lease: Lease, { failures }: Sweep): Promise<Outcome> {
    const failed = (): number => failures.get(lease.mountId) ?? 0;
    if (failed() >= mountFailuresLimit && !lease.forced) return 'waits';
    if (this.#out(lease) >= callsLimit) return 'waits';
    const release = this.#parts.busy.take(lease.id);
    if (release === undefined) return 'waits';
    const work = this.#ask(lease);
    this.#count(lease, 1);
    void work.then(() => {
      release();
      this.#count(lease, -1);
    });
    const outcome = await this.#inTime(work);
    if (outcome !== 'revoked') failures.set(lease.mountId, failed() + 1);
    return outcome;
  }

  #out({ mountId }: Lease): number {
    return this.#parts.callsOut.get(mountId) ?? 0;
  }

  #count(lease: Lease, change: 1 | -1): void {
    const calls = this.#out(lease) + change;
    if (calls === 0) this.#parts.callsOut.delete(lease.mountId);
    else this.#parts.callsOut.set(lease.mountId, calls);
  }

  /** Never rejects. */
  async #ask(lease: Lease): Promise<Outcome> {
    const work = this.#parts.mountOf(lease.mountId)?.leaseWork;
    if (work === undefined) return { reason: 'its mount is not served' };
    try {
      await work.revoke(lease.data);
      return 'revoked';
    } catch (error) {
      return { reason: reasonOf(error) };
    }
  }

  async #inTime(work: Promise<Outcome>): Promise<Outcome> {
    const { promise: late, resolve } = Promise.withResolvers<Outcome>();
    const stop = this.#parts.clock.after(engineLimitMs, () =>
      resolve({ reason: `its engine did not answer within ${engineLimitMs / 1000} s` }),
    );
    const outcome = await Promise.race([work, late]);
    stop();
    return outcome;
  }

  /** One commit for what is revoked, one for what is not. What loses a race stays due and is found again. */
  async #settle(due: readonly Held<Lease>[], outcomes: ReadonlyMap<string, Outcome>): Promise<void> {
    const now = this.#nowSeconds();
    const gone = due.map(({ record }) => record).filter(lease => isGone(lease, outcomes.get(lease.id)));
    await this.#parts.store.remove(gone);
    this.#parts.tally.add('lease revoked', gone.length);
    const left = due.filter(({ record }) => !isGone(record, outcomes.get(record.id)));
    await this.#parts.store.replace(left, lease => {
      const outcome = outcomes.get(lease.id);
      if (outcome === undefined || outcome === 'revoked') return undefined;
      if (outcome === 'waits') return this.#parts.busy.has(lease.id) ? undefined : paused(lease, now);
      return failedOnce(lease, outcome.reason, now);
    });
    for (const { record } of due) this.#tell(record, outcomes.get(record.id));
  }

  #tell(lease: Lease, outcome: Outcome | undefined): void {
    if (outcome === undefined || typeof outcome === 'string') return;
    const fields = { lease: lease.id, attempts: lease.attempts + 1, error: outcome.reason };
    const { log } = this.#parts;
    if (lease.forced) log.write('error', 'a lease was given up by force: what it is about may live on', fields);
    else if (lease.attempts + 1 >= attemptsLimit)
      log.write('error', 'a lease cannot be revoked: people must look', fields);
    else log.write('warn', 'a lease could not be revoked; trying again', fields);
  }

  #nowSeconds(): number {
    return Math.floor(this.#parts.clock.now() / 1000);
  }
}

const isDue = (lease: Lease, nowSeconds: number): boolean =>
  lease.state === 'revoking' ? lease.retryAtSeconds <= nowSeconds : isExpired(lease, nowSeconds);

/** Forced ones go although their engine failed, but not without having asked it. */
const isGone = (lease: Lease, outcome: Outcome | undefined): boolean =>
  outcome === 'revoked' || (lease.forced && typeof outcome === 'object');

const failedOnce = (lease: Lease, failure: string, nowSeconds: number): Lease => {
  const attempts = lease.attempts + 1;
  const state = attempts >= attemptsLimit ? 'irrevocable' : 'revoking';
  const retryAtSeconds = nowSeconds + firstRetrySeconds * 2 ** (attempts - 1);
  return { ...lease, state, owner: '', attempts, retryAtSeconds, failure };
};

const paused = (lease: Lease, nowSeconds: number): Lease => ({
  ...lease,
  state: 'revoking',
  owner: '',
  retryAtSeconds: nowSeconds + mountPauseSeconds,
});

const pooled = async <T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> => {
  let next = 0;
  const one = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(widthLimit, items.length) }, one));
};
