/**
 * An audit device on a file, standard output, or nowhere. Records of two turns of the event loop, and those that arrive
 * while a write is under way, go out together, in order: one call of the system for many requests. Resolves when the
 * write call has returned (`sync = write`).
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

/** Most characters waiting for the device before it refuses more. */
const queueLimit = 67_108_864;
const newline = Buffer.from('\n');
/** Batches that surely fit are encoded into one buffer that is used again and again. */
const scratchBytes = 262_144;
const utf8BytesPerUnit = 3;

type Write = (bytes: Buffer) => Promise<void>;

/** Records that will be written by one call; all who wait for them share one promise. */
interface Batch {
  /** Lines, each with its end. One text for all: it is laid out once, when it is encoded. */
  text: string;
  readonly written: PromiseWithResolvers<void>;
}

class FileDevice implements AuditSink {
  readonly path: string;
  readonly type = 'file';
  readonly #target: Target;
  readonly #scratch = Buffer.allocUnsafeSlow(scratchBytes);
  #open: Batch | undefined;
  #isBusy = false;

  constructor(path: string, target: Target) {
    this.path = path;
    this.#target = target;
  }

  write(records: readonly string[]): Promise<void> {
    const batch = (this.#open ??= this.#begin());
    if (batch.text.length > queueLimit)
      return Promise.reject(new CofferError('audit_failed', `audit device ${this.path}: too many records are waiting`));
    for (const record of records) batch.text += `${record}\n`;
    return batch.written.promise;
  }

  reopen(): Promise<void> {
    return this.#target.reopen();
  }

  close(): Promise<void> {
    return this.#target.close();
  }

  #begin(): Batch {
    if (!this.#isBusy) {
      this.#isBusy = true;
      // A turn later: what the next turn brings shares the call, which costs more than its bytes.
      setImmediate(() => setImmediate(() => void this.#drain()));
    }
    return { text: '', written: Promise.withResolvers() };
  }

  async #drain(): Promise<void> {
    for (let batch = this.#open; batch !== undefined; batch = this.#open) {
      this.#open = undefined;
      try {
        await this.#target.write(this.#encoded(batch.text));
        batch.written.resolve();
      } catch (cause) {
        batch.written.reject(cause);
      }
    }
    this.#isBusy = false;
  }

  /** One write is under way at a time, so the buffer is free. */
  #encoded(text: string): Buffer {
    if (text.length * utf8BytesPerUnit > scratchBytes) return Buffer.from(text);
    return this.#scratch.subarray(0, this.#scratch.write(text));
  }
}

export const openFileDevice = async (path: string, options: FileDeviceOptions): Promise<AuditSink> =>
  new FileDevice(path, await openTarget(options));

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
  let isTorn = false;
  return {
    write: async bytes => {
      // What a failed write left of a line must not spoil the next record.
      if (isTorn) await writeAll(handle, newline);
      isTorn = true;
      await writeAll(handle, bytes);
      isTorn = false;
    },
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
