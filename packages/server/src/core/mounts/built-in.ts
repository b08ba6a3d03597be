/**
 * The core's own mounts: `sys/` and `auth/token/`. They are always there and cannot be moved or removed, but what
 * callers set of them is kept, in a record each.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { MountStorage } from '../../contracts/engine.ts';
import { Collection } from '../barrier/collection.ts';
import { plainShape } from '../barrier/plain-shape.ts';
import type { Mount, MountRecord } from './mount.ts';

type Settings = Pick<MountRecord, 'description' | 'config'>;

const withSettings = (mount: Mount, { description, config }: Settings): Mount => ({
  ...mount,
  record: { ...mount.record, description, config: { ...mount.record.config, ...config } },
});

export class BuiltInMounts {
  readonly #storage: MountStorage;
  readonly #settings: Collection<Settings>;
  /** In which revision of its settings each serves, or 0. */
  readonly #revisions = new Map<string, number>();
  /** As they are where nobody has set anything. */
  readonly plain: readonly Mount[];

  constructor(storage: MountStorage, plain: readonly Mount[]) {
    this.#storage = storage;
    this.#settings = new Collection<Settings>(storage, 'mount-own/', plainShape('settings of an own mount'));
    this.plain = plain;
  }

  has({ id }: MountRecord): boolean {
    return this.plain.some(mount => mount.record.id === id);
  }

  /** With what has been set of them. */
  load(): Promise<readonly Mount[]> {
    this.#revisions.clear();
    return this.changed();
  }

  /** Those whose settings are not as they were loaded or changed here. */
  async changed(): Promise<readonly Mount[]> {
    const found: Mount[] = [];
    for (const mount of this.plain) {
      const { id } = mount.record;
      const held = await this.#settings.get(id);
      if (this.#revisions.get(id) === (held?.revision ?? 0)) continue;
      this.#revisions.set(id, held?.revision ?? 0);
      found.push(held === undefined ? mount : withSettings(mount, held.record));
    }
    return found;
  }

  /** Keeps what `change` makes of the settings; answers the mount that serves from now on. */
  async change(mount: Mount, change: (record: MountRecord) => MountRecord): Promise<Mount> {
    const { id } = mount.record;
    const held = await this.#settings.get(id);
    const { description, config } = change(mount.record);
    const result = await this.#storage.commit({
      checks: [this.#settings.check(id, held?.revision ?? 'absent')],
      writes: [this.#settings.put(id, { description, config })],
    });
    if (!result.ok)
      throw new CofferError('conflict', `mount ${mount.prefix} was changed by somebody else at the same time`);
    this.#revisions.set(id, result.revision);
    return withSettings(mount, { description, config });
  }
}
