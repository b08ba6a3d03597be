/**
 * Storage in PostgreSQL, for one node or many: reads over a pool, commits in batches under the lock of one row, changes by
 * looking at that row. Owns the tables `<table>_entries`, `<table>_changes` and `<table>_head`, and a folder for copies. It
 * goes on when the server is lost and comes back. The server's own fsync is the server's affair: it ends itself where one
 * fails, and acknowledges nothing any more. What ends this process is a database that went back behind what it
 * acknowledged.
 */
import { availableParallelism } from 'node:os';
import { CofferError } from '@coffer/schema/errors.ts';
import type { Log } from '../../contracts/log.ts';
import type {
  Change,
  ChangeOrGap,
  Commit,
  CommitResult,
  IncomingCopy,
  Moment,
  RangeEntry,
  RangeOptions,
  SharedStorage,
  Storage,
  StorageCopies,
  StorageLife,
  Stored,
  StoredCopy,
  Write,
} from '../../contracts/storage.ts';
import { readChange } from '../storage/change-entry.ts';
import { checkCommit } from '../storage/commit.ts';
import { Cursor } from '../storage/cursor.ts';
import { Bell, follow } from '../storage/follow.ts';
import { RecentIds } from '../storage/ids.ts';
import { checkKey, checkText } from '../storage/key.ts';
import { SpooledCopy } from '../storage/spool.ts';
import { historyDefault, idleConnectionsDefault, parallelDefault, readMs, readPatienceMs } from './bounds.ts';
import { CopyPlace } from './copy-place.ts';
import { Connector } from './connector.ts';
import type { Answer, Step } from './driver.ts';
import { told } from './failure.ts';
import { Gets } from './gets.ts';
import { HeadMark } from './head.ts';
import { type Head, openTables } from './migrate.ts';
import { OwnChanges } from './own-changes.ts';
import { Pool } from './pool.ts';
import { Pulse } from './pulse.ts';
import { CommitQueue } from './queue.ts';
import { entryOf, rangeStep } from './range.ts';
import { patiently } from './retry.ts';
import { channelOf, type Statements, statementsOf } from './statements.ts';
import type { Target } from './target.ts';
import { copyAll, replaceAll, type WholeParts } from './whole.ts';
import { bytesArray, int8, numberOf } from './wire.ts';
import { Writer } from './writer.ts';

export interface PostgresOptions {
  readonly target: Target;
  readonly log: Log;
  /** Called once, when the database went back: the process must end. */
  readonly fatal: (error: CofferError) => void;
  /** Prefix of the tables, with a schema before it where one is wanted. Default `coffer`. */
  readonly table?: string;
  readonly skipCreate?: boolean;
  /** Connections for reading at a time. */
  readonly parallel?: number;
  /** Kept without use. */
  readonly idle?: number;
  /** Commits whose changes are kept. */
  readonly historyLimit?: number;
  /** The process has one core, so that commits are held back to be written together. Default: what the machine says. */
  readonly sharesCore?: boolean;
  /** Attempts to connect at the start; 0: until it succeeds. */
  readonly attempts?: number;
}

const closedError = (): CofferError => new CofferError('storage_failed', 'The store is closed.');

interface Parts {
  readonly options: PostgresOptions;
  readonly connector: Connector;
  readonly statements: Statements;
  readonly head: Head;
  readonly table: string;
}

export type PostgresStore = Storage & StorageLife & StorageCopies & SharedStorage;

class Store implements Storage, StorageLife, StorageCopies, SharedStorage {
  readonly #parts: Parts;
  readonly #mark: HeadMark;
  readonly #bell = new Bell();
  readonly #ids = new RecentIds();
  readonly #own: OwnChanges;
  readonly #copies = new CopyPlace();
  readonly #pool: Pool;
  readonly #gets: Gets;
  readonly #pulse: Pulse;
  readonly #writer: Writer;
  readonly #queue: CommitQueue;
  #replacing = false;
  #closing: Promise<void> | undefined;
  #whenIdle: (() => void)[] = [];

  constructor(parts: Parts) {
    this.#parts = parts;
    const { options, connector, statements, head: first, table } = parts;
    const { parallel = parallelDefault, idle = idleConnectionsDefault, historyLimit = historyDefault } = options;
    const open = () => connector.open();
    this.#mark = new HeadMark({ first, fatal: error => this.#break(error), moved: () => this.#bell.ring() });
    this.#pool = new Pool({ open, parallel, idle });
    this.#gets = new Gets(
      async keys => (await this.#ask({ statement: statements.get, values: [bytesArray(keys)] })).rows,
    );
    this.#pulse = new Pulse({
      open: limitMs => connector.open(limitMs),
      question: { statement: statements.moment, values: [] },
      listen: { statement: statements.listen, values: [] },
      mark: this.#mark,
    });
    this.#own = new OwnChanges(historyLimit);
    this.#writer = new Writer({
      open,
      statements,
      channel: channelOf(table),
      mark: this.#mark,
      own: this.#own,
      historyLimit,
    });
    this.#queue = new CommitQueue({
      apply: commits => this.#writer.apply(commits),
      settled: (id, revision) => this.#settled(id, revision),
      sharesCore: options.sharesCore ?? availableParallelism() === 1,
      idle: () => this.#wakeIdle(),
    });
  }

  #break(error: CofferError): void {
    this.#parts.options.log.write('error', 'the store failed and takes no more writes', { reason: error.message });
    this.#parts.options.fatal(error);
  }

  #settled(id: string, revision: number | undefined): void {
    this.#ids.settle(id, revision);
    if (revision !== undefined) this.#mark.seen(revision);
  }

  #wakeIdle(): void {
    const woken = this.#whenIdle;
    this.#whenIdle = [];
    for (const wake of woken) wake();
  }

  async #untilIdle(): Promise<void> {
    while (!this.#queue.isIdle) await new Promise<void>(resolve => this.#whenIdle.push(resolve));
  }

  /** One read, on a server that may be away for a moment. */
  #ask(step: Step, signal?: AbortSignal): Promise<Answer> {
    const patience = signal === undefined ? { ms: readPatienceMs } : { ms: Infinity, signal };
    return patiently(patience, () => this.#pool.use(link => link.ask(step, readMs)));
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw closedError();
  }

  get(key: string): Promise<Stored | undefined> {
    this.#checkOpen();
    checkKey(key);
    return this.#gets.get(key);
  }

  async range(prefix: string, options: RangeOptions = {}): Promise<readonly RangeEntry[]> {
    this.#checkOpen();
    checkText(prefix, 'prefix');
    checkText(options.after ?? '', 'start');
    const { rows } = await this.#ask(rangeStep(this.#parts.statements, prefix, options));
    return rows.map(entryOf);
  }

  commit(commit: Commit): Promise<CommitResult> {
    try {
      this.#checkOpen();
      if (this.#replacing)
        throw new CofferError('storage_failed', 'The store is being replaced by a snapshot.', { retryAfterSeconds: 1 });
      const valueBytes = checkCommit(commit);
      return this.#ids.once(commit.id, () => this.#queue.add(commit, valueBytes));
    } catch (refusal) {
      return Promise.reject(refusal);
    }
  }

  async *changes(since: number, signal: AbortSignal): AsyncGenerator<ChangeOrGap, void, undefined> {
    const over = AbortSignal.any([signal, this.#bell.end]);
    const unfollow = this.#pulse.follow();
    const history = {
      last: () => this.#mark.revision,
      // What is gone shows in the first row that is there.
      first: () => 1,
      read: (from: number, limit: number) => this.#changesFrom(from, limit, over),
    };
    const current = () => patiently({ ms: Infinity, signal: over }, () => this.head());
    try {
      yield* follow(history, this.#bell, { since, signal, current });
    } catch (cause) {
      if (!over.aborted) throw cause;
    } finally {
      unfollow();
    }
  }

  async #changesFrom(from: number, limit: number, signal: AbortSignal): Promise<readonly Change[]> {
    const own = this.#own.from(from, limit);
    if (own.length > 0) return own;
    const { changes: statement } = this.#parts.statements;
    const { rows } = await this.#ask({ statement, values: [int8(from), int8(limit)] }, signal);
    return rows.map(([revision, entry]) => readChange(new Cursor(entry ?? Buffer.alloc(0)), numberOf(revision)));
  }

  async head(): Promise<number> {
    return (await this.moment()).revision;
  }

  async moment(): Promise<Moment> {
    this.#checkOpen();
    return this.#pulse.moment();
  }

  #whole(): WholeParts {
    const { connector, statements, table } = this.#parts;
    return { open: () => connector.open(), statements, spools: this.#copies.spools(), channel: channelOf(table) };
  }

  async copy(): Promise<StoredCopy> {
    this.#checkOpen();
    return copyAll(this.#whole()).catch((cause: unknown) => Promise.reject(told(cause)));
  }

  async receive(picks: readonly string[]): Promise<IncomingCopy> {
    this.#checkOpen();
    return this.#copies.spools().receive(picks);
  }

  async replace(copy: StoredCopy, also: readonly Write[] = []): Promise<number> {
    this.#checkOpen();
    if (!(copy instanceof SpooledCopy)) throw new TypeError('only a copy that was received here can be put in place');
    if (this.#replacing) throw new CofferError('conflict', 'Another snapshot is being put in place.');
    this.#replacing = true;
    try {
      await this.#untilIdle();
      const revision = await replaceAll(this.#whole(), copy, also);
      this.#ids.forget();
      this.#own.forget();
      this.#mark.seen(revision);
      return revision;
    } catch (cause) {
      throw told(cause);
    } finally {
      this.#replacing = false;
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#bell.stop();
    // Those handed in during this turn are under way only at its end.
    await new Promise(setImmediate);
    await this.#untilIdle();
    await Promise.all([this.#pool.close(), this.#pulse.close(), this.#writer.close()]);
    this.#copies.remove();
  }
}

/** `attempts` of the options; 0 is without end. */
const openHead = async (connector: Connector, parts: Omit<Parts, 'head'>): Promise<Head> => {
  const { options, statements, table } = parts;
  const open = async (): Promise<Head> => {
    const link = await connector.open();
    try {
      return await openTables(link, { table, statements, skipCreate: options.skipCreate ?? false });
    } finally {
      await link.close();
    }
  };
  return patiently({ ms: Infinity, attempts: options.attempts ?? 1 }, open);
};

/** Rejects with `CofferError` that says which host stands in the way, and why. */
export const openPostgresStore = async (options: PostgresOptions): Promise<PostgresStore> => {
  const table = options.table ?? 'coffer';
  const statements = statementsOf(table);
  const connector = new Connector({ target: options.target, log: options.log, hello: statements.hello });
  const parts = { options, connector, statements, table };
  return new Store({ ...parts, head: await openHead(connector, parts) });
};
