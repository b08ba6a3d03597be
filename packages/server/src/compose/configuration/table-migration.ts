/** Keys of the file that `coffer operator migrate` reads: where a store is, and where it is to be. */
import { type KeyRow, rows } from './key-row.ts';

export const migrationRows: readonly KeyRow[] = [
  ...rows('migration', 'honoured', [
    ['storage_source', 'block', 'where the store is: as `storage`, such as `storage_source "sqlite" { … }`'],
    ['storage_destination', 'block', 'where it is to be, which must be empty: as `storage`'],
  ]),
  ...rows('migration', 'warning', [['cluster_addr', 'text', 'storages have no members of their own']]),
];
