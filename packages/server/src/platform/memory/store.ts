/**
 * Storage in memory, for development and simulation: the whole contract but durability. Values are copied on their way
 * in and out. Keeps the changes and ids of the last `historyLimit` commits.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type {
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
import { rangeLimit } from '../../contracts/storage.ts';
import { checkCommit, holds } from '../storage/commit.ts';
import { Bell, follow } from '../storage/follow.ts';
import { checkKey, checkText, keyOf, orderOf } from '../storage/key.ts';
import { copyOf, IncomingMemoryCopy, MemoryCopy } from './copies.ts';
import { RecentCommits } from './history.ts';
import { SortedTexts } from './sorted.ts';

export interface MemoryOptions {
  /** Commits whose changes and ids are kept. Default 100,000. */
  readonly historyLimit?: number;
  /** The storage's own time, milliseconds since 1970. Default: the machine's. */
  readonly now?: () => number;
}

const defaultHistoryLimit = 100_000;
const empty = new Uint8Array(0);

class MemoryStore implements Storage, StorageLife, StorageCopies, SharedStorage {
  #records = new Map<string, Stored>();
  #orders = new SortedTexts();
  readonly #recent: RecentCommits;
  readonly #bell = new Bell();

  readonly #now: () => number;

  constructor({ historyLimit = defaultHistoryLimit, now = Date.now }: MemoryOptions) {
    this.#recent = new RecentCommits(historyLimit);
    this.#now = now;
  }

  #checkOpen(): void {
    if (this.#bell.stopped) throw new CofferError('storage_failed', 'The store is closed.');
  }

  get(key: string): Stored | undefined {
    this.#checkOpen();
    checkKey(key);
    const stored = this.#records.get(key);
    return stored === undefined ? undefined : { value: stored.value.slice(), revision: stored.revision };
  }

  // oxlint-disable-next-line typescript/require-await -- refusals must reject, not throw
  async range(prefix: string, options: RangeOptions = {}): Promise<readonly RangeEntry[]> {
    this.#checkOpen();
    checkText(prefix, 'prefix');
    checkText(options.after ?? '', 'start');
    const limit = Math.min(options.limit ?? rangeLimit, rangeLimit);
    const start = orderOf(prefix);
    const after = options.after === undefined ? undefined : orderOf(options.after);
    const entries: RangeEntry[] = [];
    for (const order of this.#orders.from(after === undefined || after < start ? start : after)) {
      if (entries.length >= limit || !order.startsWith(start)) break;
      if (order !== after) entries.push(this.#entry(keyOf(order), options.values !== false));
    }
    return entries;
  }

  #entry(key: string, withValue: boolean): RangeEntry {
    const { value, revision } = this.#records.get(key) as Stored;
    return { key, value: withValue ? value.slice() : empty, revision };
  }

  // oxlint-disable-next-line typescript/require-await -- refusals must reject, not throw
  async commit(commit: Commit): Promise<CommitResult> {
    this.#checkOpen();
    checkCommit(commit);
    const before = this.#recent.revisionOf(commit.id);
    if (before !== undefined) return { ok: true, revision: before };
    const failed = commit.checks?.find(({ key, expect }) => !holds(expect, this.#records.get(key)?.revision));
    if (failed !== undefined) return { ok: false, failed };
    const revision = this.#recent.last() + 1;
    for (const { key, value } of commit.writes) this.#write(key, value, revision);
    const events = (commit.events ?? []).map(({ type, payload }) => ({ type, payload: payload.slice() }));
    this.#recent.add(commit.id, { revision, keys: commit.writes.map(({ key }) => key), events });
    this.#bell.ring();
    return { ok: true, revision };
  }

  #write(key: string, value: Uint8Array | undefined, revision: number): void {
    if (value !== undefined) {
      if (!this.#records.has(key)) this.#orders.add(orderOf(key));
      this.#records.set(key, { value: value.slice(), revision });
    } else if (this.#records.delete(key)) this.#orders.remove(orderOf(key));
  }

  changes(since: number, signal: AbortSignal): AsyncIterable<ChangeOrGap> {
    return follow(this.#recent, this.#bell, { since, signal });
  }

  head(): Promise<number> {
    return Promise.resolve(this.#recent.last());
  }

  // oxlint-disable-next-line typescript/require-await -- refusals must reject, not throw
  async moment(): Promise<Moment> {
    this.#checkOpen();
    return { revision: this.#recent.last(), timeMs: this.#now() };
  }

  copy(): Promise<StoredCopy> {
    this.#checkOpen();
    const keys = Array.from(this.#orders.from(orderOf('')), order => keyOf(order));
    return copyOf(
      keys.map(key => [key, this.#records.get(key)?.value ?? empty]),
      this.#recent.last(),
    );
  }

  receive(picks: readonly string[]): Promise<IncomingCopy> {
    this.#checkOpen();
    return Promise.resolve(new IncomingMemoryCopy(picks));
  }

  // oxlint-disable-next-line typescript/require-await -- refusals must reject, not throw
  async replace(copy: StoredCopy, also: readonly Write[] = []): Promise<number> {
    this.#checkOpen();
    if (!(copy instanceof MemoryCopy)) throw new TypeError('only a copy that was received here can be put in place');
    const revision = this.#recent.skip();
    this.#records = new Map(copy.values.map(([key, value]) => [key, { value, revision }]));
    this.#orders = new SortedTexts();
    for (const key of this.#records.keys()) this.#orders.add(orderOf(key));
    for (const { key, value } of also) this.#write(key, value, revision);
    this.#bell.ring();
    return revision;
  }

  close(): Promise<void> {
    this.#bell.stop();
    return Promise.resolve();
  }
}

/** Everything that a storage can do. */
export type MemoryStorage = Storage & StorageLife & StorageCopies & SharedStorage;

export const openMemoryStore = (options: MemoryOptions = {}): MemoryStorage => new MemoryStore(options);
