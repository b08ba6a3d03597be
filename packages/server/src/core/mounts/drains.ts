/**
 * Waits until nobody works in a mount as it was before a change: here, and on every other node that serves the store. Each
 * node tells the others up to which revision that is so with it.
 */
import type { Clock } from '../../contracts/clock.ts';
import type { Log } from '../../contracts/log.ts';
import type { Mount } from './mount.ts';

/** Longest that a removal or an upgrade waits for the requests inside. */
const drainMs = 30_000;

/** The nodes that serve the same store. */
export interface OtherNodes {
  /** There are none: what was interrupted is nobody's work. */
  readonly isAlone: boolean;
  /** Resolves when what others wrote until now is known here, or will not be. */
  catchUp(): Promise<unknown>;
  /** Whether on all of them nobody works in mounts as they were before this revision, at the latest after `limitMs`. */
  settled(revision: number, limitMs: number): Promise<boolean>;
}

export interface DrainsParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly others: Pick<OtherNodes, 'settled'>;
  /** Nobody is inside any more. */
  readonly settled: () => void;
}

export class Drains {
  readonly #parts: DrainsParts;
  /** Replaced or gone, with requests inside. */
  readonly #open = new Set<Mount>();

  constructor(parts: DrainsParts) {
    this.#parts = parts;
  }

  /** Requests are only in mounts as they are now. */
  get isSettled(): boolean {
    return this.#open.size === 0;
  }

  /** It serves no more, or not as it did. */
  replaced(mount: Mount): void {
    if (mount.running.count === 0) return;
    this.#open.add(mount);
    void mount.running.drained().then(() => {
      this.#open.delete(mount);
      if (this.isSettled) this.#parts.settled();
    });
  }

  /**
   * The mount serves no more since this revision: waits until the requests inside are through, on every node, but not for
   * ever. Answers whether they are.
   */
  async drained(mount: Mount, revision: number): Promise<boolean> {
    const { clock, log, others } = this.#parts;
    const { promise: late, resolve } = Promise.withResolvers<'late'>();
    const stop = clock.after(drainMs, () => resolve('late'));
    const outcome = await Promise.race([mount.running.drained(), late]);
    stop();
    const isThrough = outcome !== 'late' && (await others.settled(revision, drainMs));
    if (!isThrough)
      log.write('warn', 'requests are still running on a mount that is changing', {
        mount: mount.prefix,
        requests: mount.running.count,
      });
    return isThrough;
  }
}
