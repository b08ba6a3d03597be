/**
 * A machine that a node runs on: its clocks, and whether anything on it goes on. One that is dead does nothing ever again: what
 * its process was waiting for does not come. One that is stopped does later what it should have done meanwhile.
 */
import type { Clock } from '@coffer/server/contracts/clock.ts';
import { epochMs, type World } from './world.ts';

export class Machine implements Clock {
  readonly #world: World;
  #isDead = false;
  #isStopped = false;
  readonly #held: (() => void)[] = [];
  /** Wall minus true time. */
  #wallOffMs = 0;
  /** For so long the monotonic clock stood still. */
  #stoodMs = 0;

  constructor(world: World) {
    this.#world = world;
  }

  now(): number {
    return epochMs + this.#world.nowMs + this.#wallOffMs;
  }

  monotonic(): number {
    return this.#world.nowMs - this.#stoodMs;
  }

  after(delayMs: number, task: () => void): () => void {
    let isOff = false;
    const cancel = this.#world.after(delayMs, () => this.act(() => (isOff ? undefined : task())));
    return () => {
      isOff = true;
      cancel();
    };
  }

  /** Something reaches the machine. */
  act(run: () => void): void {
    if (this.#isDead) return;
    if (this.#isStopped) this.#held.push(run);
    else run();
  }

  /** `run` happens here after that time; the answer never comes on a dead machine. */
  arrive<T>(delayMs: number, run: () => T | Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#world.after(delayMs, () => this.act(() => void Promise.try(run).then(resolve, reject)));
    });
  }

  /** Of a whole machine that is stopped the monotonic clock stands still; of a process it goes on. */
  stop(kind: 'process' | 'machine', forMs: number): void {
    if (this.#isDead || this.#isStopped) return;
    this.#isStopped = true;
    this.#world.after(forMs, () => {
      if (kind === 'machine') this.#stoodMs += forMs;
      this.#isStopped = false;
      for (const run of this.#held.splice(0)) this.act(run);
    });
  }

  jump(ms: number): void {
    this.#wallOffMs += ms;
  }

  die(): void {
    this.#isDead = true;
    this.#held.length = 0;
  }
}
