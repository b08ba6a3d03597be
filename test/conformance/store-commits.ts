/** Commits: all or nothing, under preconditions, with revisions that grow by one, once for each id. */
import assert from 'node:assert/strict';
import type { Check, Expect } from '../../packages/server/src/contracts/storage.ts';
import { freshId, put, refusesWith, revisionOf, text, write } from './store-given.ts';
import type { OnStore } from './store-given.ts';

const preconditions = (on: OnStore): void => {
  on('preconditions hold or fail as they say, on keys written and not written', async store => {
    await write(store, put('there'));
    const cases: [string, Expect, boolean][] = [
      ['there', 'present', true],
      ['there', 'absent', false],
      ['there', 1, true],
      ['there', 2, false],
      ['there', 0, false],
      ['gone', 'absent', true],
      ['gone', 'present', false],
      ['gone', 1, false],
    ];
    for (const [key, expect, holds] of cases) {
      const check: Check = { key, expect };
      const result = await store.commit({ id: freshId(), checks: [check], writes: [put('other')] });
      assert.deepEqual([key, expect, result.ok], [key, expect, holds]);
      if (!result.ok) assert.deepEqual(result.failed, check);
    }
    assert.equal((await store.get('there'))?.revision, 1);
  });
  on('the first failed of many checks is named, and nothing of the commit is written', async store => {
    await write(store, put('a'));
    const checks: Check[] = [
      { key: 'a', expect: 'present' },
      { key: 'b', expect: 'present' },
      { key: 'c', expect: 1 },
    ];
    const result = await store.commit({ id: freshId(), checks, writes: [put('x'), { key: 'a', value: undefined }] });
    assert.deepEqual(result, { ok: false, failed: { key: 'b', expect: 'present' } });
    assert.equal(await store.get('x'), undefined);
    assert.equal(text((await store.get('a'))?.value ?? new Uint8Array(0)), 'a');
    assert.equal(await store.head(), 1);
  });
  on('a failed commit does not touch those handed in with it, and those after see those before', async store => {
    const commit = (name: string, ...checks: Check[]) => store.commit({ id: freshId(), checks, writes: [put(name)] });
    const results = await Promise.all([
      commit('a', { key: 'a', expect: 'absent' }),
      commit('b', { key: 'a', expect: 'absent' }),
      commit('c', { key: 'a', expect: 'present' }),
      commit('d', { key: 'b', expect: 'present' }),
      commit('a', { key: 'a', expect: 1 }),
    ]);
    assert.deepEqual(
      results.map(result => result.ok && result.revision),
      [1, false, 2, false, 3],
    );
    assert.deepEqual(
      (await store.range('')).map(({ key, revision }) => [key, revision]),
      [
        ['a', 3],
        ['c', 2],
      ],
    );
  });
};

const outcomes = (on: OnStore): void => {
  on('revisions grow by one, also without writes and for removals of what is not there', async store => {
    assert.equal(await store.head(), 0);
    assert.equal(await revisionOf(store, { writes: [put('a'), put('b')] }), 1);
    assert.equal(await revisionOf(store, { writes: [] }), 2);
    assert.equal(await revisionOf(store, { writes: [{ key: 'none', value: undefined }] }), 3);
    assert.equal(await revisionOf(store, { writes: [{ key: 'a', value: undefined }, put('b', 'new')] }), 4);
    assert.equal(await store.get('a'), undefined);
    assert.equal((await store.get('b'))?.revision, 4);
    assert.equal(await store.head(), 4);
  });
  on('of two writes of one key in a commit the last stands', async store => {
    await write(store, put('a', '1'), put('a', '2'), put('b'), { key: 'b', value: undefined });
    assert.equal(text((await store.get('a'))?.value ?? new Uint8Array(0)), '2');
    assert.equal(await store.get('b'), undefined);
  });
  on('many commits at once are each made, each with its own revision', async store => {
    const made = await Promise.all(
      Array.from({ length: 3_000 }, (_, i) => revisionOf(store, { writes: [put(`k${i}`), put('shared', `${i}`)] })),
    );
    assert.deepEqual(
      made.toSorted((a, b) => a - b),
      Array.from({ length: 3_000 }, (_, i) => i + 1),
    );
    assert.equal(await store.head(), 3_000);
    assert.equal((await store.range('k')).length, 3_000);
    const last = made.indexOf(3_000);
    assert.equal(text((await store.get('shared'))?.value ?? new Uint8Array(0)), `${last}`);
  });
  on('after an acknowledged commit a read sees it, and a closed store refuses', async store => {
    for (let i = 0; i < 50; i++) {
      await write(store, put('k', `${i}`));
      assert.equal(text((await store.get('k'))?.value ?? new Uint8Array(0)), `${i}`);
    }
    await store.close();
    await assert.rejects(write(store, put('k')), refusesWith('storage_failed'));
    await assert.rejects(async () => store.get('k'), refusesWith('storage_failed'));
    await assert.rejects(store.range('k'), refusesWith('storage_failed'));
  });
};

const ids = (on: OnStore): void => {
  on('a commit handed in again is answered with its first revision, and written once', async store => {
    const id = freshId();
    const commit = { id, checks: [{ key: 'k', expect: 'absent' as const }], writes: [put('k')] };
    assert.deepEqual(await Promise.all([store.commit(commit), store.commit(commit)]), [
      { ok: true, revision: 1 },
      { ok: true, revision: 1 },
    ]);
    await write(store, put('k', 'newer'));
    assert.deepEqual(await store.commit(commit), { ok: true, revision: 1 });
    assert.equal(text((await store.get('k'))?.value ?? new Uint8Array(0)), 'newer');
    assert.equal(await store.head(), 2);
  });
  on('a commit that failed its check may be handed in again with the same id', async store => {
    const commit = { id: freshId(), checks: [{ key: 'k', expect: 'present' as const }], writes: [put('l')] };
    assert.equal((await store.commit(commit)).ok, false);
    await write(store, put('k'));
    assert.deepEqual(await store.commit(commit), { ok: true, revision: 2 });
  });
  on('an id that is not 32 hex digits is refused', async store => {
    for (const id of ['', 'x'.repeat(32), '0'.repeat(31), `${'0'.repeat(32)}\n`]) {
      await assert.rejects(store.commit({ id, writes: [] }), refusesWith('invalid_request'));
    }
  });
};

const reopening = (on: OnStore): void => {
  on(
    'what was acknowledged is there after closing and opening again: records, revisions, ids',
    async (store, place) => {
      const id = freshId();
      await store.commit({ id, writes: [put('a', 'one')] });
      await write(store, put('b', 'two'));
      const late = write(store, put('c', 'three'));
      await store.close();
      assert.deepEqual(await late, { ok: true, revision: 3 });
      const again = await place.open(place.directory);
      try {
        assert.deepEqual(
          (await again.range('')).map(e => [e.key, text(e.value), e.revision]),
          [
            ['a', 'one', 1],
            ['b', 'two', 2],
            ['c', 'three', 3],
          ],
        );
        assert.equal(await again.head(), 3);
        assert.deepEqual(await again.commit({ id, writes: [put('a', 'twice')] }), { ok: true, revision: 1 });
        assert.equal(await revisionOf(again, { writes: [put('d')] }), 4);
      } finally {
        await again.close();
      }
    },
  );
};

export const commitConformance = (on: OnStore, persistent: boolean): void => {
  preconditions(on);
  outcomes(on);
  ids(on);
  if (persistent) reopening(on);
};
