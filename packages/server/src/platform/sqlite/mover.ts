/**
 * The thread that moves the write-ahead log into the file, as far as readers let it, while the writer goes on. What it has moved is
 * synced before it says so.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { failureOf } from './failure.ts';
import type { FromMover, MoverOptions, ToMover } from './messages.ts';
import { openForMoving } from './schema.ts';

const { path } = workerData as MoverOptions;
const say = (message: FromMover): void => parentPort?.postMessage(message, []);

let open: { readonly db: DatabaseSync; readonly moving: StatementSync } | undefined;

const opened = () => {
  const db = openForMoving(path);
  return { db, moving: db.prepare('PRAGMA wal_checkpoint(PASSIVE)') };
};

const move = (): void => {
  try {
    open ??= opened();
    open.moving.get();
    say({ kind: 'moved', failure: undefined });
  } catch (error) {
    say({ kind: 'moved', failure: failureOf(error, path) });
  }
};

const close = (): void => {
  open?.db.close();
  parentPort?.close();
};

parentPort?.on('message', (message: ToMover) => (message === 'move' ? move() : close()));
