/**
 * Time and order of everything: one queue of what happens at which virtual millisecond. Nothing waits for real time and nothing
 * is random but by the seed, so the same seed is the same history. Between two happenings all that follows from the first
 * without waiting is let happen.
 */
import { createHash } from 'node:crypto';
import { Chance } from './chance.ts';

interface Happening {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** Turns of the event loop in which what one happening sets off comes to rest. */
const settlingTurns = 12;
export const epochMs = Date.UTC(2026, 0, 1);

const turn = (): Promise<void> => new Promise(resolve => void setImmediate(resolve));

export class World {
  readonly seed: number;
  readonly chance: Chance;
  nowMs = 0;
  readonly #queue: Happening[] = [];
  #made = 0;
  readonly #trace = createHash('sha256');
  /** What happened, for people. */
  readonly told: string[] = [];

  constructor(seed: number) {
    this.seed = seed;
    this.chance = new Chance(seed);
  }

  tell(text: string): void {
    const line = `${String(this.nowMs).padStart(7)} ${text}`;
    this.told.push(line);
    this.#trace.update(`${line}\n`);
  }

  /** The same for the same history. */
  get fingerprint(): string {
    return this.#trace.copy().digest('hex');
  }

  /** Answers how to call it off. Of happenings of one millisecond chance says which comes first. */
  after(delayMs: number, run: () => void): () => void {
    const happening = { atMs: this.nowMs + delayMs, order: this.chance.below(1000) * 2 ** 32 + this.#made++, run };
    this.#insert(happening);
    return () => {
      const at = this.#queue.indexOf(happening);
      if (at >= 0) this.#queue.splice(at, 1);
    };
  }

  #insert(happening: Happening): void {
    let at = this.#queue.length;
    while (at > 0 && isBefore(happening, this.#queue[at - 1] as Happening)) at--;
    this.#queue.splice(at, 0, happening);
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise(resolve => void this.after(delayMs, resolve));
  }

  /** Until `done`, or for so much virtual time; answers whether it was done. */
  async run(limitMs: number, done: () => boolean = () => false): Promise<boolean> {
    const endMs = this.nowMs + limitMs;
    await this.#settle();
    while (!done()) {
      const [next] = this.#queue;
      if (next === undefined || next.atMs > endMs) {
        this.nowMs = endMs;
        return done();
      }
      this.#queue.shift();
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.run();
      await this.#settle();
    }
    return true;
  }

  async #settle(): Promise<void> {
    for (let count = 0; count < settlingTurns; count++) await turn();
  }
}

const isBefore = (one: Happening, other: Happening): boolean =>
  one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
