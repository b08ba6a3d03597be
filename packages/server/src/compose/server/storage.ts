/** Opens the storage that the configuration names: one row for each kind. */
import type { CofferError } from '@coffer/schema/errors.ts';
import type { Log } from '../../contracts/log.ts';
import type { SharedStorage, Storage, StorageCopies, StorageLife } from '../../contracts/storage.ts';
import { realClock } from '../../platform/clock/real.ts';
import { openMemoryStore } from '../../platform/memory/store.ts';
import type { SharedHead } from '../../platform/sqlite/shared-head.ts';
import { openSqliteStore } from '../../platform/sqlite/store.ts';
import type { StorageSettings } from '../configuration/configuration.ts';

export interface OpenedStorage extends Storage, StorageLife, StorageCopies, Partial<SharedStorage> {}

export interface StorageHost {
  readonly log: Log;
  /** The process must end. */
  readonly fatal: (error: CofferError) => void;
  /** Added to each group of commits where the storage syncs by itself, to measure what slow disks do. */
  readonly fsyncDelayMs: number;
  /** Other threads of this process read the storage as well. */
  readonly shared?: SharedHead | undefined;
}

type Of<K extends StorageSettings['type']> = Extract<StorageSettings, { readonly type: K }>;

interface Kind<K extends StorageSettings['type']> {
  readonly open: (settings: Of<K>, host: StorageHost) => Promise<OpenedStorage>;
  /** Several nodes may use it at once. */
  readonly isShared: boolean;
  /** Of this machine, that fill up. */
  readonly folders: (settings: Of<K>) => readonly string[];
}

const kinds: { readonly [K in StorageSettings['type']]: Kind<K> } = {
  inmem: { isShared: false, open: async () => openMemoryStore(), folders: () => [] },
  sqlite: {
    isShared: false,
    open: ({ path }, host) => openSqliteStore({ path, clock: realClock(), ...host }),
    folders: ({ path }) => [path.slice(0, path.lastIndexOf('/') + 1) || '.'],
  },
  postgresql: {
    isShared: true,
    open: async ({ target, table, skipCreate, attempts, parallel, idle }, { log, fatal }) => {
      // Loaded by those who use it.
      const { openPostgresStore } = await import('../../platform/postgres/store.ts');
      return openPostgresStore({
        target,
        table,
        skipCreate,
        attempts,
        log,
        fatal,
        ...(parallel === undefined ? {} : { parallel }),
        ...(idle === undefined ? {} : { idle }),
      });
    },
    folders: () => [],
  },
};

const kindOf = <K extends StorageSettings['type']>(settings: Of<K>): Kind<K> => kinds[settings.type];

/** The storage, where other nodes may write to it as well. */
export const sharedBy = (settings: StorageSettings, storage: OpenedStorage): SharedStorage | undefined => {
  if (!kindOf(settings).isShared) return undefined;
  const { moment } = storage;
  if (moment === undefined) throw new TypeError('a storage of several nodes does not say which its newest revision is');
  return { moment: () => moment.call(storage) };
};

/** Other processes can write to it at the same time. */
export const isShared = (settings: StorageSettings): boolean => kindOf(settings).isShared;

export const openStorage = (settings: StorageSettings, host: StorageHost): Promise<OpenedStorage> =>
  kindOf(settings).open(settings, host);

export const storageFolders = (settings: StorageSettings): readonly string[] => kindOf(settings).folders(settings);
