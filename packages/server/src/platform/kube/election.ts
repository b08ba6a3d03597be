/**
 * One leader among several, over a Lease of coordination.k8s.io/v1. The holder renews it; who waits takes it only once it
 * has not changed for its whole duration, measured on the own clock: times that others wrote are never trusted. The leader
 * stops working before anybody else can have taken over: its deadline for renewing is shorter than the duration. It needs
 * the rights to get, create and patch this Lease.
 */
import type { Clock } from '../../contracts/clock.ts';
import type { Kube, KubeObject, ObjectAt, Resource } from '../../contracts/kube.ts';
import type { Log } from '../../contracts/log.ts';
import type { Random } from '../../contracts/random.ts';
import { chance, pause } from './back-off.ts';
import { isAlreadyExists, isConflict, isNotFound, KubeError } from './error.ts';
import { apiVersionOf } from './path.ts';

export const leases: Resource = {
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  kind: 'Lease',
  namespaced: true,
};

export interface ElectionTimes {
  /** How long a lease that nobody renews is still respected. */
  readonly leaseDurationMs: number;
  /** How long the leader tries to renew before it stops leading. */
  readonly renewDeadlineMs: number;
  readonly retryPeriodMs: number;
}

export const usualTimes: ElectionTimes = { leaseDurationMs: 15_000, renewDeadlineMs: 10_000, retryPeriodMs: 2_000 };

export interface ElectionOptions {
  readonly kube: Pick<Kube, 'get' | 'create' | 'mergePatch'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly lease: ObjectAt;
  /** Of this process, and no other: the pod's name and something random. */
  readonly identity: string;
  readonly times?: ElectionTimes;
}

interface Observed {
  readonly holder: string;
  readonly version: string;
  readonly transitions: number;
  /** On the own monotonic clock: when this version was first seen. */
  readonly seenAtMs: number;
  readonly durationMs: number;
}

type Loose = { readonly [name: string]: unknown };

const numberIn = (value: unknown, otherwise: number): number => (typeof value === 'number' ? value : otherwise);

/** MicroTime of the API: six places after the point. */
const microTime = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z');

/** One candidate: what it saw of the lease, and its one try to hold it. */
class Candidate {
  readonly #options: ElectionOptions;
  readonly #times: ElectionTimes;
  #observed: Observed | undefined;

  constructor(options: ElectionOptions, times: ElectionTimes) {
    this.#options = options;
    this.#times = times;
  }

  /** True: the lease is ours now, from when the try began. False: it is another's. Throws `KubeError`. */
  async tryToHold(): Promise<boolean> {
    try {
      if (this.#observed?.holder === this.#options.identity) return await this.#write(this.#observed);
      const lease = await this.#options.kube.get(leases, this.#options.lease);
      if (lease === undefined) return await this.#create();
      const observed = this.#observe(lease);
      return this.#isFree(observed) ? await this.#write(observed) : false;
    } catch (error) {
      if (!isConflict(error) && !isAlreadyExists(error) && !isNotFound(error)) throw error;
      // Somebody was faster, or deleted it: what was seen is of no use.
      this.#observed = undefined;
      return false;
    }
  }

  /** Whether another was seen to hold it. */
  get isTaken(): boolean {
    return this.#observed !== undefined && this.#observed.holder !== this.#options.identity;
  }

  /** Gives the lease back, so that the next one need not wait for its end. Never throws. */
  async release(): Promise<void> {
    const observed = this.#observed;
    if (observed?.holder !== this.#options.identity) return;
    this.#observed = undefined;
    try {
      await this.#patch(observed, { holderIdentity: '', leaseDurationSeconds: 1 });
    } catch {
      // It ends by itself.
    }
  }

  #isFree({ holder, seenAtMs, durationMs }: Observed): boolean {
    if (holder === '' || holder === this.#options.identity) return true;
    return this.#options.clock.monotonic() - seenAtMs > durationMs;
  }

  /** The time at which a version was first seen stays that of this version. */
  #observe(lease: KubeObject): Observed {
    const spec = (lease['spec'] ?? {}) as Loose;
    const version = lease.metadata.resourceVersion ?? '';
    if (this.#observed?.version === version) return this.#observed;
    const holder = spec['holderIdentity'];
    this.#observed = {
      holder: typeof holder === 'string' ? holder : '',
      version,
      transitions: numberIn(spec['leaseTransitions'], 0),
      seenAtMs: this.#options.clock.monotonic(),
      durationMs: numberIn(spec['leaseDurationSeconds'], this.#times.leaseDurationMs / 1_000) * 1_000,
    };
    return this.#observed;
  }

  #spec(): Loose {
    return {
      holderIdentity: this.#options.identity,
      leaseDurationSeconds: Math.ceil(this.#times.leaseDurationMs / 1_000),
      renewTime: microTime(this.#options.clock.now()),
    };
  }

  async #create(): Promise<boolean> {
    const { kube, lease, clock } = this.#options;
    const spec = { ...this.#spec(), acquireTime: microTime(clock.now()), leaseTransitions: 0 };
    const { apiVersion, kind } = { apiVersion: apiVersionOf(leases), kind: leases.kind };
    const { namespace = 'default', name } = lease;
    this.#observe(await kube.create(leases, { apiVersion, kind, metadata: { namespace, name }, spec }));
    return true;
  }

  async #write(observed: Observed): Promise<boolean> {
    const { identity, clock } = this.#options;
    const isOurs = observed.holder === identity;
    const taken = { acquireTime: microTime(clock.now()), leaseTransitions: observed.transitions + 1 };
    await this.#patch(observed, { ...this.#spec(), ...(isOurs ? {} : taken) });
    return true;
  }

  async #patch({ version }: Observed, spec: Loose): Promise<void> {
    const { kube, lease } = this.#options;
    const patch = { metadata: { resourceVersion: version }, spec };
    this.#observe(await kube.mergePatch(leases, lease, { patch }));
  }
}

/** When the lease was last known to be ours, on both clocks: a machine that slept shows on one of them only. */
interface Renewed {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

/** One time of holding the lease. */
interface Tenure {
  last: Renewed;
  isLost: boolean;
}

class Election {
  readonly #options: ElectionOptions;
  readonly #times: ElectionTimes;
  readonly #candidate: Candidate;
  #saidFailing = false;

  constructor(options: ElectionOptions) {
    this.#options = options;
    this.#times = options.times ?? usualTimes;
    this.#candidate = new Candidate(options, this.#times);
  }

  /** Waits for the lease; `undefined` where it was stopped before. */
  async campaign(stop: AbortSignal): Promise<Renewed | undefined> {
    while (!stop.aborted) {
      const began = this.#now();
      if (await this.#try()) return began;
      await this.#pause(stop);
    }
    return undefined;
  }

  /** Works while the lease is held. True: it was lost; false: the work has ended. Rejects with what the work throws. */
  async term(held: Renewed, work: Work, stop: AbortSignal): Promise<boolean> {
    const ending = new AbortController();
    const ended = new AbortController();
    const end = (): void => ending.abort();
    stop.addEventListener('abort', end, { once: true });
    if (stop.aborted) end();
    const tenure: Tenure = { last: held, isLost: false };
    const isHeld = (): boolean => !tenure.isLost && this.#leftMs(tenure.last) > 0;
    const working = work(ending.signal, isHeld).finally(() => ended.abort());
    // Whatever it throws is thrown below, once the lease is given back.
    working.catch(() => undefined);
    await this.#renew(tenure, ended.signal, end);
    stop.removeEventListener('abort', end);
    try {
      await working;
    } finally {
      if (!tenure.isLost) await this.#candidate.release();
    }
    return tenure.isLost;
  }

  /** Renews until the work has ended, or the lease is lost; `end` was called then. */
  async #renew(tenure: Tenure, ended: AbortSignal, end: () => void): Promise<void> {
    const lose = (): void => {
      tenure.isLost = true;
      end();
    };
    while (!ended.aborted && !tenure.isLost) {
      const cancel = this.#options.clock.after(this.#leftMs(tenure.last), lose);
      await this.#pause(ended);
      const began = this.#now();
      const isRenewed = !ended.aborted && this.#leftMs(tenure.last) > 0 && (await this.#try());
      cancel();
      if (ended.aborted) break;
      if (isRenewed && this.#leftMs(tenure.last) > 0) tenure.last = began;
      else if (this.#candidate.isTaken || this.#leftMs(tenure.last) <= 0) lose();
    }
  }

  async #try(): Promise<boolean> {
    try {
      const isHeld = await this.#candidate.tryToHold();
      this.#saidFailing = false;
      return isHeld;
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      if (!this.#saidFailing)
        this.#options.log.write('warn', 'the lease cannot be held; trying again', { reason: error.message });
      this.#saidFailing = true;
      return false;
    }
  }

  #now(): Renewed {
    const { clock } = this.#options;
    return { monotonicMs: clock.monotonic(), wallMs: clock.now() };
  }

  /** Until the leader must have stopped. */
  #leftMs({ monotonicMs, wallMs }: Renewed): number {
    const now = this.#now();
    return this.#times.renewDeadlineMs - Math.max(now.monotonicMs - monotonicMs, now.wallMs - wallMs);
  }

  /** Each time another length, so that not all candidates ask at once. */
  #pause(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#options;
    return pause(clock, this.#times.retryPeriodMs * (1 + chance(random) / 5), signal);
  }
}

/**
 * Done by the leader. Once the signal is aborted it must stop: another may lead within seconds. A process that was paused
 * hears of that too late: before it writes it has to ask whether the lease is still held, by the clocks.
 */
export type Work = (signal: AbortSignal, isHeld: () => boolean) => Promise<void>;

/**
 * Waits for the lease, works while it is held, and begins again where it was lost. Resolves once it is stopped, or the
 * work has ended by itself; the lease is then given back. Rejects with what the work throws.
 */
export const lead = async (options: ElectionOptions, work: Work, stop: AbortSignal): Promise<void> => {
  const election = new Election(options);
  const log = options.log.with({ lease: options.lease.name });
  for (;;) {
    const held = await election.campaign(stop);
    if (held === undefined) return;
    log.write('info', 'this process leads');
    if (!(await election.term(held, work, stop))) return;
    log.write('warn', 'the lease is lost: this process no longer leads');
  }
};
