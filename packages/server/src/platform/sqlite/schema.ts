/**
 * The file of a store. `records` is a rowid table: rows of about 1 KiB lie whole in the leaves of the table, in the order
 * they were made, and only the short keys in those of the index (a table without rowids needs overflow pages for such
 * rows and twice the CPU). Keys are BLOBs: compared by memcmp. Pages of 4,096 bytes: a page dirtied by a single row is
 * written whole. `changes` has one row for each transaction, compacted by count; the head is its last revision.
 */
import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** 'Cofr', in the header of the file. */
const applicationId = 0x436f6672;
/** Grows when an older version could not read the file any more. */
export const storeFormat = 1;
const pageBytes = 4_096;
const writerCacheKib = 8_192;
const readerCacheKib = 8_192;
/** How long a foreign lock, as of a backup, is waited for. */
export const busyTimeoutMs = 5_000;

const tables = `
  CREATE TABLE records (
    id INTEGER PRIMARY KEY,
    key BLOB NOT NULL UNIQUE,
    revision INTEGER NOT NULL,
    value BLOB NOT NULL
  ) STRICT;
  CREATE TABLE changes (
    first INTEGER PRIMARY KEY,
    count INTEGER NOT NULL,
    entries BLOB NOT NULL
  ) STRICT;
  PRAGMA application_id = ${applicationId};
  PRAGMA user_version = ${storeFormat};
`;

const pragma = (db: DatabaseSync, name: string): number => {
  const row = db.prepare(`PRAGMA ${name}`).get();
  return Number(row?.[name] ?? 0);
};

/** Pages of the write-ahead log. While there are some, the end of the file may still be to come. */
const pagesInLog = (db: DatabaseSync): number => Number(db.prepare('PRAGMA wal_checkpoint(NOOP)').get()?.['log'] ?? 0);

/** A complaint in words for people about the file as it is; undefined where it can be used. */
export const complaint = (db: DatabaseSync, path: string): string | undefined => {
  const application = pragma(db, 'application_id');
  const format = pragma(db, 'user_version');
  if (application !== applicationId) return `The file ${path} is a SQLite database, but not a store.`;
  if (statSync(path).size % pageBytes !== 0 && pagesInLog(db) === 0)
    return `The store ${path} is damaged or truncated.`;
  if (format > storeFormat) {
    return `The store ${path} has format ${format}; this version reads up to ${storeFormat}. Use the newer version.`;
  }
  return undefined;
};

const isEmpty = (db: DatabaseSync): boolean => db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined;

/** Opens the file for writing and creates the tables of a new store. Throws SQLite's errors. */
export const openForWriting = (path: string): DatabaseSync => {
  const db = new DatabaseSync(path, { timeout: busyTimeoutMs });
  db.exec(`PRAGMA page_size = ${pageBytes}; PRAGMA cache_size = -${writerCacheKib}; PRAGMA temp_store = MEMORY;
    PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;`);
  const fresh = isEmpty(db) && pragma(db, 'application_id') === 0;
  // Whatever wrote the file, only a store of a known format is changed.
  if (!fresh && complaint(db, path) !== undefined) return db;
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;');
  if (fresh) db.exec(`BEGIN IMMEDIATE; ${tables} COMMIT;`);
  return db;
};

export const openForReading = (path: string): DatabaseSync => {
  const db = new DatabaseSync(path, { readOnly: true, timeout: busyTimeoutMs });
  db.exec(`PRAGMA cache_size = -${readerCacheKib}; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;`);
  return db;
};

/** A connection that moves the write-ahead log into the file, and never commits. Waits for nobody. */
export const openForMoving = (path: string): DatabaseSync => {
  const db = new DatabaseSync(path, { timeout: 0 });
  db.exec('PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -64;');
  return db;
};
