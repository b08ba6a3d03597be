/** A row of the change log: the entries of the commits of one transaction, each behind its u32 length. */
import type { Change } from '../../contracts/storage.ts';
import { idBytes } from './batch.ts';
import { readChange } from '../storage/change-entry.ts';
import { Cursor } from '../storage/cursor.ts';

export interface LogRow {
  /** Revision of the first entry; the others follow by one. */
  readonly first: number;
  readonly count: number;
  readonly entries: Uint8Array;
}

const change = (cursor: Cursor, revision: number): Change => {
  cursor.at += idBytes;
  return readChange(cursor, revision);
};

/** Adds to `into` the changes of the row from revision `from` on, until it holds `limit`. */
export const readChanges = (row: LogRow, from: number, into: { changes: Change[]; limit: number }): void => {
  const cursor = new Cursor(row.entries);
  for (let revision = row.first; revision < row.first + row.count && into.changes.length < into.limit; revision++) {
    const end = cursor.u32() + cursor.at;
    if (revision >= from) into.changes.push(change(cursor, revision));
    cursor.at = end;
  }
};

/** Calls `take` with id and revision of each commit of the row. */
export const readIds = (row: LogRow, take: (id: string, revision: number) => void): void => {
  const cursor = new Cursor(row.entries);
  for (let i = 0; i < row.count; i++) {
    const end = cursor.u32() + cursor.at;
    take(cursor.hex(idBytes), row.first + i);
    cursor.at = end;
  }
};
