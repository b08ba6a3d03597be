/**
 * One subscriber: reads on at its own pace, and holds nothing but the revision it has reached. Before each event it is
 * asked anew whether the token lives and its policies let it hear this. Whoever falls behind what the log holds is ended.
 */
import type { Change, ChangeOrGap } from '../../contracts/storage.ts';
import type { Acl, Question } from '../policies/acl.ts';
import type { Token } from '../tokens/token.ts';
import { type Ending, endings } from './endings.ts';
import type { EventLog } from './event-log.ts';
import { gapBefore } from './event-log.ts';
import type { MountsNow, OpenedEvent, ToldChange } from './open-change.ts';
import type { ToldEvent } from './told-event.ts';

export interface Asked {
  /** What policies were asked when it was opened, and are asked again: `read` of `sys/events/subscribe/kv*`. */
  readonly opening: Question;
  readonly token: Token;
  readonly wants: (event: ToldEvent) => boolean;
  /** By its type alone. */
  readonly wantsType: (type: string) => boolean;
  /** Revision to go on after. */
  readonly since: number;
  /** It was asked for a revision that is not there: of another store, or of one that was put back. */
  readonly isAhead: boolean;
}

export type Told =
  | { readonly kind: 'event'; readonly event: ToldEvent }
  /** What was told before this revision is gone: list again. */
  | { readonly kind: 'compacted'; readonly revision: number }
  /** Nothing was missed up to this revision. */
  | { readonly kind: 'beat'; readonly revision: number }
  | { readonly kind: 'ended'; readonly ending: Ending };

export interface SubscriptionParts {
  readonly mounts: MountsNow;
  /** The token as it is now, with what it may do; undefined where it is no more. */
  readonly may: (token: Token) => Acl | undefined | Promise<Acl | undefined>;
  readonly past: PastChanges;
  readonly owner: SubscriptionOwner;
}

export interface PastChanges {
  changes(since: number, signal: AbortSignal): AsyncIterable<ChangeOrGap>;
  open(change: Change): Promise<ToldChange>;
  /** Waits for its turn: of those who read the past, one goes on in each turn of the event loop. */
  pause(): Promise<void>;
}

export interface SubscriptionOwner {
  /** Called once, when the first item is asked for: the log to follow; an ending where it may not begin. */
  begin(subscription: Subscription): EventLog | Ending;
  /** Called once, when it has ended. */
  left(subscription: Subscription, ending: Ending): void;
  /** What it fails with, logged, as an ending. */
  failed(cause: unknown): Ending;
}

/** Changes read of the past between two turns. */
const replayStep = 100;
/** Events and changes passed over between two turns: nobody else is served meanwhile. */
const passedInOneTurn = 200;
const over: IteratorReturnResult<undefined> = { done: true, value: undefined };

export class Subscription implements AsyncIterableIterator<Told, undefined> {
  readonly asked: Asked;
  readonly #parts: SubscriptionParts;
  readonly #leave = new AbortController();
  #log: EventLog | undefined;
  #reached: number;
  /** It has seen everything there was: from now on it must keep up. */
  #isLive = false;
  #change: ToldChange | undefined;
  #at = 0;
  #past: AsyncIterator<ChangeOrGap> | undefined;
  #read = 0;
  /** Many may come for the same past at once: each waits for its turn after its first word. */
  #passed = passedInOneTurn - 2;
  /** The first thing told is where it begins: what follows is missed by nobody who comes back. */
  #beats = true;
  #ending: Ending | undefined;
  #isOver = false;
  #hasBegun = false;
  #wake: () => void = () => {};

  constructor(parts: SubscriptionParts, asked: Asked) {
    this.#parts = parts;
    this.asked = asked;
    this.#reached = asked.since;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Aborts when it ends, for whatever reason. */
  get ended(): AbortSignal {
    return this.#leave.signal;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  async next(): Promise<IteratorResult<Told, undefined>> {
    try {
      const told = await this.#next();
      return told === undefined ? over : { done: false, value: told };
    } catch (cause) {
      this.end(this.#parts.owner.failed(cause));
      return this.next();
    }
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    this.#isOver = true;
    this.end(endings.shutDown);
    return Promise.resolve(over);
  }

  /** The first reason counts. */
  end(ending: Ending): void {
    if (this.#ending !== undefined) return;
    this.#ending = ending;
    this.#leave.abort();
    this.#wake();
    if (this.#log !== undefined) this.#parts.owner.left(this, ending);
  }

  /** Events were added to the log. */
  wake(): void {
    this.#wake();
  }

  /** To be told, when there is nothing else, how far it has come. */
  beat(): void {
    this.#beats = true;
    this.#wake();
  }

  /** Ends it where it has no right to go on, or is too slow. */
  async check(): Promise<void> {
    if (this.#isLive && this.#log !== undefined && this.#reached < this.#log.from) return this.end(endings.tooSlow);
    const acl = await this.#parts.may(this.asked.token);
    if (acl === undefined) this.end(endings.tokenEnded);
    else if (!acl.decide(this.asked.opening).allowed) this.end(endings.denied);
  }

  async #next(): Promise<Told | undefined> {
    for (;;) {
      if (++this.#passed % passedInOneTurn === 0) await this.#parts.past.pause();
      if (this.#isOver) return undefined;
      if (this.#ending !== undefined) return this.#last(this.#ending);
      const event = this.#change?.events[this.#at];
      if (event !== undefined) {
        this.#at++;
        const told = await this.#told(event);
        if (told !== undefined) return this.#telling(told);
      } else {
        const notice = await this.#advance();
        if (notice !== undefined) return notice;
      }
    }
  }

  /** Whoever takes it waits for its client, sooner or later. */
  #telling(event: ToldEvent): Told {
    this.#passed = 0;
    return { kind: 'event', event };
  }

  #last(ending: Ending): Told {
    this.#isOver = true;
    return { kind: 'ended', ending };
  }

  async #told(opened: OpenedEvent): Promise<ToldEvent | undefined> {
    if (!this.asked.wantsType(opened.type)) return undefined;
    const event = opened.placed(this.#parts.mounts);
    if (event === undefined || !this.asked.wants(event)) return undefined;
    const found = this.#parts.may(this.asked.token);
    const acl = found instanceof Promise ? await found : found;
    if (opened.placed(this.#parts.mounts) !== event) return this.#told(opened);
    if (acl === undefined) this.end(endings.tokenEnded);
    return acl !== undefined && this.#ending === undefined && mayHear(acl, event) ? event : undefined;
  }

  /** Goes on to the next change, or waits for one. Answers what there is to say of it beside its events. */
  async #advance(): Promise<Told | undefined> {
    if (this.#change !== undefined) this.#reached = Math.max(this.#reached, this.#change.revision);
    this.#change = undefined;
    const log = this.#begun();
    if (log === undefined) return undefined;
    if (!this.#hasBegun) return this.#beating();
    if (this.asked.isAhead && !this.#isLive) {
      this.#isLive = true;
      return this.#taken(gapBefore(this.#reached + 1));
    }
    if (this.#reached < log.from) {
      if (!this.#isLive) return this.#beats ? this.#beating() : this.#taken(await this.#ofThePast());
      this.end(endings.tooSlow);
      return undefined;
    }
    if (this.#past !== undefined) await this.#leavePast();
    const next = log.next(this.#reached);
    if (next !== undefined) return this.#beats ? this.#beating() : this.#taken(next);
    this.#reached = Math.max(this.#reached, log.reached);
    this.#isLive = true;
    return this.#rest();
  }

  #taken(change: ToldChange | undefined): Told | undefined {
    this.#change = change;
    this.#at = 0;
    return change?.isGap === true ? { kind: 'compacted', revision: change.revision + 1 } : undefined;
  }

  /** Also on the way: who passes over much of the past must not seem dead, nor begin it all over. */
  #beating(): Told {
    this.#hasBegun = true;
    this.#beats = false;
    return { kind: 'beat', revision: this.#reached };
  }

  #begun(): EventLog | undefined {
    if (this.#log !== undefined) return this.#log;
    const begun = this.#parts.owner.begin(this);
    if ('code' in begun) this.end(begun);
    else this.#log = begun;
    return this.#log;
  }

  /** From the storage, what the log does not hold any more. */
  async #ofThePast(): Promise<ToldChange | undefined> {
    this.#past ??= this.#parts.past.changes(this.#reached, this.#leave.signal)[Symbol.asyncIterator]();
    if (this.#read++ % replayStep === 0) await this.#parts.past.pause();
    const step = await this.#past.next();
    if (step.done === true) {
      this.end(endings.failed);
      return undefined;
    }
    return 'compacted' in step.value ? gapBefore(step.value.compacted) : this.#parts.past.open(step.value);
  }

  async #leavePast(): Promise<void> {
    const past = this.#past;
    this.#past = undefined;
    await past?.return?.();
  }

  async #rest(): Promise<Told | undefined> {
    if (this.#ending !== undefined) return undefined;
    if (!this.#beats) await new Promise<void>(resolve => (this.#wake = resolve));
    this.#wake = () => {};
    this.#passed = 0;
    return this.#beats && this.#ending === undefined ? this.#beating() : undefined;
  }
}

/** What has no path can be judged by no rule: root alone hears it. */
const mayHear = (acl: Acl, { path, facts }: ToldEvent): boolean =>
  path === undefined ? acl.isRoot : acl.hears({ path, type: facts.type });
