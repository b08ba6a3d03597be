/**
 * Mounts at rest. Beside each mount's record stands one keyed by its path, written in the same commit, so that storage
 * itself holds that a path has one mount. A mount that is being removed has given its path up.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { MountStorage } from '../../contracts/engine.ts';
import type { Check, Write } from '../../contracts/storage.ts';
import { Collection, type Held } from '../barrier/collection.ts';
import { plainShape } from '../barrier/plain-shape.ts';
import type { MountRecord } from './mount.ts';
import { routePrefix } from './paths.ts';

/** Written with every path that is taken: that no mount stands inside another is judged by all of them at once. */
export const layoutKey = 'mount-layout/now';
const marker = new Uint8Array([1]);

/** Undefined where paths were taken meanwhile that are not known here: nothing was written. */
export type Placed = number | undefined;

/** Whose path it is. */
interface PathOwner {
  readonly id: string;
}

export const mountRecords = (storage: MountStorage): Collection<MountRecord> =>
  new Collection<MountRecord>(storage, 'mount/', plainShape('mount', ['options', 'upgradingTo']));

const taken: Write = { key: layoutKey, value: marker };

const pathId = (record: MountRecord): string => `${record.class}/${record.path}`;

export class MountRecords {
  readonly #storage: MountStorage;
  readonly #records: Collection<MountRecord>;
  readonly #paths: Collection<PathOwner>;
  /** Revision of the last path that was taken, as far as is known here; 0 where none was. */
  #layout = 0;

  constructor(storage: MountStorage) {
    this.#storage = storage;
    this.#records = mountRecords(storage);
    this.#paths = new Collection<PathOwner>(storage, 'mount-path/', plainShape('mount path'));
  }

  /** Before the mounts are read. */
  async loadLayout(): Promise<void> {
    this.#layout = (await this.#storage.get(layoutKey))?.revision ?? 0;
  }

  /** Every path that was taken up to this revision is known here. */
  followLayout(revision: number): void {
    this.#layout = Math.max(this.#layout, revision);
  }

  #layoutCheck(): Check {
    return { key: layoutKey, expect: this.#layout === 0 ? 'absent' : this.#layout };
  }

  ids(): Promise<readonly string[]> {
    return this.#records.ids();
  }

  async get(id: string): Promise<Held<MountRecord> | undefined> {
    return this.#records.get(id);
  }

  /** Answers the revision it is stored in. */
  add(record: MountRecord): Promise<Placed> {
    return this.#commit(record, {
      checks: [
        this.#records.check(record.id, 'absent'),
        this.#paths.check(pathId(record), 'absent'),
        this.#layoutCheck(),
      ],
      writes: [this.#records.put(record.id, record), this.#paths.put(pathId(record), { id: record.id }), taken],
    });
  }

  /** `before` is what the change was made from: another revision refuses it. Answers the new one. */
  change(before: Held<MountRecord>, next: MountRecord): Promise<Placed> {
    const from = pathId(before.record);
    const to = pathId(next);
    const leaves = next.leaving === true || from !== to;
    const arrives = next.leaving !== true && from !== to;
    return this.#commit(next, {
      checks: [
        this.#records.check(next.id, before.revision),
        ...(arrives ? [this.#paths.check(to, 'absent'), this.#layoutCheck()] : []),
      ],
      writes: [
        this.#records.put(next.id, next),
        ...(leaves ? [this.#paths.remove(from)] : []),
        ...(arrives ? [this.#paths.put(to, { id: next.id }), taken] : []),
      ],
    });
  }

  /** Of a mount that has left. */
  async remove(id: string): Promise<void> {
    await this.#storage.commit({ writes: [this.#records.remove(id)] });
  }

  /** Whether the record's path is its own; a path that nobody owns is taken. */
  async claim(record: MountRecord): Promise<boolean> {
    const held = await this.#paths.get(pathId(record));
    if (held?.record.id === record.id) return true;
    if (held !== undefined && (await this.#records.get(held.record.id)) !== undefined) return false;
    const result = await this.#storage.commit({
      checks: [this.#paths.check(pathId(record), held?.revision ?? 'absent')],
      writes: [this.#paths.put(pathId(record), { id: record.id })],
    });
    return result.ok;
  }

  async #commit(record: MountRecord, changes: { checks: Check[]; writes: Write[] }): Promise<Placed> {
    const result = await this.#storage.commit(changes);
    if (result.ok) {
      if (changes.writes.includes(taken)) this.#layout = Math.max(this.#layout, result.revision);
      return result.revision;
    }
    if (result.failed.key === layoutKey) return undefined;
    if (result.failed.expect === 'absent')
      throw new CofferError('invalid_request', `path is already in use at ${routePrefix(record.class, record.path)}`);
    throw new CofferError('conflict', `mount ${record.path} was changed by somebody else at the same time`);
  }
}
