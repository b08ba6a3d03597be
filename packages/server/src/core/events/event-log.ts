/**
 * The events told lately, opened once for all who follow. Reads on in the storage as long as it runs. Promises: every
 * event after revision `from` is held, in order; at most so many events and bytes, the oldest go first.
 */
import type { Change, ChangeOrGap } from '../../contracts/storage.ts';
import type { ToldChange } from './open-change.ts';

/** How far behind a subscriber may be before it is one that is too slow. */
export const heldEventsLimit = 10_000;
export const heldBytesLimit = 33_554_432;

export interface LogSource {
  /** Changes after `since`, until `signal` aborts. */
  changes(since: number, signal: AbortSignal): AsyncIterable<ChangeOrGap>;
  open(change: Change): Promise<ToldChange>;
  /** Events were added. */
  more(): void;
}

export class EventLog {
  readonly #source: LogSource;
  readonly #stop = new AbortController();
  /** The oldest stand at `#start`; what lies before was taken out. */
  #held: ToldChange[] = [];
  #start = 0;
  #events = 0;
  #bytes = 0;
  #from: number;
  #reached: number;

  constructor(source: LogSource, since: number) {
    this.#source = source;
    this.#from = since;
    this.#reached = since;
  }

  get from(): number {
    return this.#from;
  }

  /** Every event up to this revision was added. */
  get reached(): number {
    return this.#reached;
  }

  /** Resolves when it is stopped; rejects where the storage or the barrier gives nothing more. */
  async run(): Promise<void> {
    const { signal } = this.#stop;
    for await (const change of this.#source.changes(this.#reached, signal)) {
      if (signal.aborted) return;
      if ('compacted' in change) this.#add(gapBefore(change.compacted));
      else if (change.events.length > 0) this.#add(await this.#source.open(change));
      else this.#reached = change.revision;
    }
  }

  stop(): void {
    this.#stop.abort();
  }

  /** The first change with events after revision `after`, which is not before `from`. */
  next(after: number): ToldChange | undefined {
    let [low, high] = [this.#start, this.#held.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#held[middle]?.revision ?? 0) <= after) low = middle + 1;
      else high = middle;
    }
    return this.#held[low];
  }

  #add(change: ToldChange): void {
    this.#held.push(change);
    this.#events += weightOf(change);
    this.#bytes += change.bytes;
    this.#reached = change.revision;
    while (this.#events > heldEventsLimit || this.#bytes > heldBytesLimit) this.#dropOldest();
    this.#source.more();
  }

  #dropOldest(): void {
    const oldest = this.#held[this.#start++];
    if (oldest === undefined) return;
    this.#events -= weightOf(oldest);
    this.#bytes -= oldest.bytes;
    this.#from = oldest.revision;
    if (this.#start < this.#held.length / 2) return;
    this.#held = this.#held.slice(this.#start);
    this.#start = 0;
  }
}

/** A gap is held as well. */
const weightOf = ({ events }: ToldChange): number => Math.max(1, events.length);

/** What was told before `revision` is gone. */
export const gapBefore = (revision: number): ToldChange => ({
  revision: revision - 1,
  events: [],
  isGap: true,
  bytes: 0,
});
