/** F1: wrapping and unwrapping, cut off before and after each of their commits: nothing opens twice, nothing is left over. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Storage } from '../../packages/server/src/contracts/storage.ts';
import { openMemoryStore } from '../../packages/server/src/platform/memory/store.ts';
import { type Bed, openBed, type Told } from './bed.ts';

interface Cut {
  /** Which commit from now on, from 0. */
  at: number;
  when: 'before' | 'after';
}

/** A storage whose process dies at a commit: nothing is committed any more until `cut` is taken away. */
const cutting = () => {
  const under = openMemoryStore();
  const state: { cut: Cut | undefined; commits: number } = { cut: undefined, commits: 0 };
  const storage: Storage = {
    get: key => under.get(key),
    range: (prefix, options) => under.range(prefix, options),
    changes: (since, signal) => under.changes(since, signal),
    commit: async commit => {
      const { cut } = state;
      const count = state.commits++;
      if (cut === undefined || count < cut.at) return under.commit(commit);
      if (count === cut.at && cut.when === 'after') await under.commit(commit);
      throw new Error('cut off');
    },
  };
  return { storage, state };
};

const wrap = (bed: Bed): Promise<Told> =>
  bed.ask('POST', 'sys/wrapping/wrap', {
    token: bed.rootToken,
    body: { k: 'v' },
    headers: { 'x-vault-wrap-ttl': '60' },
  });

/** The same store, opened by a new process. */
const reopened = async (bed: Bed): Promise<Bed> => {
  const again = await openBed({ storage: bed.storage, closed: true });
  again.clock.nowMs = bed.clock.nowMs;
  for (const key of bed.unsealKeys) await again.core.seal.submitKey(key);
  return again;
};

const leftIn = async (bed: Bed): Promise<number> => {
  const mount = bed.core.mounts.list('secret').find(({ record }) => record.type === 'cubbyhole');
  return (await bed.storage.range(`1/root/${mount?.record.id}/`, { values: false })).length;
};

/** Runs `act` cut off at its commit `at`; answers false once it makes no commit of that number. */
const cutOff = async (
  { state }: ReturnType<typeof cutting>,
  cut: Cut,
  act: () => Promise<Told>,
): Promise<Told | undefined> => {
  state.commits = 0;
  state.cut = cut;
  const told = await act();
  state.cut = undefined;
  return state.commits > cut.at ? told : undefined;
};

const each = async (tried: (cut: Cut) => Promise<boolean>): Promise<number> => {
  let at = 0;
  for (; ; at++) {
    const [before, after] = [await tried({ at, when: 'before' }), await tried({ at, when: 'after' })];
    if (!before && !after) return at;
  }
};

test('F1: an answer that is wrapped is there with its token, or neither is', async () => {
  const commits = await each(async cut => {
    const cutter = cutting();
    const bed = await openBed({ storage: cutter.storage });
    const told = await cutOff(cutter, cut, () => wrap(bed));
    if (told === undefined) return false;
    assert.equal(told.status, 500, told.text);
    const again = await reopened(bed);
    const tokens = (await again.core.storage.range('token/id/', { values: false })).length - 1;
    assert.deepEqual([tokens, await leftIn(again)], cut.when === 'before' ? [0, 0] : [1, 1]);
    await again.clock.advance(130_000);
    assert.equal(await leftIn(again), 0, 'what nobody heard of ends by itself');
    return true;
  });
  assert.equal(commits, 1);
});

test('F1: a token that is opened when the process dies opens at most once, and at the latest its end clears it', async () => {
  const commits = await each(async cut => {
    const cutter = cutting();
    const bed = await openBed({ storage: cutter.storage });
    const { token } = (await wrap(bed)).json.wrap_info;
    const told = await cutOff(cutter, cut, () => bed.ask('POST', 'sys/wrapping/unwrap', { token }));
    if (told === undefined) return false;
    const again = await reopened(bed);
    const second = await again.ask('POST', 'sys/wrapping/unwrap', { token });
    const answered = [told, second].filter(({ status }) => status === 200).length;
    // Spent and not answered: the process died in between.
    assert.equal(answered, cut.at === 0 && cut.when === 'after' ? 0 : 1, `${cut.when} ${cut.at}`);
    assert.equal((await again.ask('POST', 'sys/wrapping/unwrap', { token })).status, 400);
    await again.clock.advance(130_000);
    assert.equal(await leftIn(again), 0);
    return true;
  });
  assert.ok(commits >= 2, `${commits}`);
});

test('F1: a token that is replaced when the process dies is the old or the new one, never both', async () => {
  const commits = await each(async cut => {
    const cutter = cutting();
    const bed = await openBed({ storage: cutter.storage });
    const { token } = (await wrap(bed)).json.wrap_info;
    const told = await cutOff(cutter, cut, () => bed.root('POST', 'sys/wrapping/rewrap', { token }));
    if (told === undefined) return false;
    const again = await reopened(bed);
    const old = await again.ask('POST', 'sys/wrapping/unwrap', { token });
    assert.equal(old.status, cut.at === 0 && cut.when === 'before' ? 200 : 400);
    if (told.status === 200) {
      const fresh = told.json.wrap_info.token as string;
      assert.equal((await again.ask('POST', 'sys/wrapping/unwrap', { token: fresh })).json.data.k, 'v');
    }
    await again.clock.advance(130_000);
    assert.equal(await leftIn(again), 0);
    return true;
  });
  assert.ok(commits >= 2, `${commits}`);
});
