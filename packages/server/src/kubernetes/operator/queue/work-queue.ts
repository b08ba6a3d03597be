/**
 * Keys that wait to be worked on. A key waits once however often it is added, is worked on by one worker at a time, and
 * is worked on again where it was added meanwhile. First come, first served; what is only routine gives way, and still
 * gets its share. Keys are names of objects in caches: there are as many as there are objects.
 */
import type { Clock } from '../../../contracts/clock.ts';
import type { BackOff } from './back-off.ts';
import { DueTimes } from './due-times.ts';

/** What becomes of a key: it comes again after a while, only when added, or after its back-off. */
export type Next = { readonly afterMs: number } | 'done' | 'failed';

export interface WorkQueueParts {
  readonly clock: Pick<Clock, 'after' | 'monotonic'>;
  readonly concurrency: number;
  readonly backOff: BackOff;
  readonly work: (key: string) => Promise<Next>;
  /** `work` rejected: a fault; the key is taken as failed. */
  readonly fault: (key: string, cause: unknown) => void;
}

export type Lane = 'urgent' | 'routine';

/** Urgent keys in a row after which a routine one has its turn. */
const urgentInRow = 4;

export class WorkQueue {
  readonly #parts: WorkQueueParts;
  readonly #lanes: { readonly [L in Lane]: Set<string> } = { urgent: new Set(), routine: new Set() };
  readonly #running = new Set<string>();
  readonly #again = new Map<string, Lane>();
  readonly #due = new DueTimes();
  #inRow = 0;
  #isStarted = false;
  #stopped = false;
  #cancelTimer: () => void = () => {};
  #timerAtMs: number | undefined;
  #idle: () => void = () => {};

  constructor(parts: WorkQueueParts) {
    this.#parts = parts;
  }

  /** How many wait for a worker. */
  get waiting(): number {
    return this.#lanes.urgent.size + this.#lanes.routine.size;
  }

  add(key: string, lane: Lane = 'urgent'): void {
    if (this.#stopped) return;
    if (this.#running.has(key)) {
      if (this.#again.get(key) !== 'urgent') this.#again.set(key, lane);
      return;
    }
    if (lane === 'urgent') this.#lanes.routine.delete(key);
    if (!this.#lanes.urgent.has(key)) this.#lanes[lane].add(key);
    this.#fill();
  }

  /** From here on it is worked: what is added before waits. */
  start(): void {
    this.#isStarted = true;
    this.#fill();
  }

  /** Keeps the earlier time where the key is due already. */
  addAfter(key: string, delayMs: number): void {
    if (this.#stopped) return;
    this.#due.set(key, this.#parts.clock.monotonic() + delayMs);
    this.#arm();
  }

  /** The key is no more: nothing of it is kept. */
  forget(key: string): void {
    this.#due.delete(key);
    this.#parts.backOff.forget(key);
  }

  /** Starts nothing more; resolves once what is under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer();
    if (this.#running.size > 0) await new Promise<void>(resolve => (this.#idle = resolve));
  }

  #fill(): void {
    while (this.#isStarted && !this.#stopped && this.#running.size < this.#parts.concurrency) {
      const key = this.#take();
      if (key === undefined) return;
      this.#running.add(key);
      this.#due.delete(key);
      void this.#run(key);
    }
  }

  #take(): string | undefined {
    const { urgent, routine } = this.#lanes;
    const isRoutinesTurn = routine.size > 0 && (urgent.size === 0 || this.#inRow >= urgentInRow);
    const lane = isRoutinesTurn ? routine : urgent;
    const [key] = lane;
    if (key === undefined) return undefined;
    lane.delete(key);
    this.#inRow = isRoutinesTurn ? 0 : this.#inRow + 1;
    return key;
  }

  async #run(key: string): Promise<void> {
    const next = await this.#work(key);
    this.#running.delete(key);
    const again = this.#again.get(key);
    this.#again.delete(key);
    if (next !== 'failed') this.#parts.backOff.forget(key);
    if (again !== undefined) this.add(key, again);
    else if (next === 'failed') this.addAfter(key, this.#parts.backOff.failed(key));
    else if (next !== 'done') this.addAfter(key, next.afterMs);
    if (this.#running.size === 0) this.#idle();
    this.#fill();
  }

  async #work(key: string): Promise<Next> {
    try {
      return await this.#parts.work(key);
    } catch (cause) {
      this.#parts.fault(key, cause);
      return 'failed';
    }
  }

  /** One timer for all that is due later. */
  #arm(): void {
    const first = this.#due.first();
    if (first === this.#timerAtMs || this.#stopped) return;
    this.#cancelTimer();
    this.#timerAtMs = first;
    if (first === undefined) return;
    this.#cancelTimer = this.#parts.clock.after(Math.max(0, first - this.#parts.clock.monotonic()), () => {
      this.#timerAtMs = undefined;
      const nowMs = this.#parts.clock.monotonic();
      for (let key = this.#due.take(nowMs); key !== undefined; key = this.#due.take(nowMs)) this.add(key, 'routine');
      this.#arm();
    });
  }
}
