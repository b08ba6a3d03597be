/**
 * What writers of one or several stores were told, held against what the database has in the end: nothing acknowledged is
 * lost, nothing is written twice, nothing that was certainly refused is there.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { CofferError } from '@coffer/schema/errors.ts';
import type { Change, Storage, StorageLife } from '../../../packages/server/src/contracts/storage.ts';

const pauseAfterRefusalMs = 20;
const pageEntries = 5_000;

export class Told {
  /** Of each commit its revision. */
  readonly acknowledged = new Map<number, number>();
  readonly refused = new Map<number, string>();
  readonly unknown = new Set<number>();
  #made = 0;

  next(): number {
    return this.#made++;
  }
}

const keysOf = (n: number): readonly string[] => [`pair/${n}/a`, `pair/${n}/b`];
const nOf = (key: string): number => Number(/^pair\/(\d+)\//.exec(key)?.[1] ?? -1);

const writeOne = async (store: Storage, told: Told): Promise<void> => {
  const n = told.next();
  const value = Buffer.from(`value of ${n}`);
  const writes = [...keysOf(n), 'hot'].map(key => ({ key, value }));
  const checks = [{ key: `pair/${n}/a`, expect: 'absent' as const }];
  try {
    const result = await store.commit({ id: randomBytes(16).toString('hex'), checks, writes });
    assert.ok(result.ok, `commit ${n} was made twice`);
    told.acknowledged.set(n, result.revision);
  } catch (error) {
    if (!(error instanceof CofferError)) throw error;
    assert.match(error.code, /^storage_/);
    if (error.message.includes('is not known')) told.unknown.add(n);
    else told.refused.set(n, error.message);
    await wait(pauseAfterRefusalMs);
  }
};

/** Writes until the answer is called, which resolves when all writers have their answers. */
export const writeOn = (stores: readonly Storage[], told: Told, writersOfEach = 8): (() => Promise<void>) => {
  const over = new AbortController();
  const writer = async (store: Storage): Promise<void> => {
    while (!over.signal.aborted) await writeOne(store, told);
  };
  const all = stores.flatMap(store => Array.from({ length: writersOfEach }, () => writer(store)));
  const done = Promise.all(all);
  return async () => {
    over.abort();
    await done;
  };
};

export const untilAcknowledged = async (told: Told, count: number, limitMs = 60_000): Promise<void> => {
  for (let waitedMs = 0; told.acknowledged.size < count; waitedMs += 10) {
    assert.ok(waitedMs < limitMs, `${told.acknowledged.size} of ${count} acknowledged`);
    await wait(10);
  }
};

const changesOf = async (store: Storage, head: number): Promise<Change[]> => {
  const stop = new AbortController();
  const found: Change[] = [];
  for await (const change of store.changes(0, stop.signal)) {
    assert.ok(!('compacted' in change), 'the history is cut');
    found.push(change);
    if (change.revision >= head) stop.abort();
  }
  return found;
};

const present = async (store: Storage): Promise<Map<string, string>> => {
  const found = new Map<string, string>();
  for (let after: string | undefined = ''; after !== undefined; ) {
    const page = await store.range('pair/', { limit: pageEntries, after });
    for (const { key, value } of page) found.set(key, Buffer.from(value).toString());
    after = page.at(-1)?.key;
  }
  return found;
};

export const verify = async (store: Storage & StorageLife, told: Told): Promise<void> => {
  const head = await store.head();
  const changes = await changesOf(store, head);
  assert.deepEqual(
    changes.map(({ revision }) => revision),
    Array.from({ length: head }, (_, at) => at + 1),
  );
  const revisions = new Map<number, number>();
  for (const { keys, revision } of changes) {
    const n = nOf(keys[0] ?? '');
    assert.ok(!revisions.has(n), `commit ${n} was made twice`);
    revisions.set(n, revision);
  }
  for (const [n, revision] of told.acknowledged)
    assert.equal(revisions.get(n), revision, `the acknowledged commit ${n} is lost`);
  for (const [n, message] of told.refused)
    assert.ok(!revisions.has(n), `commit ${n} was refused (${message}) and made`);
  const records = await present(store);
  assert.equal(records.size, 2 * revisions.size);
  for (const n of revisions.keys()) for (const key of keysOf(n)) assert.equal(records.get(key), `value of ${n}`);
};
