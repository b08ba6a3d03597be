/** Opens the storage that the configuration names: one row for each kind. */
import type { CofferError } from '@coffer/schema/errors.ts';
import type { Log } from '../../contracts/log.ts';
import type { SharedStorage, Storage, StorageCopies, StorageLife } from '../../contracts/storage.ts';
import { realClock } from '../../platform/clock/real.ts';
import { openMemoryStore } from '../../platform/memory/store.ts';
import { openSqliteStore } from '../../platform/sqlite/store.ts';
import type { StorageSettings } from '../configuration/configuration.ts';

export interface OpenedStorage extends Storage, StorageLife, StorageCopies, Partial<SharedStorage> {}

export interface StorageHost {
  readonly log: Log;
  /** The process must end. */
  readonly fatal: (error: CofferError) => void;
  /** Added to each group of commits where the storage syncs by itself, to measure what slow disks do. */
  readonly fsyncDelayMs: number;
}

type Of<K extends StorageSettings['type']> = Extract<StorageSettings, { readonly type: K }>;

interface Kind<K extends StorageSettings['type']> {
  readonly open: (settings: Of<K>, host: StorageHost) => Promise<OpenedStorage>;
  /** Of this machine, that fill up. */
  readonly folders: (settings: Of<K>) => readonly string[];
}

const kinds: { readonly [K in StorageSettings['type']]: Kind<K> } = {
  inmem: { open: async () => openMemoryStore(), folders: () => [] },
  sqlite: {
    open: ({ path }, host) => openSqliteStore({ path, clock: realClock(), ...host }),
    folders: ({ path }) => [path.slice(0, path.lastIndexOf('/') + 1) || '.'],
  },
  postgresql: {
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

export const openStorage = (settings: StorageSettings, host: StorageHost): Promise<OpenedStorage> =>
  kindOf(settings).open(settings, host);

export const storageFolders = (settings: StorageSettings): readonly string[] => kindOf(settings).folders(settings);
