/**
 * Reads on the event loop, over a connection that cannot write. Each read sees every commit acknowledged before it. Where
 * other threads read the store as well, what a read has seen is told to them before it is answered: a commit can be seen
 * before it is acknowledged, and nobody may be answered from before it once somebody was answered from behind it.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Change, RangeEntry, RangeOptions, Stored } from '../../contracts/storage.ts';
import { rangeLimit } from '../../contracts/storage.ts';
import { readChanges, readIds } from './entry.ts';
import type { LogRow } from './entry.ts';
import { failureOf } from './failure.ts';
import { openForReading } from './schema.ts';
import type { SharedHead } from './shared-head.ts';

const empty = new Uint8Array(0);
/** Beyond any key that begins with what stands before it: UTF-8 has no such byte. */
const beyond = 0xff;

const rangeSql = (value: string, compare: '>' | '>='): string =>
  `SELECT CAST(key AS TEXT), revision, ${value} FROM records WHERE key ${compare} ? AND key < ? ORDER BY key LIMIT ?`;

export class Reader {
  readonly #path: string;
  readonly #db: DatabaseSync;
  readonly #get: StatementSync;
  readonly #ranges = new Map<string, StatementSync>();
  readonly #row: StatementSync;
  readonly #rowsAfter: StatementSync;
  readonly #end: StatementSync;
  readonly #version: StatementSync;
  readonly #shared: SharedHead | undefined;
  /** Of the file, as this connection saw it last. */
  #seen = 0;

  constructor(path: string, shared?: SharedHead) {
    this.#path = path;
    this.#shared = shared;
    const db = openForReading(path);
    this.#db = db;
    this.#get = db.prepare('SELECT value, revision FROM records WHERE key = ?', { returnArrays: true });
    this.#row = db.prepare('SELECT * FROM changes WHERE first <= ? ORDER BY first DESC LIMIT 1');
    this.#rowsAfter = db.prepare('SELECT * FROM changes WHERE first > ? ORDER BY first LIMIT 1');
    this.#end = db.prepare('SELECT first + count - 1 FROM changes ORDER BY first DESC LIMIT 1', { returnArrays: true });
    this.#version = db.prepare('PRAGMA data_version', { returnArrays: true });
  }

  get(key: string): Stored | undefined {
    const row = this.#guard(() => this.#get.get(Buffer.from(key))) as unknown as [Uint8Array, number] | undefined;
    if (this.#shared !== undefined) this.#tell(this.#shared);
    return row === undefined ? undefined : { value: row[0], revision: row[1] };
  }

  range(prefix: string, options: RangeOptions): readonly RangeEntry[] {
    const start = Buffer.from(prefix);
    const end = Buffer.concat([start, Uint8Array.of(beyond)]);
    const after = options.after === undefined ? undefined : Buffer.from(options.after);
    const limit = Math.max(0, Math.min(options.limit ?? rangeLimit, rangeLimit));
    const exclusive = after !== undefined && Buffer.compare(after, start) >= 0;
    const statement = this.#range(options.values !== false, exclusive);
    const rows = this.#guard(() => statement.all(exclusive ? after : start, end, limit)) as unknown as readonly [
      string,
      number,
      Uint8Array | null,
    ][];
    if (this.#shared !== undefined) this.#tell(this.#shared);
    return rows.map(([key, revision, value]) => ({ key, value: value ?? empty, revision }));
  }

  #range(values: boolean, exclusive: boolean): StatementSync {
    const sql = rangeSql(values ? 'value' : 'NULL', exclusive ? '>' : '>=');
    const prepared = this.#ranges.get(sql) ?? this.#db.prepare(sql, { returnArrays: true });
    this.#ranges.set(sql, prepared);
    return prepared;
  }

  /** Where another connection has committed since it was asked last. */
  #tell(shared: SharedHead): void {
    const [version] = this.#guard(() => this.#version.get()) as unknown as [number];
    if (version === this.#seen) return;
    this.#seen = version;
    shared.saw(this.head());
  }

  /** Revision of the last commit; 0 where there is none. */
  head(): number {
    const row = this.#guard(() => this.#end.get()) as unknown as [number] | undefined;
    return row?.[0] ?? 0;
  }

  /** Changes from revision `from` to at most `to`, in order. */
  changes(from: number, to: number, limit: number): readonly Change[] {
    const into = { changes: [] as Change[], limit: Math.min(limit, to - from + 1) };
    let row = this.#logRow(this.#row, from);
    while (row !== undefined && row.first <= to && into.changes.length < into.limit) {
      readChanges(row, from, into);
      row = this.#logRow(this.#rowsAfter, row.first);
    }
    return into.changes;
  }

  /** Calls `take` for the commits in the log, the newest transaction first, at least for the last `commits`. */
  ids(commits: number, take: (id: string, revision: number) => void): void {
    let taken = 0;
    let row = this.#logRow(this.#row, Number.MAX_SAFE_INTEGER);
    while (row !== undefined && taken < commits) {
      readIds(row, take);
      taken += row.count;
      row = this.#logRow(this.#row, row.first - 1);
    }
  }

  #logRow(statement: StatementSync, revision: number): LogRow | undefined {
    return this.#guard(() => statement.get(revision)) as unknown as LogRow | undefined;
  }

  #guard<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      const { code, message } = failureOf(error, this.#path);
      throw new CofferError(code, message, { cause: error });
    }
  }

  /** May be called again. */
  close(): void {
    if (this.#db.isOpen) this.#db.close();
  }
}
