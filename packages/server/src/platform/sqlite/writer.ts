/**
 * The writer thread: the only connection that writes. One batch, one transaction, one fsync, then the answer. Moves the
 * write-ahead log into the file itself, so that an error of the device there is seen and ends the process too.
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

/** The write-ahead log is moved into the file when it has grown to this; its space is then used again. */
const checkpointPages = 8_192;
/** Without commits for this long, the log is moved and cut to nothing. */
const idleMs = 2_000;
/** After a move that was kept from its end, this many pages more are awaited before the next. */
const retryPages = 1_024;

const options = workerData as WriterOptions;
const { path } = options;
const say = (message: FromWriter, transfer: ArrayBuffer[] = []): void => parentPort?.postMessage(message, transfer);

class Writer {
  readonly #db: DatabaseSync;
  readonly #applier: Applier;
  readonly #log: StatementSync;
  #checkpointAt = checkpointPages;
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
    this.#checkpointWhenLong();
    this.#armIdle();
  }

  #batch({ buffer, length, commits }: BatchMessage): void {
    try {
      const { results, oldest } = this.#applier.apply(new Uint8Array(buffer, 0, length), commits);
      if (options.fsyncDelayMs > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, options.fsyncDelayMs);
      say({ kind: 'applied', buffer, results, oldest }, [buffer]);
    } catch (error) {
      say({ kind: 'refused', buffer, failure: this.#rolledBack(failureOf(error, path)) }, [buffer]);
    }
    this.#checkpointWhenLong();
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

  #logPages(): number {
    return Number(this.#log.get()?.['log'] ?? 0);
  }

  #checkpointWhenLong(): void {
    const pages = this.#logPages();
    if (pages >= this.#checkpointAt)
      this.#checkpointAt = this.#checkpoint('PASSIVE') ? checkpointPages : pages + retryPages;
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
    else this.#idle = setTimeout(() => this.#logPages() > 0 && this.#checkpoint('TRUNCATE'), idleMs);
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
