/** Waiting between tries: doubling, bounded, each with chance in it, so that many clients do not come back together. */
import type { Clock } from '../../contracts/clock.ts';
import type { Random } from '../../contracts/random.ts';

/** From 0 up to, and without, 1. */
export const chance = (random: Random): number => {
  const [high = 0, low = 0] = random.bytes(2);
  return (high * 256 + low) / 65_536;
};

export interface BackOff {
  readonly firstMs: number;
  readonly limitMs: number;
}

/** After the try of this number, counted from 0: between a half and the whole of the doubled delay. */
export const backOffMs = ({ firstMs, limitMs }: BackOff, attempt: number, random: Random): number => {
  const wholeMs = Math.min(firstMs * 2 ** Math.min(attempt, 30), limitMs);
  return Math.round(wholeMs * (0.5 + chance(random) / 2));
};

/** As long as the server asks, and up to a quarter longer. */
export const askedMs = (seconds: number, random: Random): number =>
  Math.round(seconds * 1_000 * (1 + chance(random) / 4));

const dayMs = 86_400_000;

/** Resolves after the time, or once the signal is aborted. Unlike a clock's timer, it keeps the process alive. */
export const pause = (clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> => {
  if (signal?.aborted === true) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  const alive = setInterval(() => undefined, dayMs);
  const cancel = clock.after(delayMs, resolve);
  const stop = (): void => resolve();
  signal?.addEventListener('abort', stop, { once: true });
  return promise.finally(() => {
    clearInterval(alive);
    cancel();
    signal?.removeEventListener('abort', stop);
  });
};
