/**
 * An audit device on a file, standard output, or nowhere. Records that arrive while a write is under way go out together
 * in the next one, in order. Resolves when the write call has returned (`sync = write`).
 */
import { constants, type FileHandle, open } from 'node:fs/promises';
import { CofferError } from '@coffer/schema/errors.ts';
import type { AuditSink } from '../../contracts/audit.ts';

export interface FileDeviceOptions {
  /** A path, `stdout` or `discard`. */
  readonly filePath: string;
  /** Permission bits of a file that is made. */
  readonly mode: number;
}

/** Most bytes waiting for the device before it refuses more. */
const queueLimitBytes = 67_108_864;
const newline = 0x0a;

interface Waiting {
  readonly bytes: Buffer;
  readonly done: () => void;
  readonly failed: (cause: unknown) => void;
}

type Write = (bytes: Buffer) => Promise<void>;

export const openFileDevice = async (path: string, options: FileDeviceOptions): Promise<AuditSink> => {
  const target = await openTarget(options);
  let waiting: Waiting[] = [];
  let queuedBytes = 0;
  let busy = false;

  const drain = async (): Promise<void> => {
    busy = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      const bytes =
        batch.length === 1 ? (batch[0]?.bytes ?? Buffer.alloc(0)) : Buffer.concat(batch.map(item => item.bytes));
      queuedBytes -= bytes.length;
      try {
        await target.write(bytes);
        for (const item of batch) item.done();
      } catch (cause) {
        for (const item of batch) item.failed(cause);
      }
    }
    busy = false;
  };

  return {
    path,
    type: 'file',
    write: records =>
      new Promise<void>((done, failed) => {
        const bytes = lines(records);
        if (queuedBytes + bytes.length > queueLimitBytes) {
          failed(new CofferError('audit_failed', `audit device ${path}: too many records are waiting`));
          return;
        }
        queuedBytes += bytes.length;
        waiting.push({ bytes, done, failed });
        if (!busy) void drain();
      }),
    reopen: () => target.reopen(),
    close: () => target.close(),
  };
};

const lines = (records: readonly Uint8Array[]): Buffer => {
  const bytes = Buffer.allocUnsafe(records.reduce((sum, record) => sum + record.length + 1, 0));
  let at = 0;
  for (const record of records) {
    bytes.set(record, at);
    at += record.length;
    bytes[at++] = newline;
  }
  return bytes;
};

interface Target {
  readonly write: Write;
  readonly reopen: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const nothing = async (): Promise<void> => undefined;

const openTarget = async (options: FileDeviceOptions): Promise<Target> => {
  if (options.filePath === 'discard') return { write: nothing, reopen: nothing, close: nothing };
  if (options.filePath === 'stdout') return { write: toStdout, reopen: nothing, close: nothing };
  let handle = await openForAppend(options);
  return {
    write: bytes => writeAll(handle, bytes),
    reopen: async () => {
      const next = await openForAppend(options);
      const before = handle;
      handle = next;
      await before.close();
    },
    close: () => handle.close(),
  };
};

const openForAppend = async (options: FileDeviceOptions): Promise<FileHandle> => {
  const { O_APPEND, O_CREAT, O_WRONLY, O_NOFOLLOW } = constants;
  try {
    return await open(options.filePath, O_APPEND | O_CREAT | O_WRONLY | O_NOFOLLOW, options.mode);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new CofferError('audit_failed', `audit file ${options.filePath} cannot be opened for appending: ${code}`, {
      cause,
    });
  }
};

const writeAll: (handle: FileHandle, bytes: Buffer) => Promise<void> = async (handle, bytes) => {
  let at = 0;
  while (at < bytes.length) at += (await handle.write(bytes, at)).bytesWritten;
};

const toStdout: Write = bytes =>
  new Promise((done, failed) => {
    process.stdout.write(bytes, cause => (cause === undefined || cause === null ? done() : failed(cause)));
  });
