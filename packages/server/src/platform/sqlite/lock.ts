/**
 * One process for one store: an exclusive lock on `<path>.lock`, held by SQLite as a lock of the operating system, so it
 * ends with the process, however that ends. The lock file stays, and remembers that there was a store beside it.
 */
import { DatabaseSync } from 'node:sqlite';

export interface StoreLock {
  /** A store with commits was opened here before. */
  readonly wasUsed: boolean;
  /** From now on an empty store here is one that was lost. */
  markUsed(): void;
  release(): void;
}

/** Throws SQLite's error `busy` where another process, or another store of this one, holds the lock. */
export const lockStore = (path: string): StoreLock => {
  const db = new DatabaseSync(`${path}.lock`, { timeout: 0 });
  try {
    // In this mode the lock outlives the transaction that took it.
    db.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT');
    return {
      wasUsed: db.prepare('PRAGMA user_version').get()?.['user_version'] !== 0,
      markUsed: () => db.exec('PRAGMA user_version = 1'),
      release: () => db.close(),
    };
  } catch (error) {
    db.close();
    throw error;
  }
};
