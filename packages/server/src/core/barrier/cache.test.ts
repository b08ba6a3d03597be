import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry, KeyRange } from '../../contracts/engine.ts';
import type { CommitResult } from '../../contracts/storage.ts';
import { RecordCache } from './cache.ts';
import type { Found, RecordCommit, Records } from './records.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (entry: Entry | undefined): string | undefined => entry && new TextDecoder().decode(entry.value);

/** Records whose reads and commits wait until they are let go, so that every interleaving can be made. */
class SlowRecords implements Records {
  readonly stored = new Map<string, Entry>();
  readonly gates: (() => void)[] = [];
  revision = 0;
  reads = 0;
  slow = true;

  get(key: string): Found {
    this.reads++;
    const entry = this.stored.get(key);
    const fresh = entry && { ...entry, memo: undefined };
    return this.slow ? this.#gate().then(() => fresh) : fresh;
  }

  async range(prefix: string): Promise<readonly KeyRange[]> {
    await Promise.resolve();
    const found = [...this.stored].filter(([key]) => key.startsWith(prefix));
    return found.map(([key, entry]) => ({ key, revision: entry.revision, entry: { ...entry, memo: undefined } }));
  }

  async commit({ writes }: RecordCommit): Promise<CommitResult> {
    await this.#gate();
    const revision = ++this.revision;
    for (const { key, value } of writes) this.#write(key, value, revision);
    await this.#gate();
    return { ok: true, revision };
  }

  #write(key: string, value: Uint8Array | undefined, revision: number): void {
    if (value === undefined) this.stored.delete(key);
    else this.stored.set(key, { value, revision, memo: undefined });
  }

  #gate(): Promise<void> {
    return new Promise(resolve => this.gates.push(resolve));
  }

  /** Lets the `index`-th waiting go, and what follows from it happen. */
  async let(index = 0): Promise<void> {
    const [gate] = this.gates.splice(index, 1);
    gate?.();
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  }

  async letAll(): Promise<void> {
    while (this.gates.length > 0) await this.let();
  }
}

const cacheOver = (records: SlowRecords, limitBytes = 1_000_000) => new RecordCache(records, limitBytes);
const write = (key: string, text: string): RecordCommit => ({ writes: [{ key, value: bytes(text) }] });
const seed = (records: SlowRecords, key: string, text: string): void => {
  records.stored.set(key, { value: bytes(text), revision: ++records.revision, memo: undefined });
};
const hit = (found: Found): Entry | undefined => {
  assert.equal(found instanceof Promise, false, 'not a hit');
  return found as Entry | undefined;
};

test('a second read is answered at once, with the same entry; readers at the same time share one read', async () => {
  const records = new SlowRecords();
  seed(records, 'a', 'one');
  const cache = cacheOver(records);
  const both = [cache.get('a'), cache.get('a')];
  await records.letAll();
  assert.equal(records.reads, 1);
  assert.equal(await both[0], await both[1]);
  assert.equal(hit(cache.get('a')), await both[0]);
});

test('what is absent is remembered as absent, until it is written', async () => {
  const records = new SlowRecords();
  const cache = cacheOver(records);
  void cache.get('a');
  await records.letAll();
  assert.equal(hit(cache.get('a')), undefined);
  const committing = cache.commit(write('a', 'one'));
  await records.letAll();
  await committing;
  assert.equal(textOf(hit(cache.get('a'))), 'one');
});

test('a read that began before a commit does not bring the old value back after it', async () => {
  const records = new SlowRecords();
  seed(records, 'a', 'old');
  const cache = cacheOver(records);
  const before = cache.get('a');
  const committing = cache.commit(write('a', 'new'));
  await records.let(1);
  await records.let(1);
  await committing;
  await records.letAll();
  assert.equal(textOf(await before), 'old');
  assert.equal(textOf(hit(cache.get('a'))), 'new');
});

test('a read that began during a commit is not kept, nor joined by one who asks after it', async () => {
  const records = new SlowRecords();
  seed(records, 'a', 'old');
  const cache = cacheOver(records);
  const committing = cache.commit(write('a', 'new'));
  const during = cache.get('a');
  await records.let(0);
  await records.let(1);
  await committing;
  assert.equal(textOf(hit(cache.get('a'))), 'new');
  await records.letAll();
  assert.equal(textOf(await during), 'old');
  assert.equal(textOf(hit(cache.get('a'))), 'new');
});

test('two commits on a key at the same time leave nothing cached, whatever their order', async () => {
  const records = new SlowRecords();
  const cache = cacheOver(records);
  const commits = [cache.commit(write('a', 'one')), cache.commit(write('a', 'two'))];
  await records.let(1);
  await records.let(0);
  await records.letAll();
  await Promise.all(commits);
  const found = cache.get('a');
  assert.ok(found instanceof Promise);
  await records.letAll();
  assert.equal(textOf(await found), textOf(records.stored.get('a')));
});

test('what a storage answers at once while a commit is under way is not kept either', async () => {
  const records = new SlowRecords();
  records.slow = false;
  seed(records, 'a', 'old');
  const cache = cacheOver(records);
  const commits = [cache.commit(write('a', 'one')), cache.commit(write('a', 'two'))];
  assert.equal(textOf(hit(cache.get('a'))), 'old');
  await records.letAll();
  await Promise.all(commits);
  assert.equal(textOf(hit(cache.get('a'))), 'two');
});

test('a commit that fails leaves nothing of itself', async () => {
  const records = new SlowRecords();
  seed(records, 'a', 'old');
  const cache = cacheOver(records);
  records.commit = () => Promise.reject(new Error('no'));
  await assert.rejects(cache.commit(write('a', 'new')));
  records.commit = () => Promise.resolve({ ok: false, failed: { key: 'a', expect: 'absent' } });
  assert.equal((await cache.commit(write('a', 'new'))).ok, false);
  records.slow = false;
  assert.equal(textOf(hit(cache.get('a'))), 'old');
});

test('a removal is remembered; what another changed is read again', async () => {
  const records = new SlowRecords();
  records.slow = false;
  seed(records, 'a', 'one');
  const cache = cacheOver(records);
  void cache.get('a');
  seed(records, 'a', 'two');
  assert.equal(textOf(hit(cache.get('a'))), 'one');
  cache.forget(['a'], records.revision);
  assert.equal(textOf(hit(cache.get('a'))), 'two');
  const removing = cache.commit({ writes: [{ key: 'a', value: undefined }] });
  await records.letAll();
  await removing;
  const { reads } = records;
  assert.equal(hit(cache.get('a')), undefined);
  assert.equal(records.reads, reads);
});

test('what is kept as of the revision that is heard of, or of a later one, stays', async () => {
  const records = new SlowRecords();
  const cache = cacheOver(records);
  records.slow = false;
  void cache.get('a');
  for (const value of [bytes('one'), undefined]) {
    const committing = cache.commit({ writes: [{ key: 'a', value }] });
    await records.let();
    cache.forget(['a'], records.revision);
    await records.letAll();
    await committing;
    for (const revision of [records.revision, 0]) cache.forget(['a'], revision);
    const { reads } = records;
    assert.deepEqual(hit(cache.get('a'))?.value, value);
    assert.equal(records.reads, reads);
  }
});

test('another’s change during a commit keeps the commit’s value out', async () => {
  const records = new SlowRecords();
  const cache = cacheOver(records);
  const committing = cache.commit(write('a', 'one'));
  cache.forget(['a'], 2);
  await records.letAll();
  await committing;
  assert.equal(cache.get('a') instanceof Promise, true);
});

test('after clearing, neither reads nor commits under way fill the cache', async () => {
  const records = new SlowRecords();
  seed(records, 'b', 'x');
  const cache = cacheOver(records);
  const committing = cache.commit(write('a', 'one'));
  void cache.get('b');
  cache.clear();
  await records.letAll();
  await committing;
  assert.equal(cache.bytes, 0);
  assert.equal(cache.get('a') instanceof Promise, true);
});

test('the cache keeps to its bytes; what is asked for again and again stays', () => {
  const records = new SlowRecords();
  records.slow = false;
  const cache = cacheOver(records, 20_000);
  for (let i = 0; i < 500; i++) seed(records, `k${i}`, 'x'.repeat(100));
  void cache.get('k0');
  for (let i = 1; i < 500; i++) {
    void cache.get(`k${i}`);
    void cache.get('k0');
    assert.ok(cache.bytes <= 20_000);
  }
  assert.equal(records.reads, 500);
});

test('a record larger than the cache is served but not kept; with no bytes nothing is kept', () => {
  const records = new SlowRecords();
  records.slow = false;
  seed(records, 'a', 'x'.repeat(10_000));
  for (const limit of [10_000, 0]) {
    const cache = cacheOver(records, limit);
    assert.equal(hit(cache.get('a'))?.value.length, 10_000);
    assert.equal(cache.bytes, 0);
  }
});

test('ranges hand out the cached entry with its decoded form, if it is of the same revision', async () => {
  const records = new SlowRecords();
  records.slow = false;
  seed(records, 'a', 'one');
  seed(records, 'b', 'two');
  const cache = cacheOver(records);
  for (const key of ['a', 'b']) (hit(cache.get(key)) as Entry).memo = `memo of ${key}`;
  seed(records, 'b', 'three');
  const [a, b] = await cache.range('');
  assert.equal(a?.entry?.memo, 'memo of a');
  assert.equal(b?.entry?.memo, undefined);
});

test('a commit replaces what was asked for, before or meanwhile, and keeps nothing that nobody asked for', async () => {
  const records = new SlowRecords();
  records.slow = false;
  const cache = cacheOver(records);
  const written = async (key: string, meanwhile?: () => unknown): Promise<void> => {
    const committing = cache.commit(write(key, 'new'));
    meanwhile?.();
    await records.letAll();
    await committing;
  };
  await written('nobody');
  assert.equal(cache.bytes, 0);
  void cache.get('before');
  await written('before');
  await written('meanwhile', () => cache.get('meanwhile'));
  const { reads } = records;
  assert.deepEqual(
    ['before', 'meanwhile'].map(key => textOf(hit(cache.get(key)))),
    ['new', 'new'],
  );
  assert.equal(records.reads, reads);
});

test('a written record comes with its decoded form; a window on something larger is not kept whole', async () => {
  const records = new SlowRecords();
  records.slow = false;
  const cache = cacheOver(records);
  void cache.get('a');
  const large = new Uint8Array(1_000_000);
  const committing = cache.commit({ writes: [{ key: 'a', value: large.subarray(0, 3), memo: 'decoded' }] });
  await records.letAll();
  await committing;
  const entry = hit(cache.get('a'));
  assert.equal(entry?.memo, 'decoded');
  assert.equal(entry.value.buffer.byteLength, 3);
});

test('random interleavings: once a commit has resolved, no read that begins later sees what was before', async () => {
  let seedValue = 12345;
  const next = (below: number): number => {
    seedValue = (Math.imul(seedValue, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((seedValue / 2 ** 32) * below);
  };
  const records = new SlowRecords();
  const cache = cacheOver(records);
  const done = new Map<string, number>();
  const pending: Promise<unknown>[] = [];
  let last: Entry | undefined;
  const read = async (key: string): Promise<void> => {
    const atLeast = done.get(key) ?? 0;
    const entry = await cache.get(key, last);
    last = entry;
    assert.ok((entry?.revision ?? 0) >= atLeast, `${key}: revision ${entry?.revision}, ${atLeast} was acknowledged`);
  };
  const change = async (key: string): Promise<void> => {
    const result = await cache.commit(write(key, 'x'));
    if (result.ok) done.set(key, Math.max(result.revision, done.get(key) ?? 0));
  };
  for (let step = 0; step < 20_000; step++) {
    const key = `k${next(3)}`;
    const kind = next(4);
    if (kind === 0) pending.push(change(key));
    else if (kind === 1) pending.push(read(key));
    else await records.let(next(records.gates.length));
  }
  await records.letAll();
  await Promise.all(pending);
});

/** Both are cached, and `next` is known to come after `before`. */
const sideBySide = (limitBytes?: number) => {
  const records = new SlowRecords();
  records.slow = false;
  seed(records, 'before', 'one');
  seed(records, 'next', 'two');
  const cache = cacheOver(records, limitBytes);
  void cache.get('before');
  void cache.get('next');
  const before = hit(cache.get('before')) ?? assert.fail();
  assert.equal(textOf(hit(cache.get('next', before))), 'two');
  assert.equal(textOf(hit(cache.get('next', before))), 'two');
  return { records, cache, before };
};

test('beside another entry, too, only the newest is found, and nothing once it has been dropped', async () => {
  const { records, cache, before } = sideBySide();
  const committing = cache.commit(write('next', 'three'));
  assert.equal(textOf(hit(cache.get('next', before))), 'two');
  await records.letAll();
  await committing;
  assert.equal(textOf(hit(cache.get('next', before))), 'three');
  seed(records, 'next', 'four');
  cache.forget(['next'], records.revision);
  assert.equal(textOf(hit(cache.get('next', before))), 'four');
  seed(records, 'next', 'five');
  cache.clear();
  assert.equal(textOf(hit(cache.get('next', before))), 'five');
});

test('beside another entry only what was asked for is found', () => {
  const { records, cache, before } = sideBySide();
  seed(records, 'other', 'three');
  assert.equal(textOf(hit(cache.get('other', before))), 'three');
  assert.equal(textOf(hit(cache.get('next', before))), 'two');
  assert.equal(textOf(hit(cache.get('other', before))), 'three');
  const elsewhere = { value: bytes('x'), revision: 1, memo: undefined };
  assert.equal(textOf(hit(cache.get('next', elsewhere))), 'two');
  // An entry that was dropped may still be in somebody's hands.
  seed(records, 'next', 'four');
  cache.forget(['before', 'next'], records.revision);
  assert.equal(textOf(hit(cache.get('next', before))), 'four');
  seed(records, 'next', 'five');
  cache.forget(['next'], records.revision);
  assert.equal(textOf(hit(cache.get('next', before))), 'five');
});

test('what is pushed out of the cache is not found beside another entry either', () => {
  const { records, cache, before } = sideBySide(2000);
  for (let i = 0; i < 100; i++) {
    seed(records, `k${i}`, 'x');
    void cache.get(`k${i}`);
    void cache.get('before');
  }
  seed(records, 'next', 'three');
  assert.equal(textOf(hit(cache.get('next', before))), 'three');
  assert.ok(cache.bytes <= 2000);
});

test('what is written or read without keeping is not kept, and nothing older is found after it', async () => {
  const records = new SlowRecords();
  records.slow = false;
  seed(records, 'k', 'old');
  const cache = cacheOver(records);
  assert.equal(textOf(hit(cache.get('k'))), 'old');
  const writing = cache.unkept.commit(write('k', 'new'));
  await records.let();
  await records.letAll();
  await writing;
  assert.equal(cache.bytes, 0);
  assert.equal(textOf(hit(cache.unkept.get('k'))), 'new');
  assert.equal(cache.bytes, 0);
  assert.equal(textOf(hit(cache.get('k'))), 'new');
});
