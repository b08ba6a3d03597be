/**
 * Applies a packed batch in one transaction. Each commit is checked as a whole before its first write, in order, so a
 * failed one leaves no trace and those after it see the ones before it.
 */
import type { DatabaseSync } from 'node:sqlite';
import { expectAbsent, expectPresent, idBytes, removed } from './batch.ts';
import { Cursor } from '../storage/cursor.ts';

/** Rows of the change log removed with one transaction: twice what a transaction adds. */
const compactedRows = 2;

export interface Applied {
  /** For each commit its revision, or `-1 - index` of its failed check. */
  readonly results: Float64Array;
  /** Revision of the oldest change still held. */
  readonly oldest: number;
}

const holds = (expect: number, revision: number | undefined): boolean => {
  if (expect === expectAbsent) return revision === undefined;
  return expect === expectPresent ? revision !== undefined : revision === expect;
};

export class Applier {
  readonly #statements;
  readonly #historyLimit: number;
  #head: number;
  #oldest: number;
  #entries = Buffer.alloc(65_536);
  #entriesEnd = 0;

  constructor(db: DatabaseSync, historyLimit: number) {
    const returnArrays = { returnArrays: true } as const;
    this.#statements = {
      begin: db.prepare('BEGIN IMMEDIATE'),
      commit: db.prepare('COMMIT'),
      revision: db.prepare('SELECT revision FROM records WHERE key = ?', returnArrays),
      put: db.prepare(
        'INSERT INTO records (key, revision, value) VALUES (?, ?, ?) ' +
          'ON CONFLICT (key) DO UPDATE SET revision = excluded.revision, value = excluded.value',
      ),
      remove: db.prepare('DELETE FROM records WHERE key = ?'),
      log: db.prepare('INSERT INTO changes (first, count, entries) VALUES (?, ?, ?)'),
      last: db.prepare('SELECT first + count - 1 FROM changes ORDER BY first DESC LIMIT 1', returnArrays),
      oldest: db.prepare('SELECT first FROM changes ORDER BY first LIMIT 1', returnArrays),
      compact: db.prepare(
        'DELETE FROM changes WHERE first IN ' +
          '(SELECT first FROM changes WHERE first < ?1 AND first + count <= ?1 ORDER BY first LIMIT ?2)',
      ),
    };
    this.#historyLimit = historyLimit;
    this.#head = this.#number(this.#statements.last) ?? 0;
    this.#oldest = this.#readOldest();
  }

  get head(): number {
    return this.#head;
  }

  get oldest(): number {
    return this.#oldest;
  }

  /** All records were replaced by those of this revision. */
  replaced(head: number): void {
    this.#head = head;
    this.#oldest = head;
  }

  #number(statement: { get(): unknown }): number | undefined {
    const row = statement.get() as readonly number[] | undefined;
    return row?.[0];
  }

  #readOldest(): number {
    return this.#number(this.#statements.oldest) ?? this.#head + 1;
  }

  /** Throws SQLite's errors; the transaction is then the caller's to roll back, and nothing of the batch is there. */
  apply(batch: Uint8Array, commits: number): Applied {
    const first = this.#head + 1;
    const results = new Float64Array(commits);
    const cursor = new Cursor(batch);
    let head = this.#head;
    this.#entriesEnd = 0;
    this.#statements.begin.run();
    for (let i = 0; i < commits; i++) {
      const result = this.#applyOne(cursor, batch, head + 1);
      if (result > 0) head = result;
      results[i] = result;
    }
    if (head >= first) this.#log(first, head);
    this.#statements.commit.run();
    this.#head = head;
    if (this.#oldest <= head - this.#historyLimit) this.#oldest = this.#readOldest();
    return { results, oldest: this.#oldest };
  }

  #applyOne(cursor: Cursor, batch: Uint8Array, revision: number): number {
    const start = cursor.at;
    const end = cursor.u32() + cursor.at;
    const keys = new Cursor(batch, cursor.at + idBytes);
    cursor.at = end;
    const failed = this.#failedCheck(cursor);
    const writes = keys.u32();
    for (let i = 0; i < writes; i++) this.#write(keys.key(), cursor, failed < 0 ? revision : 0);
    if (failed >= 0) return -1 - failed;
    this.#keepEntry(batch, start, end);
    return revision;
  }

  /** Index of the first check that does not hold, or -1. Reads all of them. */
  #failedCheck(cursor: Cursor): number {
    let failed = -1;
    const checks = cursor.u32();
    for (let i = 0; i < checks; i++) {
      const key = cursor.key();
      const expect = cursor.f64();
      if (failed < 0 && !holds(expect, this.#revisionOf(key))) failed = i;
    }
    return failed;
  }

  #revisionOf(key: Uint8Array): number | undefined {
    const row = this.#statements.revision.get(key) as unknown as readonly number[] | undefined;
    return row?.[0];
  }

  /** Revision 0: only reads past the value. */
  #write(key: Uint8Array, cursor: Cursor, revision: number): void {
    const length = cursor.u32();
    if (length === removed) {
      if (revision > 0) this.#statements.remove.run(key);
      return;
    }
    const value = cursor.bytes(length);
    if (revision > 0) this.#statements.put.run(key, revision, value);
  }

  #keepEntry(batch: Uint8Array, start: number, end: number): void {
    const needed = this.#entriesEnd + end - start;
    if (needed > this.#entries.length) {
      const grown = Buffer.alloc(needed * 2);
      grown.set(this.#entries.subarray(0, this.#entriesEnd));
      this.#entries = grown;
    }
    this.#entries.set(batch.subarray(start, end), this.#entriesEnd);
    this.#entriesEnd = needed;
  }

  #log(first: number, head: number): void {
    const { log, compact } = this.#statements;
    log.run(first, head - first + 1, this.#entries.subarray(0, this.#entriesEnd));
    const keepFrom = head - this.#historyLimit + 1;
    if (this.#oldest < keepFrom) compact.run(keepFrom, compactedRows);
  }
}
