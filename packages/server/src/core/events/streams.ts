/**
 * All who follow the change stream. Owns the log they share, which runs while there is somebody, and looks twice a second
 * whether each may go on. Bounded: so many subscribers, and so many of one token.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Clock } from '../../contracts/clock.ts';
import type { Log } from '../../contracts/log.ts';
import type { Change, ChangeOrGap, Storage } from '../../contracts/storage.ts';
import { turn } from '../../platform/clock/turn.ts';
import type { Barrier } from '../barrier/barrier.ts';
import { reasonOf } from '../barrier/trouble.ts';
import type { Acl } from '../policies/acl.ts';
import type { PolicyStore } from '../policies/store.ts';
import { Rounds } from '../rounds.ts';
import type { TokenStore } from '../tokens/store.ts';
import type { Token } from '../tokens/token.ts';
import { type Ending, endingOf, endings } from './endings.ts';
import { EventLog, heldEventsLimit } from './event-log.ts';
import { type MountsNow, openChange, type ToldChange } from './open-change.ts';
import { type Asked, Subscription } from './subscription.ts';

export interface StreamsParts {
  readonly storage: Pick<Storage, 'changes'>;
  readonly barrier: Pick<Barrier, 'openEvent' | 'storeId'>;
  readonly mounts: MountsNow;
  readonly tokens: Pick<TokenStore, 'admitted'>;
  readonly policies: Pick<PolicyStore, 'aclFor'>;
  readonly clock: Clock;
  readonly log: Log;
}

export const subscribersLimit = 5_000;
/** One token leaves room for others. */
export const tokenSubscribersLimit = 1_000;
/** A stream that may not go on ends within two of these. */
const checkEveryMs = 400;
/** Changes with events opened for the log in one turn of the event loop. */
const openedInOneTurn = 50;
/** Subscribers woken in one turn of the event loop. */
const toldInOneTurn = 32;
/** Checks between two signs of life. */
const checksPerBeat = 37;

export class EventStreams {
  readonly #parts: StreamsParts;
  readonly #subscribers = new Set<Subscription>();
  readonly #byToken = new Map<string, number>();
  #log: EventLog | undefined;
  #hasMore = false;
  #pastTurns = Promise.resolve();
  #isTelling = false;
  #dropped = 0;
  #looks = 0;
  #isShutDown = false;
  /** As long as there is somebody. */
  readonly #checks: Rounds;

  constructor(parts: StreamsParts) {
    this.#parts = parts;
    this.#checks = new Rounds({ clock: parts.clock, everyMs: checkEveryMs, look: () => this.#check() });
  }

  /** Ended for being too slow. */
  get dropped(): number {
    return this.#dropped;
  }

  get count(): number {
    return this.#subscribers.size;
  }

  /**
   * Begins when its first item is asked for, and follows from now on, or after revision `since`. Throws `quota_exceeded`.
   */
  async subscribe(
    asked: Omit<Asked, 'since' | 'isAhead'> & { readonly since: number | undefined },
  ): Promise<Subscription> {
    if (this.#isFull(asked.token))
      throw new CofferError('quota_exceeded', endings.tooMany.reason, { retryAfterSeconds: 5 });
    const head = await this.#head();
    const parts = {
      mounts: this.#parts.mounts,
      may: this.#may,
      past: { changes: this.#changes, open: this.#open, pause: () => (this.#pastTurns = this.#pastTurns.then(turn)) },
      owner: {
        begin: (subscription: Subscription) => this.#begin(subscription, head),
        left: (subscription: Subscription, ending: Ending) => this.#left(subscription, ending),
        failed: this.#failed,
      },
    };
    const since = asked.since ?? head;
    return new Subscription(parts, { ...asked, since: Math.min(since, head), isAhead: since > head });
  }

  /** After `shutDown` none begins any more. */
  endAll(ending: Ending): void {
    this.#isShutDown ||= ending === endings.shutDown;
    for (const subscriber of this.#subscribers) subscriber.end(ending);
  }

  /** Revision of the last commit: asked about what cannot be there yet, the storage says what would be next. */
  async #head(): Promise<number> {
    const asked = new AbortController();
    try {
      for await (const change of this.#changes(Number.MAX_SAFE_INTEGER, asked.signal))
        if ('compacted' in change) return change.compacted - 1;
    } finally {
      asked.abort();
    }
    throw new CofferError('storage_failed', 'The store is closed.');
  }

  #isFull({ accessor }: Token): boolean {
    return this.count >= subscribersLimit || (this.#byToken.get(accessor) ?? 0) >= tokenSubscribersLimit;
  }

  /** The first one starts the log where it begins itself, if that is not too far back: others likely come for the same. */
  #begin(subscription: Subscription, head: number): EventLog | Ending {
    const { token, since } = subscription.asked;
    if (this.#isShutDown) return endings.shutDown;
    if (this.#isFull(token)) return endings.tooMany;
    this.#subscribers.add(subscription);
    this.#byToken.set(token.accessor, (this.#byToken.get(token.accessor) ?? 0) + 1);
    if (this.#log !== undefined) return this.#log;
    const log = this.#start(head - since <= heldEventsLimit ? since : head);
    this.#checks.start();
    return log;
  }

  #left(subscription: Subscription, ending: Ending): void {
    if (!this.#subscribers.delete(subscription)) return;
    if (ending === endings.tooSlow) this.#noteSlow(subscription);
    const { accessor } = subscription.asked.token;
    const left = (this.#byToken.get(accessor) ?? 1) - 1;
    if (left === 0) this.#byToken.delete(accessor);
    else this.#byToken.set(accessor, left);
    if (this.count > 0) return;
    this.#checks.stop();
    this.#log?.stop();
    this.#log = undefined;
  }

  #noteSlow({ asked }: Subscription): void {
    this.#dropped++;
    const { path } = asked.opening;
    this.#parts.log.write('warn', 'a subscriber was too slow', { path, accessor: asked.token.accessor });
  }

  #start(since: number): EventLog {
    let opened = 0;
    const open = async (change: Change): Promise<ToldChange> => {
      if (++opened % openedInOneTurn === 0) await turn();
      return this.#open(change);
    };
    const log = new EventLog({ changes: this.#changes, open, more: this.#more }, since);
    this.#log = log;
    void log
      .run()
      .then(() => endings.failed, this.#failed)
      .then(ending => {
        if (this.#log === log) this.endAll(ending);
      });
    return log;
  }

  readonly #more = (): void => {
    this.#hasMore = true;
    if (!this.#isTelling) void this.#tell();
  };

  /** Some at a time: requests have their turns in between, and what happens meanwhile goes to the later ones at once. */
  async #tell(): Promise<void> {
    this.#isTelling = true;
    while (this.#hasMore) {
      this.#hasMore = false;
      let woken = 0;
      for (const subscriber of this.#subscribers) {
        subscriber.wake();
        if (++woken % toldInOneTurn === 0) await turn();
      }
    }
    this.#isTelling = false;
  }

  async #check(): Promise<void> {
    const beats = ++this.#looks % checksPerBeat === 0;
    for (const subscriber of this.#subscribers) {
      if (beats) subscriber.beat();
      await subscriber.check().catch(() => subscriber.end(endings.failed));
    }
  }

  readonly #failed = (cause: unknown): Ending => {
    const ending = endingOf(cause);
    if (ending === endings.failed)
      this.#parts.log.write('error', 'the change stream cannot be read', { error: reasonOf(cause) });
    return ending;
  };

  readonly #changes = (since: number, signal: AbortSignal): AsyncIterable<ChangeOrGap> =>
    this.#parts.storage.changes(since, signal);

  readonly #open = (change: Change): Promise<ToldChange> => openChange(change, this.#parts);

  readonly #may = (held: Token): Acl | undefined | Promise<Acl | undefined> => {
    const found = this.#parts.tokens.admitted(held);
    if (found instanceof Promise) return found.then(token => token && this.#parts.policies.aclFor(token));
    return found && this.#parts.policies.aclFor(found);
  };
}
