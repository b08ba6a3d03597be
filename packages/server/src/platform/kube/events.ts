/**
 * Events of Kubernetes: what happened to an object, for `kubectl describe`. Telling one returns at once and never fails.
 * Repetitions are counted on one event; what comes too fast, for one object or altogether, waits and then is dropped.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Clock } from '../../contracts/clock.ts';
import type { Kube, KubeObject, Resource } from '../../contracts/kube.ts';
import type { Log } from '../../contracts/log.ts';
import type { Random } from '../../contracts/random.ts';
import { pause } from './back-off.ts';
import {
  eventNoteLimitChars,
  eventsBurst,
  eventsKnownLimit,
  eventsOfObjectBurst,
  eventsOfObjectPerSecond,
  eventsPerSecond,
  eventsWaitingLimit,
  eventWarningsPerSecond,
  eventWindowMs,
} from './bounds.ts';
import { isNotFound } from './error.ts';
import { Bucket, Recent } from './rate.ts';

const events: Resource = { group: '', version: 'v1', plural: 'events', kind: 'Event', namespaced: true };

/** What happened. `reason` is one word in CamelCase; `note` names things, never values. */
export interface Happening {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly note: string;
}

export interface EventTeller {
  tell(about: KubeObject, happening: Happening): void;
}

export interface EventOptions {
  readonly kube: Pick<Kube, 'create' | 'mergePatch'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Who tells: `coffer-operator`. */
  readonly component: string;
  /** Which of them: the pod's name. */
  readonly instance: string;
}

interface Told {
  readonly about: KubeObject;
  readonly happening: Happening;
  /** Since it was last written. */
  times: number;
}

/** An event that is there, and can be counted on. */
interface Written {
  readonly name: string;
  readonly count: number;
  readonly writtenAtMs: number;
}

const separator = '\u0000';
const objectKey = ({ kind, metadata }: KubeObject): string =>
  [kind, metadata.namespace ?? '', metadata.name, metadata.uid ?? ''].join(separator);
const keyOf = (about: KubeObject, { type, reason, note }: Happening): string =>
  [objectKey(about), type, reason, note].join(separator);

/** Objects of the cluster have their events in `default`, as everybody's have. */
const namespaceOf = ({ metadata }: KubeObject): string => metadata.namespace ?? 'default';

const nameLimitChars = 200;
const nameOf = ({ metadata }: KubeObject, random: Random): string =>
  `${metadata.name.slice(0, nameLimitChars)}.${Buffer.from(random.bytes(8)).toString('hex')}`;

const seconds = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

class Events implements EventTeller {
  readonly #options: EventOptions;
  readonly #waiting = new Map<string, Told>();
  readonly #written = new Recent<Written>(eventsKnownLimit);
  readonly #rates = new Recent<Bucket>(eventsKnownLimit);
  readonly #rate: Bucket;
  readonly #warnings: Bucket;
  #wake = (): void => undefined;
  #dropped = 0;

  constructor(options: EventOptions) {
    this.#options = options;
    const nowMs = options.clock.monotonic();
    this.#rate = new Bucket(eventsBurst, eventsPerSecond, nowMs);
    this.#warnings = new Bucket(1, eventWarningsPerSecond, nowMs);
  }

  /** Never fails. */
  tell(about: KubeObject, happening: Happening): void {
    const key = keyOf(about, happening);
    const same = this.#waiting.get(key);
    if (same !== undefined) same.times += 1;
    else if (this.#waiting.size < eventsWaitingLimit && this.#mayTell(about))
      this.#waiting.set(key, { about, happening, times: 1 });
    else this.#dropped += 1;
    this.#wake();
  }

  /** Writes what is told until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    signal.addEventListener('abort', () => this.#wake(), { once: true });
    while (!signal.aborted) {
      const [next] = this.#waiting;
      if (next === undefined) await this.#sleep();
      else if (this.#rate.take(clock.monotonic())) await this.#write(...next);
      else await pause(clock, this.#rate.waitMs(clock.monotonic()), signal);
    }
  }

  #sleep(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    return promise;
  }

  #mayTell(about: KubeObject): boolean {
    const nowMs = this.#options.clock.monotonic();
    const key = objectKey(about);
    const bucket = this.#rates.get(key) ?? new Bucket(eventsOfObjectBurst, eventsOfObjectPerSecond, nowMs);
    this.#rates.set(key, bucket);
    return bucket.take(nowMs);
  }

  async #write(key: string, told: Told): Promise<void> {
    this.#waiting.delete(key);
    const known = this.#written.get(key);
    const isFresh = known !== undefined && this.#options.clock.monotonic() - known.writtenAtMs < eventWindowMs;
    try {
      const written = isFresh ? await this.#count(known, told) : await this.#make(told);
      this.#written.set(key, written);
      this.#sayDropped();
    } catch (error) {
      const reason = error instanceof CofferError ? error.message : 'a fault of Coffer';
      if (this.#mayWarn())
        this.#options.log.write('warn', 'an event could not be written to the Kubernetes API', { reason });
    }
  }

  async #make({ about, happening, times }: Told): Promise<Written> {
    const { kube, clock, random, component, instance } = this.#options;
    const { apiVersion, kind, metadata } = about;
    const now = seconds(clock.now());
    const name = nameOf(about, random);
    const { namespace, uid, resourceVersion } = metadata;
    await kube.create(events, {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace: namespaceOf(about) },
      involvedObject: { apiVersion, kind, name: metadata.name, namespace, uid, resourceVersion },
      type: happening.type,
      reason: happening.reason,
      message: happening.note.slice(0, eventNoteLimitChars),
      source: { component },
      reportingComponent: component,
      reportingInstance: instance,
      firstTimestamp: now,
      lastTimestamp: now,
      count: times,
    });
    return { name, count: times, writtenAtMs: clock.monotonic() };
  }

  async #count(known: Written, told: Told): Promise<Written> {
    const { kube, clock } = this.#options;
    const count = known.count + told.times;
    const patch = { count, lastTimestamp: seconds(clock.now()) };
    try {
      await kube.mergePatch(events, { namespace: namespaceOf(told.about), name: known.name }, { patch });
      return { name: known.name, count, writtenAtMs: clock.monotonic() };
    } catch (error) {
      // The API server forgets events after an hour, or somebody deleted it.
      if (isNotFound(error)) return this.#make(told);
      throw error;
    }
  }

  #mayWarn(): boolean {
    return this.#warnings.take(this.#options.clock.monotonic());
  }

  /** What is not said now counts on. */
  #sayDropped(): void {
    if (this.#dropped === 0 || !this.#mayWarn()) return;
    this.#options.log.write('warn', 'events came too fast and were dropped', { dropped: this.#dropped });
    this.#dropped = 0;
  }
}

/** Tells events until the signal is aborted; what waits then is not written any more. */
export const eventTeller = (options: EventOptions, signal: AbortSignal): EventTeller => {
  const teller = new Events(options);
  void teller.run(signal);
  return teller;
};
