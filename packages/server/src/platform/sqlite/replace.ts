/**
 * Puts a copy in the place of all records, in one transaction of SQLite: a crash leaves the old ones or the new ones. The
 * copy is read from its file once more and must still be what was verified.
 */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { CofferError } from '@coffer/schema/errors.ts';
import { CopyParser } from '../storage/copy-format.ts';
import { idBytes } from './batch.ts';
import type { ReplaceMessage } from './messages.ts';

const pieceBytes = 1_048_576;

const pieces = function* (path: string): Generator<Uint8Array> {
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.allocUnsafe(pieceBytes);
    for (let read = readSync(file, buffer); read > 0; read = readSync(file, buffer)) yield buffer.subarray(0, read);
  } finally {
    closeSync(file);
  }
};

const insertAll = (db: DatabaseSync, { file, sha256, records }: ReplaceMessage, revision: number): void => {
  const insert = db.prepare('INSERT INTO records (key, revision, value) VALUES (?, ?, ?)');
  const parser = new CopyParser();
  const hash = createHash('sha256');
  for (const piece of pieces(file)) {
    hash.update(piece);
    for (const { key, value } of parser.push(piece)) insert.run(key, revision, value);
  }
  parser.finish();
  if (parser.records !== records || !hash.digest().equals(sha256))
    throw new CofferError('data_corrupt', 'the snapshot was changed on the disk after it was verified');
};

const writeAlso = (db: DatabaseSync, { also }: ReplaceMessage, revision: number): void => {
  const remove = db.prepare('DELETE FROM records WHERE key = ?');
  const insert = db.prepare('INSERT INTO records (key, revision, value) VALUES (?, ?, ?)');
  for (const { key, value } of also) {
    remove.run(Buffer.from(key));
    if (value !== undefined) insert.run(Buffer.from(key), revision, value);
  }
};

/** The entry of a commit in the log that names no keys and tells no events. */
const emptyEntry = (): Uint8Array => {
  const entry = Buffer.alloc(4 + idBytes + 8);
  entry.writeUInt32LE(entry.length - 4);
  return entry;
};

/** Answers the new revision: one is left out, so that whoever follows sees that there is no history to it. */
export const replaceAll = (db: DatabaseSync, message: ReplaceMessage, head: number): number => {
  const revision = head + 2;
  db.exec('BEGIN IMMEDIATE; DELETE FROM records; DELETE FROM changes');
  insertAll(db, message, revision);
  writeAlso(db, message, revision);
  db.prepare('INSERT INTO changes (first, count, entries) VALUES (?, 1, ?)').run(revision, emptyEntry());
  db.exec('COMMIT');
  return revision;
};
