/**
 * Which versions have opened this store, each since when: noted once, when a version opens it first. As many records as there
 * were versions.
 */
import type { Clock } from '../../contracts/clock.ts';
import type { MountStorage } from '../../contracts/engine.ts';
import { Collection } from '../barrier/collection.ts';
import { plainShape } from '../barrier/plain-shape.ts';

interface Opened {
  readonly sinceMs: number;
}

export interface KnownVersion extends Opened {
  readonly version: string;
  /** The one noted before it. */
  readonly previous: string | undefined;
}

export class VersionHistory {
  readonly #storage: MountStorage;
  readonly #records: Collection<Opened>;
  readonly #clock: Clock;

  constructor(storage: MountStorage, clock: Clock) {
    this.#storage = storage;
    this.#clock = clock;
    this.#records = new Collection<Opened>(storage, 'version/', plainShape('version'));
  }

  async note(version: string): Promise<void> {
    if ((await this.#records.get(version)) !== undefined) return;
    const write = this.#records.put(version, { sinceMs: this.#clock.now() });
    // Whoever notes it at the same time has noted it.
    await this.#storage.commit({ checks: [this.#records.check(version, 'absent')], writes: [write] });
  }

  /** The oldest first. */
  async list(): Promise<readonly KnownVersion[]> {
    const all = (await this.#records.list()).toSorted((a, b) => a.record.sinceMs - b.record.sinceMs);
    return all.map(({ id, record }, at) => ({ version: id, sinceMs: record.sinceMs, previous: all[at - 1]?.id }));
  }
}
