/** A storage of which it is known how new what was read and written through it is. */
import type {
  ChangeOrGap,
  Commit,
  CommitResult,
  RangeEntry,
  RangeOptions,
  Storage,
  Stored,
} from '../../contracts/storage.ts';

export class SeenStorage implements Storage {
  readonly #storage: Storage;
  #revision = 0;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  /** Nothing that was read is of a later commit, and none of its own is. */
  get revision(): number {
    return this.#revision;
  }

  get(key: string): Stored | undefined | Promise<Stored | undefined> {
    const found = this.#storage.get(key);
    return found instanceof Promise ? found.then(this.#seen) : this.#seen(found);
  }

  async range(prefix: string, options?: RangeOptions): Promise<readonly RangeEntry[]> {
    const found = await this.#storage.range(prefix, options);
    for (const entry of found) this.#seen(entry);
    return found;
  }

  async commit(commit: Commit): Promise<CommitResult> {
    const result = await this.#storage.commit(commit);
    if (result.ok) this.#seen(result);
    return result;
  }

  changes(since: number, signal: AbortSignal): AsyncIterable<ChangeOrGap> {
    return this.#storage.changes(since, signal);
  }

  readonly #seen = <T extends { readonly revision: number } | undefined>(found: T): T => {
    if (found !== undefined && found.revision > this.#revision) this.#revision = found.revision;
    return found;
  };
}
