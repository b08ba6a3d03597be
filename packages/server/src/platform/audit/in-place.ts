/**
 * Whether bytes for a file are written by the thread that has them. To the memory that a local file system keeps of its files
 * that takes microseconds, where handing them to another thread and back takes several times as long. What may hang, such as a
 * network's file system or a pipe, is left to the other threads; a local disk that was slow is left to them for a while, longer each
 * time, as one write may have waited for the processor and not for the disk.
 */
import type { FileHandle } from 'node:fs/promises';
import { statfs } from 'node:fs/promises';
import type { Clock } from '../../contracts/clock.ts';

/** `f_type` of statfs(2), as `linux/magic.h` numbers them. Other systems number theirs otherwise and are not in this list. */
const local: ReadonlyMap<number, string> = new Map([
  [0xef_53, 'ext4'],
  [0x58_46_53_42, 'xfs'],
  [0x91_23_68_3e, 'btrfs'],
  [0xf2_f5_20_10, 'f2fs'],
  [0x01_02_19_94, 'tmpfs'],
  [0x79_4c_76_30, 'overlay'],
]);

/** A write that took so long met more than memory. */
export const slowMs = 20;
/** For so long it is left to the others: doubled where it is slow again before the longest time is over. */
export const restFirstMs = 1_000;
export const restLongestMs = 60_000;

const isLocalFile = async (handle: FileHandle, path: string): Promise<boolean> => {
  if (process.platform !== 'linux' || !(await handle.stat()).isFile()) return false;
  const { type } = await statfs(path);
  return local.has(type);
};

export class InPlace {
  readonly #clock: Clock;
  #isLocal = false;
  #slowUntilMs = Number.NEGATIVE_INFINITY;
  #restMs = restFirstMs;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** To be told of every file before it is written to. What cannot be found out counts as what may hang. */
  async look(handle: FileHandle, path: string): Promise<void> {
    this.#isLocal = await isLocalFile(handle, path).catch(() => false);
  }

  get isDue(): boolean {
    return this.#isLocal && this.#clock.monotonic() >= this.#slowUntilMs;
  }

  /** Runs a write in place, and sees how long it takes. */
  run<T>(write: () => T): T {
    const startedMs = this.#clock.monotonic();
    try {
      return write();
    } finally {
      const endedMs = this.#clock.monotonic();
      if (endedMs - startedMs >= slowMs) this.#rest(startedMs, endedMs);
    }
  }

  #rest(startedMs: number, endedMs: number): void {
    const isCalm = startedMs - this.#slowUntilMs >= restLongestMs;
    this.#restMs = isCalm ? restFirstMs : Math.min(restLongestMs, 2 * this.#restMs);
    this.#slowUntilMs = endedMs + this.#restMs;
  }
}
