import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CofferError } from '@coffer/schema/errors.ts';
import { storeKey } from '../../core/barrier/layout.ts';
import { realClock } from '../../platform/clock/real.ts';
import { type MemoryStorage, openMemoryStore } from '../../platform/memory/store.ts';
import { copyStore } from './copy.ts';

const utf8 = new TextEncoder();
let commits = 0;
const put = async (store: MemoryStorage, key: string, text: string): Promise<void> => {
  const id = (commits++).toString(16).padStart(32, '0');
  await store.commit({ id, writes: [{ key, value: utf8.encode(text) }] });
};

const storeWith = async (records: number): Promise<MemoryStorage> => {
  const store = openMemoryStore();
  await put(store, storeKey, 'id');
  for (let at = 0; at < records; at++) await put(store, `1/a/${at}`, `value ${at}`.repeat(at));
  return store;
};

const all = async (store: MemoryStorage) =>
  (await store.range('')).map(({ key, value }) => [key, new TextDecoder().decode(value)]);

const move = (source: MemoryStorage, destination: MemoryStorage, watchMs = 0) =>
  copyStore({ source, destination, clock: realClock(), say: () => undefined, watchMs });

const failsWith =
  (code: string, words: RegExp) =>
  (error: unknown): boolean =>
    error instanceof CofferError && error.code === code && words.test(error.publicMessage);

test('all records are in the destination as they were, and it goes on from there', async () => {
  const [source, destination] = [await storeWith(300), openMemoryStore()];
  const { records } = await move(source, destination);
  assert.equal(records, 301);
  assert.deepEqual(await all(destination), await all(source));
  await put(destination, '1/a/new', 'x');
  assert.equal((await all(destination)).length, 302);
});

test('what is no store, and what is not empty, is refused and left as it was', async () => {
  const [source, empty] = [await storeWith(2), openMemoryStore()];
  await assert.rejects(move(empty, openMemoryStore()), failsWith('usage', /holds no store/));
  const taken = openMemoryStore();
  await put(taken, 'x', 'y');
  await assert.rejects(move(source, taken), failsWith('usage', /not empty/));
  assert.deepEqual(await all(taken), [['x', 'y']]);
  await assert.rejects(move(source, source), failsWith('usage', /not empty/));
});

test('a source that somebody writes to is not moved', async () => {
  const [source, destination] = [await storeWith(2), openMemoryStore()];
  const { receive } = destination;
  destination.receive = async picks => {
    await put(source, '1/a/late', 'x');
    return receive.call(destination, picks);
  };
  await assert.rejects(move(source, destination), failsWith('conflict', /stop all servers/));
  assert.deepEqual(await all(destination), []);
});

test('a failure at any step leaves the destination empty and nothing lying about, and the next run goes through', async () => {
  const [source, destination] = [await storeWith(5), openMemoryStore()];
  const failing = async (): Promise<never> => {
    throw new CofferError('storage_failed', 'the disk is gone');
  };
  for (const [store, step] of [
    [source, 'copy'],
    [source, 'head'],
    [destination, 'receive'],
    [destination, 'replace'],
  ] as const) {
    const kept = store[step];
    Object.assign(store, { [step]: failing });
    await assert.rejects(move(source, destination), failsWith('storage_failed', /gone/), step);
    Object.assign(store, { [step]: kept });
    assert.deepEqual(await all(destination), []);
  }
  // Copies are few: those of failed runs were given back.
  for (let round = 0; round < 10; round++) {
    Object.assign(destination, { replace: failing });
    await assert.rejects(move(source, destination));
    Reflect.deleteProperty(destination, 'replace');
  }
  assert.equal((await move(source, destination)).records, 6);
});

test('a destination that keeps something else than it was given is told', async () => {
  const [source, destination] = [await storeWith(5), openMemoryStore()];
  const { replace } = destination;
  destination.replace = async copy => {
    const revision = await replace.call(destination, copy);
    await put(destination, '1/a/3', 'another');
    return revision;
  };
  await assert.rejects(move(source, destination), failsWith('data_corrupt', /do not use it/));
});
