/** Attempts against a server that may be away for a moment, with growing pauses, for as long as one is patient. */
import { setTimeout as wait } from 'node:timers/promises';
import { CofferError } from '@coffer/schema/errors.ts';
import { backOffFirstMs, backOffLastMs } from './bounds.ts';
import { failureOf, told } from './failure.ts';

export interface Patience {
  readonly ms: number;
  /** Ends it early. */
  readonly signal?: AbortSignal;
  /** At most so many; 0 or absent: as many as there is time for. */
  readonly attempts?: number;
}

/** Half of it by chance, so that many nodes do not come back at once. */
export const pauseOf = (attempt: number): number =>
  Math.min(backOffLastMs, backOffFirstMs * 2 ** Math.min(attempt, 16)) * (0.5 + Math.random() / 2);

export const pause = (attempt: number, signal?: AbortSignal): Promise<void> =>
  wait(pauseOf(attempt), undefined, { signal }).catch(() => undefined);

const isPassing = (cause: unknown): boolean => !(cause instanceof CofferError) && failureOf(cause).passing;

/** Rejects with what callers are told. */
export const patiently = async <T>({ ms, signal, attempts = 0 }: Patience, attempt: () => Promise<T>): Promise<T> => {
  const endMs = performance.now() + ms;
  for (let made = 0; ; made++) {
    try {
      return await attempt();
    } catch (cause) {
      const isLast = performance.now() > endMs || made + 1 === attempts || signal?.aborted === true;
      if (isLast || !isPassing(cause)) throw told(cause);
    }
    await pause(made, signal);
  }
};
