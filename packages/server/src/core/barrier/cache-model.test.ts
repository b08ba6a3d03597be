/** The cache beside a model that knows every state a key ever had, under random interleavings of a storage that is slow. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry, KeyRange } from '../../contracts/engine.ts';
import type { CommitResult } from '../../contracts/storage.ts';
import { RecordCache } from './cache.ts';
import type { Found, RecordCommit, Records } from './records.ts';

const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
const limitBytes = 1_500;

class Dice {
  #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  below(limit: number): number {
    this.#seed = (Math.imul(this.#seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#seed / 2 ** 32) * limit);
  }

  of<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }
}

/** A key at one revision; without a value where it was removed, or never there. */
interface State {
  readonly revision: number;
  readonly isThere: boolean;
}

/** Reads and commits take effect at once or late, and are answered later still. */
class Model implements Records {
  readonly dice: Dice;
  readonly states = new Map<string, State[]>(keys.map(key => [key, [{ revision: 0, isThere: false }]]));
  readonly gates: (() => void)[] = [];
  /** Nobody has heard of these yet. */
  readonly changes: { readonly key: string; readonly revision: number }[] = [];
  revision = 0;

  constructor(dice: Dice) {
    this.dice = dice;
  }

  now(key: string): State {
    return this.states.get(key)?.at(-1) ?? assert.fail(key);
  }

  change(key: string, isThere: boolean): void {
    this.states.get(key)?.push({ revision: this.revision, isThere });
    this.changes.push({ key, revision: this.revision });
  }

  #entry(key: string): Entry | undefined {
    const { revision, isThere } = this.now(key);
    const value = new TextEncoder().encode(`${key}${revision}`);
    return isThere ? { value, revision, memo: undefined } : undefined;
  }

  get(key: string): Found {
    const kind = this.dice.below(4);
    if (kind === 0) return this.#entry(key);
    const found = this.#entry(key);
    if (kind === 1) return this.#gate().then(() => found);
    if (kind === 2) return this.#gate().then(() => this.#entry(key));
    return this.#gate().then(() => {
      throw new Error('the storage failed');
    });
  }

  async range(): Promise<readonly KeyRange[]> {
    await this.#gate();
    return keys.flatMap(key => {
      const entry = this.#entry(key);
      return entry === undefined ? [] : [{ key, revision: entry.revision, entry }];
    });
  }

  async commit({ writes }: RecordCommit): Promise<CommitResult> {
    await this.#gate();
    const kind = this.dice.below(5);
    if (kind === 0) throw new Error('the storage failed');
    if (kind === 1) return { ok: false, failed: { key: writes[0]?.key ?? '', expect: 'absent' } };
    const revision = ++this.revision;
    for (const write of writes) {
      const { key } = write;
      this.change(key, write.value !== undefined);
      if (write instanceof Written) write.revision = revision;
    }
    await this.#gate();
    return { ok: true, revision };
  }

  #gate(): Promise<void> {
    return new Promise(resolve => this.gates.push(resolve));
  }

  async let(): Promise<void> {
    const [gate] = this.gates.splice(this.dice.below(this.gates.length), 1);
    gate?.();
    for (let turn = 0; turn < 12; turn++) await Promise.resolve();
  }
}

class Run {
  readonly #dice: Dice;
  readonly #model: Model;
  readonly #cache: RecordCache;
  readonly #pending: Promise<unknown>[] = [];
  /** Everybody was told that a key is at least this new. */
  readonly #known = new Map<string, number>();
  /** Entries that somebody still holds. */
  readonly #held: Entry[] = [];
  hits = 0;

  constructor(seed: number) {
    this.#dice = new Dice(seed);
    this.#model = new Model(this.#dice);
    this.#cache = new RecordCache(this.#model, limitBytes);
  }

  #check(key: string, entry: Entry | undefined, atLeast: number): void {
    const fits = (this.#model.states.get(key) ?? []).some(
      ({ revision, isThere }) =>
        revision >= atLeast && (entry === undefined ? !isThere : isThere && revision === entry.revision),
    );
    assert.ok(fits, `${key}: ${entry?.revision ?? 'absent'}, but ${atLeast} was told`);
    if (entry === undefined) return;
    assert.equal(new TextDecoder().decode(entry.value), `${key}${entry.revision}`);
    assert.ok(entry.memo === undefined || entry.memo === `memo of ${key}${entry.revision}`);
    entry.memo = `memo of ${key}${entry.revision}`;
    this.#held[this.#dice.below(8)] = entry;
  }

  async #read(key: string): Promise<void> {
    const atLeast = this.#known.get(key) ?? 0;
    const records = this.#dice.below(5) === 0 ? this.#cache.unkept : this.#cache;
    const found = records.get(key, this.#dice.below(2) === 0 ? this.#dice.of(this.#held) : undefined);
    if (!(found instanceof Promise)) this.hits++;
    try {
      this.#check(key, await found, atLeast);
    } catch (cause) {
      if (!(cause instanceof Error) || cause.message !== 'the storage failed') throw cause;
    }
  }

  async #list(): Promise<void> {
    const atLeast = new Map(this.#known);
    for (const { key, entry } of await this.#cache.range('')) this.#check(key, entry, atLeast.get(key) ?? 0);
  }

  async #change(): Promise<void> {
    const written = this.#dice.below(4) === 0 ? [this.#dice.of(keys), this.#dice.of(keys)] : [this.#dice.of(keys)];
    const value = this.#dice.below(4) === 0 ? undefined : 'to be told';
    const records = this.#dice.below(5) === 0 ? this.#cache.unkept : this.#cache;
    // The value names its revision, which is known once it is made.
    const writes = [...new Set(written)].map(key => new Written(key, value !== undefined));
    try {
      const result = await records.commit({ writes });
      if (!result.ok) return;
      for (const { key } of writes) this.#known.set(key, Math.max(result.revision, this.#known.get(key) ?? 0));
    } catch (cause) {
      if (!(cause instanceof Error) || cause.message !== 'the storage failed') throw cause;
    }
  }

  #elsewhere(): void {
    const key = this.#dice.of(keys);
    this.#model.revision++;
    this.#model.change(key, this.#dice.below(3) > 0);
  }

  /** Of the oldest change, one's own as well, perhaps before the commit is answered. */
  #hear(): void {
    const change = this.#model.changes.shift();
    if (change === undefined) return;
    this.#cache.forget([change.key], change.revision);
    this.#known.set(change.key, Math.max(change.revision, this.#known.get(change.key) ?? 0));
  }

  async step(): Promise<void> {
    const kind = this.#dice.below(20);
    if (kind < 5) this.#pending.push(this.#read(this.#dice.of(keys)));
    else if (kind < 8) this.#pending.push(this.#change());
    else if (kind === 8) this.#pending.push(this.#list());
    else if (kind === 9) this.#elsewhere();
    else if (kind < 15) this.#hear();
    else if (kind === 15 && this.#dice.below(10) === 0) this.#cache.clear();
    else await this.#model.let();
    assert.ok(this.#cache.bytes >= 0 && this.#cache.bytes <= limitBytes, `${this.#cache.bytes} bytes`);
  }

  /** Everything is answered, and what is left is what the storage holds. */
  async end(): Promise<void> {
    while (this.#model.gates.length > 0) await this.#model.let();
    await Promise.all(this.#pending);
    while (this.#model.changes.length > 0) this.#hear();
    for (const key of keys) {
      const { revision, isThere } = this.#model.now(key);
      for (let time = 0; time < 3; time++) {
        const found = this.#cache.get(key);
        if (!(found instanceof Promise)) assert.equal(found?.revision, isThere ? revision : undefined, key);
        while (this.#model.gates.length > 0) await this.#model.let();
        await Promise.resolve(found).catch(() => {});
      }
    }
    for (const key of keys) this.#cache.forget([key], this.#model.revision + 1);
    assert.equal(this.#cache.bytes, 0);
  }
}

class Written {
  readonly key: string;
  readonly #isThere: boolean;
  /** Of the commit, once it takes effect. */
  revision = 0;

  constructor(key: string, isThere: boolean) {
    this.key = key;
    this.#isThere = isThere;
  }

  /** Read when the commit takes effect, and once more when it is kept. */
  get value(): Uint8Array | undefined {
    return this.#isThere ? new TextEncoder().encode(`${this.key}${this.revision}`) : undefined;
  }

  get memo(): unknown {
    return this.#isThere ? `memo of ${this.key}${this.revision}` : undefined;
  }
}

for (let seed = 1; seed <= 20; seed++)
  test(`beside a model: commits that overlap, failures, evictions, forgetting and clearing, ${seed}`, async () => {
    const run = new Run(seed);
    for (let step = 0; step < 2_000; step++) await run.step();
    await run.end();
    assert.ok(run.hits > 50, `only ${run.hits} hits`);
  });
