import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusal } from '../../../../../test/conformance/seal-acts.ts';
import { bedOver, openBarrier, rootKeyOf } from '../../../../../test/conformance/seal-bed.ts';
import { openMemoryStore } from '../../platform/memory/store.ts';
import { Barrier } from './barrier.ts';

test('F1: sealing while a new root key is being wrapped writes no wiped key: the old one still opens', async () => {
  const bed = bedOver(openMemoryStore());
  const barrier = await openBarrier(bed);
  const entered = Promise.withResolvers<void>();
  const wrapped = Promise.withResolvers<void>();
  const rekeying = barrier.rekeyRoot(async () => {
    entered.resolve();
    await wrapped.promise;
    return { rootKey: rootKeyOf(9), writes: [] };
  });
  await entered.promise;
  barrier.seal();
  wrapped.resolve();
  await assert.rejects(rekeying, refusal('sealed'));
  await new Barrier(bed).unseal(rootKeyOf(7));
});

test('sealing, also while a rotation is being written, leaves no key in memory, and the store opens', async () => {
  for (let turns = 0; turns < 20; turns++) {
    const bed = bedOver(openMemoryStore());
    const drawn: Uint8Array[] = [];
    const bytes = (length: number): Uint8Array => {
      const made = bed.random.bytes(length);
      if (length === 32) drawn.push(made);
      return made;
    };
    const barrier = await openBarrier({ ...bed, random: { ...bed.random, bytes } });
    const rotating = barrier.rotate().catch(refusal('sealed'));
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    barrier.seal();
    await rotating;
    await barrier.unseal(rootKeyOf(7));
    const used = drawn.slice(0, barrier.keyStatus().term);
    assert.equal(used.length > 0 && used.flatMap(key => [...key]).every(byte => byte === 0), true, `${turns}`);
  }
});

test('a change that others keep overtaking is given up', async () => {
  const bed = bedOver(openMemoryStore());
  const barrier = await openBarrier(bed);
  const other = new Barrier(bed);
  await other.unseal(rootKeyOf(7));
  let rounds = 0;
  const storage = bed.storage;
  const busy = new Barrier({
    ...bed,
    storage: {
      get: key => storage.get(key),
      range: (prefix, options) => storage.range(prefix, options),
      changes: (since, signal) => storage.changes(since, signal),
      commit: async commit => {
        rounds++;
        await other.rotate();
        return storage.commit(commit);
      },
    },
  });
  await busy.unseal(rootKeyOf(7));
  await assert.rejects(busy.rotate(), refusal('conflict', /keyring is being changed/));
  assert.equal(rounds, 16);
  await barrier.rotate();
});

test('once another node changed the root key, a node changes the keyring no more, but still reads', async () => {
  const bed = bedOver(openMemoryStore());
  const [one, two] = [await openBarrier(bed), new Barrier(bed)];
  await two.unseal(rootKeyOf(7));
  await one.rekeyRoot(() => ({ rootKey: rootKeyOf(9), writes: [] }));
  await assert.rejects(two.rotate(), refusal('data_corrupt', /barrier\/keyring" is not authentic/));
  assert.equal((await two.get('1/-/m/a')) === undefined, true);
});

test('a refused check beside a new root key names the record, and changes nothing', async () => {
  const bed = bedOver(openMemoryStore());
  const barrier = await openBarrier(bed);
  const change = barrier.rekeyRoot(() => ({
    rootKey: rootKeyOf(9),
    checks: [{ key: '1/-/x', expect: 'present' }],
    writes: [],
  }));
  await assert.rejects(change, refusal('conflict', /"1\/-\/x"/));
  assert.equal(barrier.isRootKey(rootKeyOf(7)), true);
  await new Barrier(bed).unseal(rootKeyOf(7));
});
