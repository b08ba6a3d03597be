/** What a storage must do that several nodes open at the same time, on the same place. */
import assert from 'node:assert/strict';
import type { ChangeOrGap, SharedStorage, Storage } from '../../packages/server/src/contracts/storage.ts';
import { freshId, keys, type OnStore, type Opened, type Place, put, text, write } from './store-given.ts';

export type Shared = Opened & SharedStorage;

/** Two nodes on one place; the second is closed here. */
type OnNodes = (name: string, body: (one: Shared, other: Shared) => Promise<void>) => void;

const minuteMs = 60_000;

const onNodes =
  (on: OnStore): OnNodes =>
  (name, body) =>
    on(name, async (store: Opened, place: Place) => {
      const other = (await place.open(place.directory)) as Shared;
      try {
        await body(store as Shared, other);
      } finally {
        await other.close();
      }
    });

const follow = async (store: Storage, since: number, count: number): Promise<ChangeOrGap[]> => {
  const stop = new AbortController();
  const found: ChangeOrGap[] = [];
  for await (const change of store.changes(since, stop.signal)) {
    found.push(change);
    if (found.length === count) stop.abort();
  }
  return found;
};

const revisionsOf = (found: readonly ChangeOrGap[]): unknown[] =>
  found.map(change => ('revision' in change ? change.revision : change));

const seeing = (on: OnNodes): void => {
  on('what one node acknowledged the other sees at once', async (one, other) => {
    for (let n = 1; n <= 30; n++) {
      await write(n % 2 === 0 ? one : other, put('k', `${n}`));
      const reader = n % 2 === 0 ? other : one;
      assert.equal((await reader.moment()).revision, n);
      assert.equal(await reader.head(), n);
      assert.equal(text((await reader.get('k'))?.value ?? new Uint8Array(0)), `${n}`);
      assert.equal((await reader.range('k'))[0]?.revision, n);
    }
  });

  on('moments go on in revision and time, and each is of after it was asked for', async (one, other) => {
    const began = await one.moment();
    assert.ok(Math.abs(began.timeMs - Date.now()) < minuteMs);
    let last = began;
    for (let n = 1; n <= 20; n++) {
      const [before] = await Promise.all([one.moment(), one.moment(), one.moment()]);
      await write(other, put(`k${n}`));
      const after = await one.moment();
      assert.ok((before?.revision ?? 0) < n && after.revision === n);
      assert.ok(after.timeMs >= last.timeMs);
      last = after;
    }
  });

  on('the changes of all nodes come to each, in order', async (one, other) => {
    const following = [one, other].map(node => follow(node, 0, 60));
    await Promise.all(Array.from({ length: 60 }, (_, n) => write(n % 2 === 0 ? one : other, put(`k${n}`))));
    const all = Array.from({ length: 60 }, (_, n) => n + 1);
    for (const found of await Promise.all(following)) assert.deepEqual(revisionsOf(found), all);
  });

  on('who follows from a revision that this node has not seen yet is not told of a gap', async (one, other) => {
    for (let n = 1; n <= 5; n++) await write(other, put(`k${n}`));
    const following = follow(one, 5, 1);
    await write(other, put('k6'));
    assert.deepEqual(revisionsOf(await following), [6]);
  });
};

const racing = (on: OnNodes): void => {
  on('of nodes that race for a key one wins, and every revision is given once', async (one, other) => {
    const revisions: number[] = [];
    for (let n = 0; n < 25; n++) {
      const taking = [one, other, one, other].map((node, at) =>
        node.commit({ id: freshId(), checks: [{ key: `k${n}`, expect: 'absent' }], writes: [put(`k${n}`, `${at}`)] }),
      );
      const made = (await Promise.all(taking)).flatMap(result => (result.ok ? [result.revision] : []));
      assert.equal(made.length, 1);
      revisions.push(...made);
    }
    assert.deepEqual(
      revisions,
      Array.from({ length: 25 }, (_, n) => n + 1),
    );
  });

  on('counting up from both nodes under preconditions loses no step', async (one, other) => {
    await write(one, put('count', '0'));
    const count = async (node: Shared): Promise<void> => {
      for (let left = 20; left > 0; ) {
        const stored = await node.get('count');
        const next = Number(text(stored?.value ?? new Uint8Array(0))) + 1;
        const checks = [{ key: 'count', expect: stored?.revision ?? ('absent' as const) }];
        if ((await node.commit({ id: freshId(), checks, writes: [put('count', `${next}`)] })).ok) left--;
      }
    };
    await Promise.all([one, other, one].map(count));
    assert.equal(text((await other.get('count'))?.value ?? new Uint8Array(0)), '60');
  });

  on('a commit handed to two nodes is made once, and answered by both with its revision', async (one, other) => {
    for (let n = 1; n <= 20; n++) {
      const commit = { id: freshId(), checks: [{ key: `k${n}`, expect: 'absent' as const }], writes: [put(`k${n}`)] };
      const answers = await Promise.all([one.commit(commit), other.commit(commit)]);
      assert.deepEqual(answers, [
        { ok: true, revision: n },
        { ok: true, revision: n },
      ]);
    }
  });

  on('what one node puts in the place of everything is what the other has', async (one, other) => {
    await write(one, put('old'));
    const copy = await one.copy();
    await write(other, put('new'));
    const following = follow(other, 2, 1);
    const revision = await one.replace(copy);
    const [gap] = (await following) as [{ compacted: number }];
    assert.ok(gap.compacted >= revision);
    assert.deepEqual(await keys(other, ''), ['old']);
    assert.deepEqual(await write(other, put('later')), { ok: true, revision: revision + 1 });
  });
};

export const sharedConformance = (on: OnStore): void => {
  seeing(onNodes(on));
  racing(onNodes(on));
};
