/**
 * The storage as the barrier sees it while there is a ledger: what is read is held against the ledger, and what is committed is
 * noted there. A record that was put back, or is gone though nobody removed it, is not handed out.
 *
 * Reads and commits meet: a commit can be seen in the storage before its caller is told, and an answer may come after it. So
 * what differs is read once more when the commits under way on that key have ended, and refused only where nothing has
 * changed meanwhile.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Log } from '../../contracts/log.ts';
import type { Commit, CommitResult, RangeEntry, RangeOptions, Storage, Stored } from '../../contracts/storage.ts';
import { markOf as marksIn, recordOverheadBytes } from '../barrier/record.ts';
import { countIn } from '../barrier/write-ids.ts';
import type { Ledger } from './ledger.ts';
import { gone, type Mark, markOfId, sameMark } from './mark.ts';
import { removalsOf } from './removals.ts';

export interface GuardParts {
  readonly storage: Storage;
  /** Whether the ledger is about this key. */
  readonly covers: (key: string) => boolean;
  /** Of this process's commits. */
  readonly lane: () => Uint8Array;
  readonly log: Log;
}

interface Flight {
  readonly key: string;
  readonly mark: Mark;
  /** Whoever waits for it goes on after what it made was noted. */
  readonly made: Promise<CommitResult>;
}

const none: readonly Flight[] = [];

/** So often a key is read again while others write it. */
const rereadLimit = 100;
/** Of keys that are known to be refused. */
const refusedLimit = 1_000;

export const markOfStored = (stored: Stored | undefined): Mark =>
  stored === undefined ? gone : markOfId(marksIn(stored.value).writeId);

const unmarked = (): CofferError =>
  new CofferError('storage_failed', 'The mark of the store could not be written yet: nothing else is.', {
    retryAfterSeconds: 1,
  });

const ended = (flights: readonly Flight[]): Promise<unknown> => Promise.allSettled(flights.map(({ made }) => made));

export class Guard implements Storage {
  readonly #parts: GuardParts;
  #ledger: Ledger | undefined;
  readonly #flights = new Map<string, readonly Flight[]>();
  /** Counts of commits under way, in order. */
  readonly #counts = new Set<number>();
  #lastCount = 0;
  #revision = 0;
  readonly #refused = new Set<string>();
  /** Commits are noted, and reads are not held against the ledger. */
  isResting = false;
  /** The store's mark says whose commits these are: before that, a crash would make them somebody's. */
  isMarked = false;
  /** Called when a record is refused that was not before. */
  refusing: () => void = () => {};

  constructor(parts: GuardParts) {
    this.#parts = parts;
  }

  get covers(): (key: string) => boolean {
    return this.#parts.covers;
  }

  /** From now on reads are held against it, until it is taken away. */
  use(ledger: Ledger | undefined): void {
    this.#ledger = ledger;
    this.isResting = false;
    this.isMarked = false;
    this.#refused.clear();
  }

  /** Records that were refused are the newest now. */
  forgive(): void {
    this.#refused.clear();
  }

  /** Keys that were refused, at most a thousand. */
  get refused(): ReadonlySet<string> {
    return this.#refused;
  }

  /** Every commit of this lane up to this count has ended, and what it made is noted. */
  get upTo(): number {
    const [first] = this.#counts;
    return first === undefined ? this.#lastCount : first - 1;
  }

  /** Of the last commit that was acknowledged. */
  get revision(): number {
    return this.#revision;
  }

  /** Everything up to this revision is in the ledger. */
  reached(revision: number): void {
    this.#revision = Math.max(this.#revision, revision);
  }

  /** Resolves when the commits under way have ended. */
  async idle(): Promise<void> {
    while (this.#flights.size > 0) await ended([...this.#flights.values()].flat());
  }

  get(key: string): Stored | undefined | Promise<Stored | undefined> {
    const stored = this.#parts.storage.get(key);
    if (this.#watching === undefined || !this.#parts.covers(key)) return stored;
    return stored instanceof Promise ? stored.then(late => this.#checked(key, late)) : this.#checked(key, stored);
  }

  async range(prefix: string, options?: RangeOptions): Promise<readonly RangeEntry[]> {
    const entries = await this.#parts.storage.range(prefix, options);
    if (this.#watching === undefined || options?.values === false) return entries;
    const checked: RangeEntry[] = [];
    for (const entry of entries) {
      const { key } = entry;
      const stored = this.#parts.covers(key) ? await this.#checked(key, entry) : entry;
      if (stored !== undefined) checked.push({ ...stored, key });
    }
    return checked;
  }

  changes(since: number, signal: AbortSignal): ReturnType<Storage['changes']> {
    return this.#parts.storage.changes(since, signal);
  }

  async commit(commit: Commit): Promise<CommitResult> {
    const { storage } = this.#parts;
    const ledger = this.#ledger;
    const isCovered = ledger !== undefined && this.#covers(commit);
    if (isCovered && !this.isMarked && !this.isResting) throw unmarked();
    const removals = isCovered ? removalsOf(ledger, commit) : undefined;
    const made = storage.commit(
      removals === undefined ? commit : { ...commit, events: [...(commit.events ?? []), removals] },
    );
    const id = Uint8Array.fromHex(commit.id);
    const count = countIn(this.#parts.lane(), id);
    const flights = this.#begin(commit, { mark: markOfId(id), made });
    if (count !== undefined) {
      this.#counts.add(count);
      this.#lastCount = Math.max(this.#lastCount, count);
    }
    try {
      const result = await made;
      if (result.ok) {
        for (const { key, mark } of flights) this.#note(key, mark);
        this.reached(result.revision);
      }
      return result;
    } finally {
      for (const flight of flights) this.#end(flight);
      if (count !== undefined) this.#counts.delete(count);
    }
  }

  #covers({ writes }: Commit): boolean {
    return writes.some(({ key }) => this.#parts.covers(key));
  }

  /** What was read beside it, as if it was read here. Throws `data_corrupt`. */
  async verify({ key, ...stored }: RangeEntry): Promise<void> {
    await this.#checked(key, stored);
  }

  /** What reads are held against. */
  get #watching(): Ledger | undefined {
    return this.isResting ? undefined : this.#ledger;
  }

  /** One that was refused is another by now. */
  #note(key: string, mark: Mark): void {
    this.#ledger?.note(key, mark);
    if (this.#refused.size > 0) this.#refused.delete(key);
  }

  #begin({ writes }: Commit, { mark, made }: Omit<Flight, 'key'>): readonly Flight[] {
    const begun: Flight[] = [];
    for (const { key, value } of writes) {
      if (!this.#parts.covers(key)) continue;
      const flight = { key, mark: value === undefined ? gone : mark, made };
      begun.push(flight);
      const others = this.#flights.get(key);
      this.#flights.set(key, others === undefined ? [flight] : [...others, flight]);
    }
    return begun;
  }

  #end(flight: Flight): void {
    const { key } = flight;
    const flights = this.#flights.get(key) ?? none;
    if (flights.length <= 1) this.#flights.delete(key);
    else
      this.#flights.set(
        key,
        flights.filter(other => other !== flight),
      );
  }

  #checked(key: string, stored: Stored | undefined): Stored | undefined | Promise<Stored | undefined> {
    const ledger = this.#watching;
    if (ledger === undefined || this.#isNewest(ledger, key, stored)) return stored;
    return this.#again(ledger, key);
  }

  #isNewest(ledger: Ledger, key: string, stored: Stored | undefined): boolean {
    // Cut off: that is for who opens it to tell.
    if (stored !== undefined && stored.value.length < recordOverheadBytes) return true;
    const found = markOfStored(stored);
    if (sameMark(found, ledger.markOf(key))) return true;
    return this.#flights.get(key)?.some(({ mark }) => sameMark(mark, found)) === true;
  }

  async #again(ledger: Ledger, key: string): Promise<Stored | undefined> {
    for (let attempt = 0; attempt < rereadLimit; attempt++) {
      await ended(this.#flights.get(key) ?? none);
      const [before, isQuiet] = [ledger.markOf(key), !this.#flights.has(key)];
      const stored = await this.#parts.storage.get(key);
      if (this.#watching !== ledger || this.#isNewest(ledger, key, stored)) return stored;
      if (isQuiet && !this.#flights.has(key) && sameMark(before, ledger.markOf(key)))
        throw this.#refuse(key, stored, before);
    }
    throw new CofferError('conflict', 'The record is written again and again; try again.');
  }

  #refuse(key: string, stored: Stored | undefined, kept: Mark): CofferError {
    const what =
      stored === undefined
        ? 'is gone, and nobody removed it'
        : sameMark(kept, gone)
          ? 'is one that was removed: it was put back'
          : 'is not the one that was written last';
    if (!this.#refused.has(key) && this.#refused.size < refusedLimit) {
      this.#refused.add(key);
      this.#parts.log.write('error', `a stored record ${what}`, { key });
      this.refusing();
    }
    return new CofferError('data_corrupt', `The stored record ${JSON.stringify(key)} ${what}.`);
  }
}
