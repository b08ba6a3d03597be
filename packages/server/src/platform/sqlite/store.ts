/**
 * Storage in one SQLite file: reads on the event loop, commits on a writer thread, many of them sharing one fsync. Owns
 * `<path>`, `<path>-wal`, `<path>-shm`, `<path>.lock` and `<path>.copy-*.tmp`. After an error of the device `fatal` is called, and nothing is
 * acknowledged any more.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import type { Clock } from '../../contracts/clock.ts';
import type { Log } from '../../contracts/log.ts';
import type {
  ChangeOrGap,
  Commit,
  CommitResult,
  IncomingCopy,
  RangeEntry,
  RangeOptions,
  Storage,
  StorageCopies,
  StorageLife,
  Stored,
  StoredCopy,
  Write,
} from '../../contracts/storage.ts';
import { checkCommit } from '../storage/commit.ts';
import { Bell, follow } from '../storage/follow.ts';
import { checkKey, checkText } from '../storage/key.ts';
import { copyBy } from './copies.ts';
import type { Failure } from './failure.ts';
import { failureOf } from './failure.ts';
import { CommitGroups } from './group.ts';
import { idsKept, RecentIds } from '../storage/ids.ts';
import { lockStore, type StoreLock } from './lock.ts';
import type { FromWriter, ToWriter } from './messages.ts';
import { Moves } from './moves.ts';
import { preparePlace } from './place.ts';
import { Reader } from './reader.ts';
import type { SharedHead } from './shared-head.ts';
import { SpooledCopy, Spools } from '../storage/spool.ts';
import { startWriter } from './thread.ts';

export interface SqliteOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Called once, when the device failed: the process must end. */
  readonly fatal: (error: CofferError) => void;
  /** Added to each group of commits, to measure what slow disks do. */
  readonly fsyncDelayMs?: number;
  /** Commits whose changes are kept. Default 100,000. */
  readonly historyLimit?: number;
  /** Other threads read the store as well: what this one does is told to them here. */
  readonly shared?: SharedHead | undefined;
  /** The process has one core, so that commits are held back to be written together. Default: what the machine says. */
  readonly sharesCore?: boolean;
}

const defaultHistoryLimit = 100_000;

const errorOf = ({ code, message }: Failure): CofferError => new CofferError(code, message);
const closedError = (): CofferError => new CofferError('storage_failed', 'The store is closed.');

interface Parts {
  readonly options: SqliteOptions;
  readonly worker: Worker;
  readonly reader: Reader;
  readonly lock: StoreLock;
  readonly spools: Spools;
  readonly head: number;
  readonly oldest: number;
}

interface Replacing extends PromiseWithResolvers<number> {
  readonly copy: SpooledCopy;
  readonly also: readonly Write[];
  isSent: boolean;
}

class SqliteStore implements Storage, StorageLife, StorageCopies {
  readonly #parts: Parts;
  readonly #ids = new RecentIds();
  readonly #groups: CommitGroups;
  readonly #bell = new Bell();
  readonly #moves: Moves;
  #head: number;
  #oldest: number;
  #isMarked: boolean;
  #broken: CofferError | undefined;
  #replacing: Replacing | undefined;
  #closing: Promise<void> | undefined;
  #closed = (): void => {};

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#head = parts.head;
    this.#oldest = parts.oldest;
    this.#isMarked = parts.lock.wasUsed;
    this.#mark();
    this.#groups = new CommitGroups({
      send: batch => this.#post({ kind: 'batch', ...batch }, [batch.buffer]),
      settled: (id, revision) => this.#ids.settle(id, revision),
      sharesCore: parts.options.sharesCore ?? availableParallelism() === 1,
    });
    this.#moves = new Moves(parts.options.path, failure => this.#moved(failure));
    parts.options.shared?.settle(parts.head);
    parts.reader.ids(idsKept, (id, revision) => this.#ids.add(id, revision));
    parts.worker.on('message', (message: FromWriter) => this.#hear(message));
    parts.worker.on('error', error => this.#break(errorOf(failureOf(error, parts.options.path))));
    parts.worker.on('exit', () => this.#exited());
  }

  #post(message: ToWriter, transfer: ArrayBuffer[] = []): void {
    this.#parts.worker.postMessage(message, transfer);
  }

  #hear(message: FromWriter): void {
    switch (message.kind) {
      case 'applied':
        return this.#applied(message.results, message.buffer, message.oldest);
      case 'refused':
        if (message.failure.fatal) return this.#break(errorOf(message.failure));
        this.#warn(message.failure);
        this.#groups.refused(errorOf(message.failure), message.buffer);
        return this.#whenDone();
      case 'replaced':
        return this.#replaced(message.head);
      case 'kept':
        return this.#settleReplacing(({ reject }) => reject(errorOf(message.failure)));
      case 'warning':
        return this.#warn(message.failure);
      case 'long':
        return this.#closing === undefined ? this.#moves.move() : undefined;
      case 'failed':
        return this.#break(errorOf(message.failure));
      default:
        return undefined;
    }
  }

  #applied(results: Float64Array, buffer: ArrayBuffer, oldest: number): void {
    for (const result of results) if (result > this.#head) this.#head = result;
    this.#oldest = oldest;
    this.#mark();
    this.#tell();
    this.#groups.applied(results, buffer);
    this.#bell.ring();
    this.#whenDone();
  }

  #replaced(head: number): void {
    this.#head = head;
    this.#oldest = head;
    this.#ids.forget();
    this.#mark();
    this.#tell();
    this.#bell.ring();
    this.#settleReplacing(({ resolve }) => resolve(head));
  }

  /** Settled once those who wait for the commits have done what follows from them. */
  #tell(): void {
    const { shared } = this.#parts.options;
    if (shared === undefined) return;
    const head = this.#head;
    shared.saw(head);
    setImmediate(() => shared.settle(head));
  }

  #moved(failure: Failure | undefined): void {
    if (failure?.fatal === true) return this.#break(errorOf(failure));
    if (failure !== undefined) this.#warn(failure);
    this.#post({ kind: 'moved' });
  }

  #settleReplacing(settle: (replacing: Replacing) => void): void {
    const replacing = this.#replacing;
    this.#replacing = undefined;
    if (replacing !== undefined) settle(replacing);
    this.#whenDone();
  }

  /** That there is a store: should its file vanish, a new one is not taken for it. */
  #mark(): void {
    if (this.#isMarked || this.#head === 0) return;
    try {
      this.#parts.lock.markUsed();
      this.#isMarked = true;
    } catch (error) {
      this.#warn(failureOf(error, this.#parts.options.path));
    }
  }

  #warn({ code, message }: Failure): void {
    this.#parts.options.log.write('warn', 'the store could not write', { code, reason: message });
  }

  #break(error: CofferError): void {
    if (this.#broken !== undefined) return;
    this.#broken = error;
    this.#parts.options.log.write('error', 'the store failed and takes no more writes', { reason: error.message });
    this.#groups.fail(error);
    this.#parts.options.fatal(error);
    this.#settleReplacing(({ reject }) => reject(error));
  }

  #exited(): void {
    if (this.#closing === undefined) {
      this.#break(new CofferError('storage_failed', `The writer of the store ${this.#parts.options.path} ended.`));
    }
    this.#parts.reader.close();
    this.#parts.lock.release();
    this.#closed();
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw closedError();
  }

  #checkWritable(): void {
    this.#checkOpen();
    if (this.#broken !== undefined) throw this.#broken;
    if (this.#replacing !== undefined)
      throw new CofferError('storage_failed', 'The store is being replaced by a snapshot.', { retryAfterSeconds: 1 });
  }

  get(key: string): Stored | undefined {
    this.#checkOpen();
    checkKey(key);
    return this.#parts.reader.get(key);
  }

  // oxlint-disable-next-line typescript/require-await -- refusals must reject, not throw
  async range(prefix: string, options: RangeOptions = {}): Promise<readonly RangeEntry[]> {
    this.#checkOpen();
    checkText(prefix, 'prefix');
    checkText(options.after ?? '', 'start');
    return this.#parts.reader.range(prefix, options);
  }

  commit(commit: Commit): Promise<CommitResult> {
    try {
      this.#checkWritable();
      const valueBytes = checkCommit(commit);
      return this.#ids.once(commit.id, () => this.#groups.add(commit, valueBytes));
    } catch (refusal) {
      return Promise.reject(refusal);
    }
  }

  changes(since: number, signal: AbortSignal): AsyncIterable<ChangeOrGap> {
    const history = {
      last: () => this.#head,
      first: () => this.#oldest,
      read: (from: number, limit: number) => this.#parts.reader.changes(from, this.#head, limit),
    };
    return follow(history, this.#bell, { since, signal });
  }

  async copy(): Promise<StoredCopy> {
    this.#checkOpen();
    return copyBy(this.#parts.options.path, this.#parts.spools);
  }

  async receive(picks: readonly string[]): Promise<IncomingCopy> {
    this.#checkOpen();
    return this.#parts.spools.receive(picks);
  }

  async replace(copy: StoredCopy, also: readonly Write[] = []): Promise<number> {
    this.#checkOpen();
    if (!(copy instanceof SpooledCopy)) throw new TypeError('only a copy that was received here can be put in place');
    if (this.#broken !== undefined) throw this.#broken;
    if (this.#replacing !== undefined) throw new CofferError('conflict', 'Another snapshot is being put in place.');
    this.#replacing = { copy, also, isSent: false, ...Promise.withResolvers<number>() };
    setImmediate(() => this.#whenDone());
    return this.#replacing.promise;
  }

  head(): Promise<number> {
    return Promise.resolve(this.#head);
  }

  close(): Promise<void> {
    this.#closing ??= new Promise(resolve => {
      this.#closed = resolve;
      this.#bell.stop();
      setImmediate(() => this.#whenDone());
    });
    return this.#closing;
  }

  /** What waits for all commits handed in before. */
  #whenDone(): void {
    if (!this.#groups.idle) return;
    if (this.#replacing !== undefined && this.#broken === undefined) return this.#sendReplacing(this.#replacing);
    if (this.#closing === undefined) return;
    // Before the writer: the last connection to close cleans up.
    this.#parts.reader.close();
    void this.#moves.close().then(() => this.#post({ kind: 'close' }));
  }

  #sendReplacing(replacing: Replacing): void {
    if (replacing.isSent) return;
    replacing.isSent = true;
    const { path: file, sha256, records } = replacing.copy;
    this.#post({ kind: 'replace', file, sha256, records, also: replacing.also });
  }
}

const firstWords = (worker: Worker, path: string): Promise<{ head: number; oldest: number }> =>
  new Promise((resolve, reject) => {
    const stop = (failure: Failure): void => {
      void worker.terminate().then(() => reject(errorOf(failure)));
    };
    const broken = (error: unknown): void => stop(failureOf(error, path));
    worker.once('error', broken);
    worker.once('message', (message: FromWriter) => {
      if (message.kind === 'failed') stop(message.failure);
      else if (message.kind === 'opened') {
        worker.off('error', broken);
        resolve(message);
      }
    });
  });

const locked = (path: string): StoreLock => {
  try {
    return lockStore(path);
  } catch (error) {
    throw errorOf(failureOf(error, path));
  }
};

const lost = (path: string): CofferError =>
  new CofferError(
    'data_corrupt',
    `The store ${path} is empty, but there was one here: put its file back from a backup. To begin anew on purpose, remove ${path}.lock first.`,
  );

const openParts = async (options: SqliteOptions, lock: StoreLock): Promise<Parts> => {
  const { path } = options;
  const historyLimit = options.historyLimit ?? defaultHistoryLimit;
  const worker = startWriter({ path, historyLimit, fsyncDelayMs: options.fsyncDelayMs ?? 0 });
  const { head, oldest } = await firstWords(worker, path);
  try {
    if (head === 0 && lock.wasUsed) throw lost(path);
    return { options, worker, reader: new Reader(path, options.shared), lock, spools: new Spools(path), head, oldest };
  } catch (error) {
    await worker.terminate();
    throw error instanceof CofferError ? error : errorOf(failureOf(error, path));
  }
};

export const openSqliteStore = async (options: SqliteOptions): Promise<Storage & StorageLife & StorageCopies> => {
  preparePlace(options.path);
  const lock = locked(options.path);
  try {
    return new SqliteStore(await openParts(options, lock));
  } catch (error) {
    lock.release();
    throw error;
  }
};
