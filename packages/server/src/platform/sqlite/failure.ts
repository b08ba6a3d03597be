/**
 * What SQLite reports → the code and words others see. The words reach whoever asked for something: they name the kind of
 * failure and SQLite's number for it, never the folder the store lies in. Used on both threads, so it
 * throws nothing itself.
 */
import { basename } from 'node:path';
import type { ErrorCode } from '@coffer/schema/errors.ts';

export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  /** The device failed: what was written is unknown from here on. */
  readonly fatal: boolean;
}

/** Primary result codes of SQLite, sqlite.org/rescode.html. */
const primary = (errcode: number): number => errcode & 0xff;
/** Read less than the file's header promises: the file is truncated, the device is well. */
const shortRead = 522;
const codes = { busy: 5, locked: 6, readOnly: 8, ioError: 10, corrupt: 11, full: 13, cannotOpen: 14, notDatabase: 26 };

const errcodeOf = (error: unknown): number =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : 0;

export const failureOf = (error: unknown, path: string): Failure => {
  const errcode = errcodeOf(error);
  const as = (code: ErrorCode, text: string, fatal = false): Failure => ({
    code,
    message: `The store ${basename(path)} ${text} (SQLite ${errcode}).`,
    fatal,
  });
  if (errcode === shortRead) return as('data_corrupt', 'is damaged or truncated');
  switch (primary(errcode)) {
    case codes.full:
      return as('storage_full', 'cannot be written: no space is left on its disk');
    case codes.corrupt:
      return as('data_corrupt', 'is damaged or truncated');
    case codes.notDatabase:
      return as('data_corrupt', 'is damaged, or is not a store');
    case codes.busy:
    case codes.locked:
      return as(
        'storage_failed',
        'is locked by another process: another server runs on it; stop that one, or choose another place',
      );
    case codes.readOnly:
      return as('storage_failed', 'cannot be written: it is read-only');
    case codes.cannotOpen:
      return as('storage_failed', 'cannot be opened: check that its directory exists and is writable');
    case codes.ioError:
      return as('storage_failed', 'cannot be read or written: the device reports an error', true);
    default:
      return as('storage_failed', 'failed');
  }
};
