/**
 * Keys that wait to be worked on. A key waits once however often it is added, is worked on by one worker at a time, and
 * is worked on again where it was added meanwhile. In each lane the groups have their turns, and in each group who came
 * first; what presses less gives way, and still gets its share. Work that hangs keeps no worker from the rest. Keys are names of objects in caches: there are as many as there are objects.
 */
import type { Clock } from '../../../contracts/clock.ts';
import type { BackOff } from './back-off.ts';
import { DueTimes } from './due-times.ts';
import { FairLane } from './fair-lane.ts';

/** What becomes of a key: it comes again after a while, only when added, or after its back-off. */
export type Next = { readonly afterMs: number } | 'done' | 'failed';

export interface WorkQueueParts {
  readonly clock: Pick<Clock, 'after' | 'monotonic'>;
  readonly concurrency: number;
  readonly backOff: BackOff;
  /** Whose it is: its namespace. */
  readonly groupOf: (key: string) => string;
  readonly work: (key: string) => Promise<Next>;
  /** `work` rejected: a fault; the key is taken as failed. */
  readonly fault: (key: string, cause: unknown) => void;
}

/** What presses most comes first. */
const lanes = ['urgent', 'usual', 'routine'] as const;
export type Lane = (typeof lanes)[number];

/** Keys of one lane in a row after which one that presses less has its turn. */
const inRowLimit = 4;

/** After so long a work is taken to wait for somebody, and another one may begin beside it. */
const patienceMs = 1000;
/** Works that wait for somebody; where there are more, they count as any other. */
const hangingLimit = 512;

const pressesMore = (a: Lane, b: Lane): boolean => lanes.indexOf(a) < lanes.indexOf(b);

export class WorkQueue {
  readonly #parts: WorkQueueParts;
  readonly #lanes: { readonly [L in Lane]: FairLane };
  readonly #inRow: { [L in Lane]: number } = { urgent: 0, usual: 0, routine: 0 };
  readonly #running = new Set<string>();
  /** Of those that run. */
  readonly #hanging = new Set<string>();
  readonly #again = new Map<string, Lane>();
  readonly #due = new DueTimes();
  #isStarted = false;
  #stopped = false;
  #cancelTimer: () => void = () => {};
  #timerAtMs: number | undefined;
  #idle: () => void = () => {};

  constructor(parts: WorkQueueParts) {
    this.#parts = parts;
    const lane = (): FairLane => new FairLane(parts.groupOf);
    this.#lanes = { urgent: lane(), usual: lane(), routine: lane() };
  }

  /** How many wait for a worker. */
  get waiting(): number {
    return lanes.reduce((sum, lane) => sum + this.#lanes[lane].size, 0);
  }

  /** Where it waits already, it waits with what presses more. */
  add(key: string, lane: Lane = 'usual'): void {
    if (this.#stopped) return;
    if (this.#running.has(key)) {
      const again = this.#again.get(key);
      if (again === undefined || pressesMore(lane, again)) this.#again.set(key, lane);
      return;
    }
    const waits = lanes.find(one => this.#lanes[one].has(key));
    if (waits === undefined || pressesMore(lane, waits)) {
      if (waits !== undefined) this.#lanes[waits].delete(key);
      this.#lanes[lane].add(key);
    }
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
    while (this.#isStarted && !this.#stopped && this.#busy() < this.#parts.concurrency) {
      const key = this.#take();
      if (key === undefined) return;
      this.#running.add(key);
      this.#due.delete(key);
      void this.#run(key);
    }
  }

  #busy(): number {
    return this.#running.size - this.#hanging.size;
  }

  #hangs(key: string): void {
    if (this.#hanging.size >= hangingLimit) return;
    this.#hanging.add(key);
    this.#fill();
  }

  #take(): string | undefined {
    for (const lane of lanes) {
      if (this.#lanes[lane].size === 0 || this.#givesWay(lane)) continue;
      this.#inRow[lane] += 1;
      return this.#lanes[lane].take();
    }
    return undefined;
  }

  /** It has had its row, and there are others. */
  #givesWay(lane: Lane): boolean {
    const others = lanes.some(other => pressesMore(lane, other) && this.#lanes[other].size > 0);
    if (!others || this.#inRow[lane] < inRowLimit) return false;
    this.#inRow[lane] = 0;
    return true;
  }

  async #run(key: string): Promise<void> {
    const cancel = this.#parts.clock.after(patienceMs, () => this.#hangs(key));
    const next = await this.#work(key);
    cancel();
    this.#running.delete(key);
    this.#hanging.delete(key);
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
