/**
 * The operator: watches, two controllers, and what they tell each other. It holds names and hashes, never a value for
 * longer than it takes to write it. Stopped, it ends what is under way and starts nothing more.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Clock } from '../../contracts/clock.ts';
import type { Kube, KubeObject } from '../../contracts/kube.ts';
import type { Log } from '../../contracts/log.ts';
import type { Random } from '../../contracts/random.ts';
import { ExternalSecrets } from './external-secret/external-secrets.ts';
import { Mends } from './external-secret/mends.ts';
import { Renderer, type Rendering } from './external-secret/render.ts';
import { Told } from './external-secret/told.ts';
import type { ToldEvent } from './external-secret/verdict.ts';
import { Known } from './known.ts';
import { BackOff, type BackOffBounds, reconcileBackOff } from './queue/back-off.ts';
import { type Lane, type Next, WorkQueue } from './queue/work-queue.ts';
import { publishStore } from './store/publish.ts';
import { refusalOf } from './store/refusal.ts';
import { storeKey, type StoreName } from './store/store-key.ts';
import { type StoreOpener, Stores } from './store/stores.ts';
import { followAll } from './watches.ts';

/** How it went with an ExternalSecret that was worked on. */
export interface Settled {
  readonly status: 'True' | 'False';
  readonly tookMs: number;
}

/** Counts. Keys are `namespace/name`. */
export interface SyncObserver {
  settled(key: string, settled: Settled): void;
  gone(key: string): void;
}

export interface OperatorParts {
  readonly kube: Kube;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly opener: StoreOpener;
  readonly rendering: Rendering;
  readonly record: (object: KubeObject, event: ToldEvent) => void;
  readonly observer: SyncObserver;
  readonly controllerClass: string;
  /** Undefined: all namespaces. */
  readonly namespace: string | undefined;
  readonly concurrency: number;
  readonly storeRequeueMs: number;
}

export interface RunningOperator {
  /** Resolves when every watch has its first list and work has begun. */
  readonly started: Promise<void>;
  /** Rejects where something is wrong with the operator itself. */
  readonly ended: Promise<void>;
  /** Ends what is under way; starts nothing more. */
  stop(): Promise<void>;
}

/** Stores that are checked at once. */
const storeConcurrency = 16;
/** Everything that reads from a store waits for it: it is tried again sooner than a single object. */
const storeBackOff: BackOffBounds = { firstMs: 500, limitMs: 30_000 };

class Operator implements RunningOperator {
  readonly #parts: OperatorParts;
  readonly #known = new Known();
  readonly #told = new Told();
  readonly #mends = new Mends();
  readonly #end = new AbortController();
  readonly #objectQueue: WorkQueue;
  readonly #storeQueue: WorkQueue;
  readonly #stores: Stores;
  readonly started: Promise<void>;
  readonly ended: Promise<void>;

  constructor(parts: OperatorParts) {
    this.#parts = parts;
    this.#stores = this.#makeStores();
    const externalSecrets = this.#makeExternalSecrets();
    this.#objectQueue = this.#queue(parts.concurrency, reconcileBackOff, key => externalSecrets.work(key));
    this.#storeQueue = this.#queue(storeConcurrency, storeBackOff, key => this.#stores.work(key));
    const watches = this.#watch();
    this.ended = watches.ended;
    this.started = watches.synced.then(() => this.#start());
  }

  async stop(): Promise<void> {
    this.#end.abort();
    await Promise.all([this.#objectQueue.stop(), this.#storeQueue.stop()]);
    await this.#stores.close();
  }

  #start(): void {
    const { externalSecrets, stores } = this.#known;
    this.#parts.log.write('info', 'the operator works', { externalSecrets: externalSecrets.size, stores: stores.size });
    this.#storeQueue.start();
    this.#objectQueue.start();
  }

  #queue(concurrency: number, bounds: BackOffBounds, work: (key: string) => Promise<Next>): WorkQueue {
    const { clock, random, log } = this.#parts;
    const fraction = (): number => (random.bytes(1)[0] ?? 0) / 256;
    return new WorkQueue({
      clock,
      concurrency,
      groupOf: namespaceOf,
      backOff: new BackOff(bounds, fraction),
      work,
      fault: (key, cause) =>
        log.write('warn', 'an object could not be worked on; trying again', faultFields(key, cause)),
    });
  }

  #makeStores(): Stores {
    const { kube, clock, log, opener, controllerClass, storeRequeueMs, record } = this.#parts;
    const { stores } = this.#known;
    return new Stores({
      kube,
      log,
      opener,
      controllerClass,
      requeueMs: storeRequeueMs,
      seen: stores,
      hearer: {
        told: keys => this.#tell(keys, 'urgent'),
        missed: name => this.#tell(this.#known.readersOf(name), 'routine'),
        turned: name => this.#wake(name),
      },
      again: key => this.#storeQueue.add(key),
      publish: publishStore({ kube, clock, stores, record }),
    });
  }

  #makeExternalSecrets(): ExternalSecrets {
    const { kube, clock, rendering, record, observer } = this.#parts;
    return new ExternalSecrets({
      kube,
      clock,
      record,
      known: this.#known,
      settled: (key, status, tookMs) => observer.settled(key, { status, tookMs }),
      told: this.#told,
      mends: this.#mends,
      renderer: new Renderer(rendering),
      stores: {
        state: name => this.#stores.state(name),
        refusal: (name, namespace) => refusalOf(this.#known, name, namespace),
        opened: (name, namespace) => this.#stores.opened(name, namespace),
        suspect: (name, cause) => this.#stores.suspect(name, cause),
      },
    });
  }

  #watch() {
    const { kube, clock, random, log, namespace } = this.#parts;
    const lookers = {
      externalSecret: (key: string) => this.#objectQueue.add(key),
      gone: (key: string) => this.#forget(key),
      store: (name: StoreName) => {
        this.#storeQueue.add(storeKey(name));
        this.#wake(name);
      },
    };
    return followAll(
      { known: this.#known, lookers, namespace },
      { reader: kube, clock, random, log },
      this.#end.signal,
    );
  }

  /** What they read may have changed. */
  #tell(keys: readonly string[], lane: Lane): void {
    for (const key of keys) {
      this.#told.add(key);
      this.#objectQueue.add(key, lane);
    }
  }

  /** The store is not as it was: whoever reads from it looks what that means. */
  #wake(name: StoreName): void {
    for (const key of this.#known.readersOf(name)) this.#objectQueue.add(key, 'routine');
  }

  #forget(key: string): void {
    this.#told.clear(key);
    this.#mends.forget(key);
    this.#stores.forgetReader(key);
    this.#objectQueue.forget(key);
    this.#parts.observer.gone(key);
  }
}

/** Of `namespace/name`, and of the key of a store. */
const namespaceOf = (key: string): string => key.split('/').at(-2) ?? '';

const faultFields = (key: string, cause: unknown) =>
  cause instanceof CofferError
    ? { object: key, reason: cause.publicMessage }
    : { object: key, fault: cause instanceof Error ? cause.name : 'unknown' };

export const startOperator = (parts: OperatorParts): RunningOperator => new Operator(parts);
