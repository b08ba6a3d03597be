/**
 * The thread that copies: one read transaction over all records, written to a file as fast as the disk takes it, so that the
 * write-ahead log is kept from being cut for no longer than that. Commits go on meanwhile.
 */
import { createHash } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { CofferError } from '@coffer/schema/errors.ts';
import { copyHead } from '../storage/copy-format.ts';
import { failureOf } from './failure.ts';
import type { CopierOptions, FromCopier } from './messages.ts';
import { openForReading } from './schema.ts';
import { checkRoom, lookEveryBytes, noRoom } from '../storage/spool.ts';

const bufferBytes = 1_048_576;
const ownerOnly = 0o600;

const { path, target } = workerData as CopierOptions;

class Output {
  readonly #file = openSync(target, 'wx', ownerOnly);
  readonly #hash = createHash('sha256');
  readonly #buffer = Buffer.allocUnsafe(bufferBytes);
  #held = 0;
  #looked = lookEveryBytes;
  bytes = 0;

  add(bytes: Uint8Array): void {
    if (this.#held + bytes.length > bufferBytes) this.#flush();
    if (bytes.length > bufferBytes) return this.#write(bytes);
    this.#buffer.set(bytes, this.#held);
    this.#held += bytes.length;
  }

  finish(): Uint8Array {
    this.#flush();
    closeSync(this.#file);
    return Uint8Array.from(this.#hash.digest());
  }

  #flush(): void {
    if (this.#held > 0) this.#write(this.#buffer.subarray(0, this.#held));
    this.#held = 0;
  }

  #write(bytes: Uint8Array): void {
    this.#looked += bytes.length;
    if (this.#looked >= lookEveryBytes) {
      checkRoom(target);
      this.#looked = 0;
    }
    this.#hash.update(bytes);
    this.bytes += bytes.length;
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
  }
}

const headOf = (db: DatabaseSync): number => {
  const sql = 'SELECT first + count - 1 AS head FROM changes ORDER BY first DESC LIMIT 1';
  return Number(db.prepare(sql).get()?.['head'] ?? 0);
};

const copyAll = (db: DatabaseSync): FromCopier => {
  db.exec('BEGIN');
  const revision = headOf(db);
  const output = new Output();
  let records = 0;
  const all = db.prepare('SELECT key, value FROM records ORDER BY key', { returnArrays: true });
  for (const row of all.iterate() as unknown as Iterable<readonly [Uint8Array, Uint8Array]>) {
    const [key, value] = row;
    output.add(copyHead(key, value.length));
    output.add(value);
    records++;
  }
  const sha256 = output.finish();
  db.exec('COMMIT');
  return { kind: 'copied', revision, records, bytes: output.bytes, sha256 };
};

const told = (error: unknown): FromCopier => {
  if (error instanceof CofferError)
    return { kind: 'failed', failure: { code: error.code, message: error.publicMessage, fatal: false } };
  if (error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT'))
    return told(noRoom());
  return { kind: 'failed', failure: failureOf(error, path) };
};

const copy = (): FromCopier => {
  try {
    const db = openForReading(path);
    try {
      return copyAll(db);
    } finally {
      db.close();
    }
  } catch (error) {
    return told(error);
  }
};

const say = (message: FromCopier, transfer: ArrayBuffer[] = []): void => parentPort?.postMessage(message, transfer);

say(copy());
