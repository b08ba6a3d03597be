import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryMount } from '../../../../../test/conformance/engine-bed.ts';
import { type ListArgs, listNames, pageOf, recordBytesLimit, recordPages } from './listing.ts';

const mountOf = async (paths: readonly string[]): Promise<MemoryMount> => {
  const storage = new MemoryMount();
  for (let at = 0; at < paths.length; at += 1000) {
    const writes = paths.slice(at, at + 1000).map(path => ({ key: `m/${path}`, value: Uint8Array.of(1) }));
    await storage.commit({ writes });
  }
  await storage.commit({ writes: ['l/before', 'n/behind'].map(key => ({ key, value: Uint8Array.of(1) })) });
  storage.rangedKeys = 0;
  return storage;
};

const list = async (storage: MemoryMount, args: ListArgs = {}, deep = false) =>
  (await listNames(storage, 'm/', { ...pageOf(args), deep }))?.keys;

/** The obvious way: everything, then cut. Names compare as their bytes do. */
const plainly = (paths: readonly string[], { path = '', after = '', limit = 0 }: ListArgs, deep: boolean) => {
  const prefix = path === '' ? '' : `${path}/`;
  const inside = paths.filter(one => one.startsWith(prefix)).map(one => one.slice(prefix.length));
  const names = inside.map(one => (deep || !one.includes('/') ? one : one.slice(0, one.indexOf('/') + 1)));
  const sorted = [...new Set(names)].toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const behind = sorted.filter(one => after === '' || Buffer.compare(Buffer.from(one), Buffer.from(after)) > 0);
  const some = limit > 0 ? behind.slice(0, limit) : behind;
  return some.length === 0 ? undefined : some;
};

const oddPaths = [
  'a',
  'a-b',
  'a/b',
  'a/b/c',
  'a/b-',
  'a0',
  'a/',
  'é/x',
  'é',
  '😀/x/y',
  '😀',
  '\uffee/x',
  'z/z',
  'z/z/z',
  'foo bar/x',
  'b/c/d/e',
  'b/c/f',
  'b/d',
].filter(path => !path.endsWith('/'));

test('listing agrees with the obvious way, for every folder, start and page', async () => {
  const storage = await mountOf(oddPaths);
  const folders = [undefined, 'a', 'a/b', 'b', 'b/c', 'é', '😀', 'nothing', 'a0'];
  const starts = ['', 'a', 'a/', 'a/b', 'a/c', 'a0', 'b', 'b/', 'c/', 'é', 'é/', 'z/z', '\u{10ffff}', '-'];
  for (const deep of [false, true])
    for (const path of folders)
      for (const after of starts)
        for (const limit of [0, 1, 2, 100]) {
          const args = { path, after, limit };
          assert.deepEqual(
            await list(storage, args, deep),
            plainly(oddPaths, args, deep),
            JSON.stringify({ deep, ...args }),
          );
        }
});

test('S13: a large folder is named without walking through it', async () => {
  const large = Array.from({ length: 30_000 }, (_, index) => `big/${index}`);
  const storage = await mountOf(['a', ...large, 'z']);
  assert.deepEqual(await list(storage), ['a', 'big/', 'z']);
  assert.ok(storage.rangedKeys < 500, String(storage.rangedKeys));
});

test('many folders are named without walking through them', async () => {
  const paths = Array.from({ length: 30_000 }, (_, index) => `f${Math.floor(index / 300)}/${index % 300}`);
  const storage = await mountOf(paths);
  assert.equal((await list(storage))?.length, 100);
  assert.ok(storage.rangedKeys < 6000, String(storage.rangedKeys));
});

test('many names are read in few batches, and a page reads little more than it answers', async () => {
  const paths = Array.from({ length: 100_000 }, (_, index) => `k${String(index).padStart(6, '0')}`);
  const storage = await mountOf(paths);
  assert.deepEqual(await list(storage), paths);
  assert.ok(storage.ranges < 60, String(storage.ranges));
  storage.rangedKeys = 0;
  assert.deepEqual(await list(storage, { after: 'k050000', limit: 20 }), paths.slice(50_001, 50_021));
  assert.ok(storage.rangedKeys <= 128, String(storage.rangedKeys));
});

test('S13: names and records of one answer are bounded by their length', async () => {
  const storage = new MemoryMount();
  const record = new Uint8Array(recordBytesLimit / 64);
  for (let at = 0; at < 65; at++) {
    await storage.commit({ writes: [{ key: `m/${String(at).padStart(3, '0')}`, value: record }] });
  }
  const count = async (args: ListArgs): Promise<number> => {
    let found = 0;
    for await (const page of recordPages(storage, 'm/', { ...pageOf(args), deep: false })) found += page.length;
    return found;
  };
  await assert.rejects(count({}), /ask page by page, with "limit" and "after"/);
  assert.equal(await count({ limit: 64 }), 64);
  assert.equal((await list(storage))?.length, 65);
});

test('S13: records are opened in small batches where they are large', async () => {
  const storage = new MemoryMount();
  for (let at = 0; at < 400; at++) {
    await storage.commit({ writes: [{ key: `m/${String(at).padStart(3, '0')}`, value: new Uint8Array(10_000) }] });
  }
  let largest = 0;
  let first = true;
  for await (const page of recordPages(storage, 'm/', { ...pageOf({}), deep: false })) {
    if (!first) largest = Math.max(largest, page.length);
    first = false;
  }
  assert.ok(largest <= 26, String(largest));
});
