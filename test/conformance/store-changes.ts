/** The change stream: every commit in order, from any revision that is still held, until it is told to stop. */
import assert from 'node:assert/strict';
import type { ChangeOrGap, Storage } from '../../packages/server/src/contracts/storage.ts';
import { bytes, freshId, put, text, write } from './store-given.ts';
import type { OnStore } from './store-given.ts';

const shown = (change: ChangeOrGap): unknown =>
  'compacted' in change
    ? change
    : [change.revision, change.keys, change.events.map(({ type, payload }) => `${type}=${text(payload)}`)];

/** The first `count` of the stream. */
const take = async (store: Storage, since: number, count: number): Promise<unknown[]> => {
  const stop = new AbortController();
  const found: unknown[] = [];
  for await (const change of store.changes(since, stop.signal)) {
    found.push(shown(change));
    if (found.length === count) stop.abort();
  }
  return found;
};

const streams = (on: OnStore): void => {
  on('changes come in order with their keys and events, from the beginning and from any revision', async store => {
    await store.commit({
      id: freshId(),
      writes: [put('é'), { key: 'b', value: undefined }],
      events: [
        { type: 'x', payload: bytes('1') },
        { type: 'ü', payload: new Uint8Array(0) },
      ],
    });
    await write(store, put('c'));
    await store.commit({ id: freshId(), writes: [], events: [{ type: 'y', payload: bytes('2') }] });
    const all = [
      [1, ['é', 'b'], ['x=1', 'ü=']],
      [2, ['c'], []],
      [3, [], ['y=2']],
    ];
    assert.deepEqual(await take(store, 0, 3), all);
    assert.deepEqual(await take(store, 2, 1), all.slice(2));
  });
  on('a stream that has reached the end is told of what comes', async store => {
    await write(store, put('before'));
    const coming = take(store, 1, 200);
    for (let i = 0; i < 100; i++) await Promise.all([write(store, put(`a${i}`)), write(store, put(`b${i}`))]);
    const found = (await coming) as [number, string[]][];
    assert.deepEqual(
      found.map(([revision]) => revision),
      Array.from({ length: 200 }, (_, i) => i + 2),
    );
    assert.deepEqual(new Set(found.flatMap(([, keys]) => keys)).size, 200);
  });
  on('failed commits are not in the stream', async store => {
    await write(store, put('a'));
    await Promise.all([
      write(store, put('b')),
      store.commit({ id: freshId(), checks: [{ key: 'a', expect: 'absent' }], writes: [put('c')] }),
      write(store, put('d')),
    ]);
    assert.deepEqual(await take(store, 0, 3), [
      [1, ['a'], []],
      [2, ['b'], []],
      [3, ['d'], []],
    ]);
  });
  on('a waiting stream ends when its signal aborts and when the store closes', async store => {
    const stop = new AbortController();
    const aborted = (async () => {
      for await (const change of store.changes(0, stop.signal)) assert.fail(JSON.stringify(change));
    })();
    const closed = take(store, 0, 1);
    stop.abort();
    await aborted;
    await store.close();
    assert.deepEqual(await closed, []);
    assert.deepEqual(await take(store, 0, 1), []);
  });
};

const gaps = (on: OnStore): void => {
  on('history is bounded: who asks for what is gone is told so, then gets what is held', async (_, place) => {
    const store = await place.open(`${place.directory}/bounded`, 20);
    try {
      for (let i = 0; i < 100; i++) await write(store, put(`k${i}`));
      const [gap, next] = (await take(store, 0, 2)) as [{ compacted: number }, [number]];
      assert.ok(gap.compacted > 1 && gap.compacted <= 81, `compacted ${gap.compacted}`);
      assert.equal(next[0], gap.compacted);
      assert.deepEqual(await take(store, 99, 1), [[100, ['k99'], []]]);
      assert.equal(await store.head(), 100);
      assert.equal((await store.range('k')).length, 100);
    } finally {
      await store.close();
    }
  });
  on('who has seen more than there is must list again', async store => {
    await write(store, put('a'));
    const found = take(store, 50, 2);
    await new Promise(done => setImmediate(done));
    await write(store, put('b'));
    assert.deepEqual(await found, [{ compacted: 2 }, [2, ['b'], []]]);
  });
};

export const changesConformance = (on: OnStore): void => {
  streams(on);
  gaps(on);
};
