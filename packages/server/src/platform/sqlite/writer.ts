/**
 * The writer thread: the only connection that writes. One batch, one transaction, one fsync, then the answer. A long
 * write-ahead log is moved into the file by a thread beside it while commits go on; the little that is left then is moved here,
 * between two batches, so that the log begins anew. An error of the device is seen either way, and ends the process.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { CofferError } from '@coffer/schema/errors.ts';
import { Applier } from './apply.ts';
import type { Failure } from './failure.ts';
import { failureOf } from './failure.ts';
import type { BatchMessage, FromWriter, ReplaceMessage, ToWriter, WriterOptions } from './messages.ts';
import { replaceAll } from './replace.ts';
import { busyTimeoutMs, complaint, openForWriting } from './schema.ts';

/**
 * So many pages of the write-ahead log are moved into the file at once, by the other thread. The disk is busy with them for
 * milliseconds, in which commits wait: few at once where commits come one by one, and many where they come in crowds anyway, as a
 * page that was changed often is then moved once.
 */
const movePages = { calm: 1_024, busy: 8_192 };
/** Commits in a batch, on average, from which on it is busy. */
const busyCommits = 16;
/**
 * The log begins anew when it has grown to this. Commits wait for that, mostly for a sync of the file, however little of it
 * is left to be moved: so it is done seldom.
 */
const restartPages = 8_192;
/** After a move that was kept from its end, this many pages more are awaited before the next. */
const retryPages = 1_024;
/** So much may be left for the writer. */
const leftPages = 256;
/** So often the other thread is asked for what has come meanwhile. Where that is always more, the writer does it. */
const roundsLimit = 4;
/**
 * Without commits for this long, all of the log is moved. Its file stays as long as it is: writing over what is there already
 * is synced faster than making it longer.
 */
const idleMs = 2_000;

const options = workerData as WriterOptions;
const { path } = options;
const say = (message: FromWriter, transfer: ArrayBuffer[] = []): void => parentPort?.postMessage(message, transfer);

class Writer {
  readonly #db: DatabaseSync;
  readonly #applier: Applier;
  readonly #log: StatementSync;
  #restartAt = restartPages;
  /** Pages that were not in the file when the other thread had moved what it could. */
  #kept = 0;
  /** Since the last move. */
  #batches = 0;
  #commits = 0;
  /** How often it was asked in a row; 0 while it is not. */
  #rounds = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#log = db.prepare('PRAGMA wal_checkpoint(NOOP)');
    this.#applier = new Applier(db, options.historyLimit);
    say({ kind: 'opened', head: this.#applier.head, oldest: this.#applier.oldest });
    this.#armIdle();
  }

  take(message: ToWriter): void {
    if (message.kind === 'close') this.#close();
    else if (message.kind === 'replace') this.#replace(message);
    else if (message.kind === 'moved') this.#moved();
    else this.#batch(message);
  }

  #replace(message: ReplaceMessage): void {
    try {
      const head = replaceAll(this.#db, message, this.#applier.head);
      this.#applier.replaced(head);
      say({ kind: 'replaced', head });
    } catch (error) {
      const failure = this.#rolledBack(knownFailure(error));
      say({ kind: failure.fatal ? 'failed' : 'kept', failure });
    }
    this.#moveWhenLong();
    this.#armIdle();
  }

  #batch({ buffer, length, commits }: BatchMessage): void {
    this.#batches++;
    this.#commits += commits;
    try {
      const { results, oldest } = this.#applier.apply(new Uint8Array(buffer, 0, length), commits);
      if (options.fsyncDelayMs > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, options.fsyncDelayMs);
      say({ kind: 'applied', buffer, results, oldest }, [buffer]);
    } catch (error) {
      say({ kind: 'refused', buffer, failure: this.#rolledBack(failureOf(error, path)) }, [buffer]);
    }
    this.#moveWhenLong();
    this.#armIdle();
  }

  #rolledBack(failure: Failure): Failure {
    try {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      return failure;
    } catch (error) {
      return { ...failureOf(error, path), fatal: true };
    }
  }

  /** Pages in the log, and how many of them are in the file. */
  #logged(): { readonly pages: number; readonly moved: number } {
    const row = this.#log.get();
    return { pages: Number(row?.['log'] ?? 0), moved: Number(row?.['checkpointed'] ?? 0) };
  }

  #moveWhenLong(): void {
    if (this.#rounds > 0) return;
    const { pages, moved } = this.#logged();
    const isBusy = this.#commits >= this.#batches * busyCommits;
    const due = this.#kept + (isBusy ? movePages.busy : movePages.calm);
    if (pages >= this.#restartAt || pages - moved >= due) this.#askToMove();
  }

  #askToMove(): void {
    this.#rounds++;
    say({ kind: 'long' });
  }

  /** As far as readers let it. */
  #moved(): void {
    const { pages, moved } = this.#logged();
    this.#kept = pages - moved;
    this.#batches = 0;
    this.#commits = 0;
    const isToRestart = pages >= this.#restartAt;
    if (isToRestart && pages - moved > leftPages && this.#rounds < roundsLimit) return this.#askToMove();
    this.#rounds = 0;
    if (isToRestart) this.#restartAt = this.#checkpoint('PASSIVE') ? restartPages : pages + retryPages;
    this.#armIdle();
  }

  #checkpoint(mode: 'PASSIVE' | 'TRUNCATE'): boolean {
    try {
      // A copy under way may keep the log from being cut for long: it is not waited for.
      this.#db.exec('PRAGMA busy_timeout = 0');
      const row = this.#db.prepare(`PRAGMA wal_checkpoint(${mode})`).get();
      this.#db.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
      return row?.['busy'] === 0 && row['log'] === row['checkpointed'];
    } catch (error) {
      const failure = failureOf(error, path);
      say({ kind: failure.fatal ? 'failed' : 'warning', failure });
      return false;
    }
  }

  #armIdle(): void {
    if (this.#idle !== undefined) this.#idle.refresh();
    else this.#idle = setTimeout(() => this.#moveRest(), idleMs);
  }

  #moveRest(): void {
    const { pages, moved } = this.#logged();
    if (this.#rounds === 0 && pages > moved) this.#checkpoint('PASSIVE');
  }

  #close(): void {
    clearTimeout(this.#idle);
    this.#checkpoint('TRUNCATE');
    this.#db.close();
    say({ kind: 'closed' });
    parentPort?.close();
  }
}

const knownFailure = (error: unknown): Failure =>
  error instanceof CofferError
    ? { code: error.code, message: error.publicMessage, fatal: false }
    : failureOf(error, path);

const open = (): void => {
  try {
    const db = openForWriting(path);
    const complaintOfFile = complaint(db, path);
    if (complaintOfFile !== undefined) {
      say({ kind: 'failed', failure: { code: 'data_corrupt', message: complaintOfFile, fatal: false } });
      return;
    }
    const writer = new Writer(db);
    parentPort?.on('message', (message: ToWriter) => writer.take(message));
  } catch (error) {
    say({ kind: 'failed', failure: failureOf(error, path) });
  }
};

open();
