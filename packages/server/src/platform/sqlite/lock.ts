/**
 * One process for one store: an exclusive lock on `<path>.lock`, held by SQLite as a lock of the operating system, so it
 * ends with the process, however that ends. The lock file stays and is always empty.
 */
import { DatabaseSync } from 'node:sqlite';

/** Throws SQLite's error `busy` where another process, or another store of this one, holds the lock. */
export const lockStore = (path: string): (() => void) => {
  const db = new DatabaseSync(`${path}.lock`, { timeout: 0 });
  try {
    db.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    throw error;
  }
  return () => db.close();
};
