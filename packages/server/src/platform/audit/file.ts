/**
 * What an audit device of type `file` writes to: a file, standard output, or nowhere. A write has ended when its call has
 * returned (`sync = write`). Nothing here blocks a thread where the other end is a pipe that nobody reads; which files are
 * written to by the thread that has the bytes, and which by others, is `in-place.ts`.
 */
import { fstatSync, write as writeCall, writeSync } from 'node:fs';
import { constants, type FileHandle, open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { CofferError } from '@coffer/schema/errors.ts';
import type { AuditChain, AuditSink, Observed } from '../../contracts/audit.ts';
import type { Clock } from '../../contracts/clock.ts';
import { BatchDevice, defaultLimitMs, type Fresh, type Removable, type Target } from './batches.ts';
import { InPlace } from './in-place.ts';

export interface FileDeviceOptions {
  /** A path, `stdout` or `discard`. */
  readonly filePath: string;
  /** Permission bits of a file that is made. */
  readonly mode: number;
  /** `sync = fsync`: a write has ended when its bytes are on the disk. All records of one write share one sync. */
  readonly isSynced?: boolean;
}

const newline = Buffer.from('\n');
/** Between two tries at a pipe that is full: it cannot be waited for otherwise. */
const fullPipeMs = 20;

export interface FileDeviceParts {
  readonly clock: Clock;
  readonly chain?: AuditChain | undefined;
}

export const openFileDevice = async (
  path: string,
  options: FileDeviceOptions,
  parts: FileDeviceParts,
): Promise<AuditSink & Observed> =>
  new BatchDevice({
    path,
    type: 'file',
    target: await openTarget(options, parts.clock),
    limitMs: defaultLimitMs,
    ...parts,
  });

const nothing = async (): Promise<void> => undefined;

const openTarget = async (options: FileDeviceOptions, clock: Clock): Promise<Target & Partial<Fresh & Removable>> => {
  if (options.filePath === 'discard') return { write: nothing, reopen: nothing, close: nothing };
  if (options.filePath === 'stdout') return openStdout();
  const isTorn = await endsTorn(options.filePath);
  const inPlace = new InPlace(clock);
  const openAnew = async (): Promise<FileHandle> => {
    const handle = await openForAppend(options);
    await inPlace.look(handle, options.filePath);
    return handle;
  };
  return new FileTarget(await openAnew(), openAnew, { ...options, isTorn, inPlace });
};

interface FileTargetOptions {
  readonly isSynced?: boolean;
  readonly isTorn?: boolean;
  readonly inPlace?: InPlace;
}

class FileTarget implements Target, Fresh, Removable {
  #handle: FileHandle;
  readonly #openAnew: () => Promise<FileHandle>;
  #isTorn: boolean;
  #isFresh = true;
  /** Its file was deleted, and none could be made in its place so far. */
  #isLost = false;
  #isClosed = false;
  /** Settles when the write under way has; its file stays open until then. */
  #writing: Promise<unknown> = Promise.resolve();

  readonly #isSynced: boolean;
  readonly #inPlace: InPlace | undefined;

  constructor(
    handle: FileHandle,
    openAnew: () => Promise<FileHandle>,
    { isSynced = false, isTorn = false, inPlace }: FileTargetOptions = {},
  ) {
    this.#isSynced = isSynced;
    this.#inPlace = inPlace;
    this.#isTorn = isTorn;
    this.#handle = handle;
    this.#openAnew = openAnew;
  }

  readonly write = async (bytes: Buffer): Promise<void> => {
    if (this.#isLost) await this.reopen();
    const written = this.#write(bytes);
    this.#writing = written.catch(() => undefined);
    await written;
  };

  async #write(bytes: Buffer): Promise<void> {
    // All of it in one file, even where that is opened anew meanwhile: half a line in each would be a record in none.
    const handle = this.#handle;
    this.#isFresh = false;
    // What a failed write left of a line must not spoil the next record.
    if (this.#isTorn) await this.#writeAll(handle, newline);
    this.#isTorn = true;
    await this.#writeAll(handle, bytes);
    this.#isTorn = false;
    if (this.#isSynced) await handle.datasync();
  }

  readonly isFresh = (): boolean => this.#isFresh;

  /** A file that was renamed still has a name: it is being rotated. */
  readonly watch = async (): Promise<boolean> => {
    const handle = this.#handle;
    const stat = await handle.stat().catch(() => undefined);
    if (stat === undefined || !stat.isFile() || stat.nlink > 0 || this.#isLost || handle !== this.#handle) return false;
    this.#isLost = true;
    this.#isFresh = true;
    await this.reopen().catch(() => undefined);
    return true;
  };

  readonly reopen = async (): Promise<void> => {
    const next = await this.#openAnew();
    const before = this.#handle;
    this.#handle = next;
    this.#isLost = false;
    this.#isFresh = true;
    // A pipe that nobody reads may never take its write: that one then fails, and the device goes on.
    await Promise.race([this.#writing, sleep(defaultLimitMs, undefined, { ref: false })]);
    await before.close();
  };

  readonly close = (): Promise<void> => {
    this.#isClosed = true;
    return this.#handle.close();
  };

  #writeAll(handle: FileHandle, bytes: Buffer): Promise<void> {
    const inPlace = this.#inPlace?.isDue === true ? this.#inPlace : undefined;
    const put = async (at: number): Promise<number> =>
      inPlace?.run(() => writeSync(handle.fd, bytes, at)) ?? (await handle.write(bytes, at)).bytesWritten;
    return writeAll(bytes.length, put, () => this.#isClosed);
  }
}

/** Whether a crash has left half a line, as far as that can be seen: what is written next must not become its end. */
const endsTorn = async (path: string): Promise<boolean> => {
  const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(() => undefined);
  if (file === undefined) return false;
  try {
    const { size } = await file.stat();
    const last = Buffer.alloc(1);
    return size > 0 && (await file.read(last, 0, 1, size - 1)).bytesRead === 1 && !last.equals(newline);
  } catch {
    return false;
  } finally {
    await file.close();
  }
};

/** `put` writes from a place on and says how many bytes it could. */
const writeAll = async (
  length: number,
  put: (at: number) => Promise<number>,
  isClosed: () => boolean,
): Promise<void> => {
  let at = 0;
  while (at < length) {
    try {
      at += await put(at);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EAGAIN' || isClosed()) throw cause;
      await sleep(fullPipeMs);
    }
  }
};

const { O_APPEND, O_CREAT, O_RDONLY, O_WRONLY, O_NOFOLLOW, O_NONBLOCK } = constants;

const openForAppend = async (options: FileDeviceOptions): Promise<FileHandle> => {
  try {
    return await open(options.filePath, O_APPEND | O_CREAT | O_WRONLY | O_NOFOLLOW | O_NONBLOCK, options.mode);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
    const what = `audit file ${options.filePath} cannot be opened for appending: ${code}`;
    throw new CofferError('audit_failed', code === 'ENOENT' ? `${what}: make its folder first` : what, { cause });
  }
};

const stdout = 1;

/**
 * The runtime writes to a piped standard output from its only thread, which a reader that stops would stop too. A pipe is
 * therefore opened a second time, so as not to block; anything else is written to from a thread of its own.
 */
const openStdout = async (): Promise<Target> => {
  if (fstatSync(stdout).isFIFO()) {
    const openPipe = (): Promise<FileHandle> => open(`/proc/self/fd/${stdout}`, O_WRONLY | O_NONBLOCK);
    const handle = await openPipe().catch(() => undefined);
    if (handle !== undefined) {
      const { write, close } = new FileTarget(handle, openPipe);
      return { write, reopen: nothing, close };
    }
  }
  let isClosed = false;
  return {
    write: bytes =>
      writeAll(
        bytes.length,
        at => putToStdout(bytes, at),
        () => isClosed,
      ),
    reopen: nothing,
    close: async () => {
      isClosed = true;
    },
  };
};

const putToStdout = (bytes: Buffer, at: number): Promise<number> =>
  new Promise((done, failed) => {
    writeCall(stdout, bytes, at, bytes.length - at, null, (cause, count) =>
      cause === null ? done(count) : failed(cause),
    );
  });
