import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CofferError } from '@coffer/schema/errors.ts';
import { Crash, CrashingStorage, bedOver, openBarrier, rootKeyOf } from '../../../../../test/conformance/seal-bed.ts';
import type { Entry } from '../../contracts/engine.ts';
import type { Storage } from '../../contracts/storage.ts';
import { openMemoryStore } from '../../platform/memory/store.ts';
import { Barrier } from './barrier.ts';
import { countStep } from './key-holder.ts';
import { operationsLimit } from './keyring.ts';
import { keyringKey, storeKey } from './layout.ts';
import type { Found } from './records.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = async (found: Found): Promise<string | undefined> => {
  const entry: Entry | undefined = await found;
  return entry && new TextDecoder().decode(entry.value);
};
const put = (key: string, text: string) => ({ writes: [{ key, value: bytes(text) }] });
const raw = async (storage: Storage, key: string): Promise<Uint8Array> => {
  const stored = await storage.get(key);
  assert.ok(stored, key);
  return stored.value;
};
const overwrite = (storage: Storage, key: string, value: Uint8Array | undefined) =>
  storage.commit({ id: crypto.randomUUID().replaceAll('-', ''), writes: [{ key, value }] });
const refusal =
  (code: string, pattern = /./) =>
  (error: unknown): boolean => {
    const { code: got, publicMessage } = error as CofferError;
    assert.equal(got, code);
    assert.match(publicMessage, pattern);
    return true;
  };

test('what is committed is read back, synchronously where the storage answers at once, and is ciphertext below', async () => {
  const bed = bedOver(openMemoryStore());
  const barrier = await openBarrier(bed);
  const result = await barrier.commit(put('1/-/m/a', 'a marked secret'));
  assert.ok(result.ok);
  const entry = barrier.get('1/-/m/a') as Entry;
  assert.deepEqual(
    { ...entry, value: await textOf(entry) },
    { value: 'a marked secret', revision: result.revision, memo: undefined },
  );
  assert.equal(new TextDecoder('latin1').decode(await raw(bed.storage, '1/-/m/a')).includes('marked'), false);
  assert.equal(barrier.get('1/-/m/none'), undefined);
});

test('ranges decrypt, or answer keys alone', async () => {
  const barrier = await openBarrier(bedOver(openMemoryStore()));
  for (const key of ['b', 'a', 'c']) await barrier.commit(put(`1/-/m/${key}`, key));
  const all = await barrier.range('1/-/m/');
  assert.deepEqual(await Promise.all(all.map(({ entry }) => textOf(entry))), ['a', 'b', 'c']);
  const keys = await barrier.range('1/-/m/', { after: '1/-/m/a', values: false });
  assert.deepEqual(
    keys.map(({ key, entry }) => [key, entry]),
    [
      ['1/-/m/b', undefined],
      ['1/-/m/c', undefined],
    ],
  );
});

test('a failed check writes nothing; a removal removes', async () => {
  const barrier = await openBarrier(bedOver(openMemoryStore()));
  await barrier.commit(put('1/-/m/a', 'old'));
  const refused = await barrier.commit({ ...put('1/-/m/a', 'new'), checks: [{ key: '1/-/m/a', expect: 'absent' }] });
  assert.equal(refused.ok, false);
  assert.equal(await textOf(barrier.get('1/-/m/a')), 'old');
  await barrier.commit({ writes: [{ key: '1/-/m/a', value: undefined }] });
  assert.equal(barrier.get('1/-/m/a'), undefined);
});

test('events are encrypted, and open only in their place', async () => {
  const bed = bedOver(openMemoryStore());
  const barrier = await openBarrier(bed);
  await barrier.commit({
    writes: [{ key: '1/-/m/a', value: bytes('a') }],
    events: [
      { type: 'x', payload: bytes('one') },
      { type: 'x', payload: bytes('two') },
    ],
  });
  const stop = new AbortController();
  for await (const change of bed.storage.changes(2, stop.signal)) {
    assert.ok('events' in change);
    const [first, second] = change.events;
    assert.ok(first && second);
    assert.deepEqual(await barrier.openEvent(change, 1), bytes('two'));
    const elsewhere = [
      { ...change, events: [second, first] },
      { ...change, events: [{ ...first, type: 'y' }] },
      { ...change, keys: ['1/-/m/b'] },
    ];
    for (const moved of elsewhere)
      assert.throws(() => barrier.openEvent(moved, 0), refusal('data_corrupt', /not authentic/));
    break;
  }
  stop.abort();
});

test('S26: a flipped bit anywhere, a swapped record, a truncated and a newer one are told apart', async () => {
  const { storage, ...bed } = bedOver(openMemoryStore());
  const barrier = await openBarrier({ storage, ...bed });
  await barrier.commit(put('1/-/m/a', 'one'));
  await barrier.commit(put('1/-/m/b', 'two'));
  const record = await raw(storage, '1/-/m/a');
  for (let at = 5; at < record.length; at++) {
    await overwrite(storage, '1/-/m/a', record.with(at, (record[at] ?? 0) ^ 0x40));
    assert.throws(() => barrier.get('1/-/m/a'), refusal('data_corrupt', /"1\/-\/m\/a" is not authentic/), `byte ${at}`);
  }
  await overwrite(storage, '1/-/m/a', await raw(storage, '1/-/m/b'));
  assert.throws(() => barrier.get('1/-/m/a'), refusal('data_corrupt', /not authentic/));
  await overwrite(storage, '1/-/m/a', record.with(4, 9));
  await assert.rejects(async () => barrier.get('1/-/m/a'), refusal('data_corrupt', /key term 9, which this keyring/));
  for (const length of [0, 1, 48]) {
    await overwrite(storage, '1/-/m/a', record.subarray(0, length));
    assert.throws(() => barrier.get('1/-/m/a'), refusal('data_corrupt', /truncated: \d+ bytes/));
  }
  await overwrite(storage, '1/-/m/a', record.with(0, 2));
  assert.throws(() => barrier.get('1/-/m/a'), refusal('data_corrupt', /format 2.*newer/));
  await overwrite(storage, '1/-/m/a', record);
  assert.equal(await textOf(barrier.get('1/-/m/a')), 'one');
});

test('S26: a record of another store with the same keys does not open', async () => {
  const [one, two] = [bedOver(openMemoryStore()), bedOver(openMemoryStore())];
  const barrier = await openBarrier(one);
  await barrier.commit(put('1/-/m/a', 'one'));
  await openBarrier(two);
  await overwrite(two.storage, keyringKey, await raw(one.storage, keyringKey));
  await assert.rejects(new Barrier(two).unseal(rootKeyOf(7)), refusal('data_corrupt', /not authentic/));
  await overwrite(two.storage, storeKey, await raw(one.storage, storeKey));
  await new Barrier(two).unseal(rootKeyOf(7));
});

test('sealed, nothing is read or written; a wrong root key opens nothing; the right one does', async () => {
  const barrier = await openBarrier(bedOver(openMemoryStore()));
  await barrier.commit(put('1/-/m/a', 'one'));
  barrier.seal();
  assert.equal(barrier.sealed, true);
  assert.throws(() => barrier.get('1/-/m/a'), refusal('sealed', /^Vault is sealed$/));
  await assert.rejects(barrier.commit(put('1/-/m/a', 'x')), refusal('sealed'));
  await assert.rejects(barrier.range('1/'), refusal('sealed'));
  await assert.rejects(barrier.unseal(rootKeyOf(8)), refusal('data_corrupt', /barrier\/keyring" is not authentic/));
  assert.equal(barrier.sealed, true);
  await barrier.unseal(rootKeyOf(7));
  assert.equal(await textOf(barrier.get('1/-/m/a')), 'one');
});

test('an uninitialised store does not unseal, an initialised one is not initialised again', async () => {
  const bed = bedOver(openMemoryStore());
  await assert.rejects(new Barrier(bed).unseal(rootKeyOf(7)), refusal('not_initialized'));
  await openBarrier(bed);
  await assert.rejects(
    new Barrier(bed).init(rootKeyOf(9), () => []),
    refusal('conflict'),
  );
  await new Barrier(bed).unseal(rootKeyOf(7));
});

test('a store of a newer format is refused', async () => {
  const bed = bedOver(openMemoryStore());
  await openBarrier(bed);
  await overwrite(bed.storage, storeKey, (await raw(bed.storage, storeKey)).with(0, 2));
  await assert.rejects(new Barrier(bed).unseal(rootKeyOf(7)), refusal('data_corrupt', /format 2.*newer version/));
});

test('rotation: new records get the new term, old ones still open, also in a barrier that was open before', async () => {
  const bed = bedOver(openMemoryStore());
  const barrier = await openBarrier(bed);
  const other = new Barrier(bed);
  await other.unseal(rootKeyOf(7));
  await barrier.commit(put('1/-/m/a', 'one'));
  await barrier.rotate();
  await barrier.commit(put('1/-/m/b', 'two'));
  assert.equal(barrier.keyStatus().term, 2);
  assert.equal((await raw(bed.storage, '1/-/m/b'))[4], 2);
  for (const one of [barrier, other]) {
    assert.equal(await textOf(one.get('1/-/m/a')), 'one');
    assert.equal(await textOf(one.get('1/-/m/b')), 'two');
  }
  await Promise.all([other.rotate(), barrier.rotate(), other.rotate()]);
  await barrier.commit(put('1/-/m/c', 'three'));
  assert.equal(await textOf(other.get('1/-/m/c')), 'three');
  assert.equal(barrier.keyStatus().term <= 5, true);
  assert.equal(other.keyStatus().term, 5);
});

test('encryptions are counted before they are made: a crash counts too many, never too few', async () => {
  const bed = bedOver(openMemoryStore());
  const barrier = await openBarrier(bed);
  assert.equal(barrier.keyStatus().encryptions, 0);
  for (let i = 0; i < 3; i++) await barrier.commit(put('1/-/m/a', 'x'));
  assert.equal(barrier.keyStatus().encryptions, 3);
  const after = new Barrier(bed);
  await after.unseal(rootKeyOf(7));
  assert.equal(after.keyStatus().encryptions, countStep);
  await after.commit(put('1/-/m/a', 'x'));
  await barrier.commit(put('1/-/m/a', 'x'));
  const last = new Barrier(bed);
  await last.unseal(rootKeyOf(7));
  assert.equal(last.keyStatus().encryptions, 2 * countStep);
});

test('a commit larger than a step is counted whole', async () => {
  const barrier = await openBarrier(bedOver(openMemoryStore()));
  const events = Array.from({ length: countStep + 5 }, () => ({ type: 'x', payload: new Uint8Array(0) }));
  const storing = barrier.commit({ writes: [], events });
  await storing.catch(() => undefined);
  assert.equal(barrier.keyStatus().encryptions, countStep + 5);
});

test('a term is replaced by itself before its operations are used up, also while rotation is off', async () => {
  for (const enabled of [true, false]) {
    const bed = bedOver(openMemoryStore());
    const barrier = await openBarrier(bed);
    await barrier.configureRotation({ enabled, maxOperations: 1_000_000, intervalSeconds: 0 });
    for (let i = 0; i < 20; i++) {
      const node = new Barrier(bed);
      await node.unseal(rootKeyOf(7));
      await node.commit(put('1/-/m/a', `${i}`));
    }
    const last = new Barrier(bed);
    await last.unseal(rootKeyOf(7));
    assert.equal(last.keyStatus().term, enabled ? 2 : 1);
    assert.equal(last.keyStatus().encryptions <= operationsLimit, true);
    assert.equal(await textOf(last.get('1/-/m/a')), '19');
  }
});

test('a term is replaced at the next write once its time is over', async () => {
  const bed = bedOver(openMemoryStore());
  const barrier = await openBarrier(bed);
  await barrier.configureRotation({ enabled: true, maxOperations: operationsLimit, intervalSeconds: 86_400 });
  await barrier.commit(put('1/-/m/a', 'x'));
  bed.clock.turn(86_399_000);
  await barrier.commit(put('1/-/m/a', 'x'));
  assert.equal(barrier.keyStatus().term, 1);
  bed.clock.turn(1_000);
  await Promise.all([barrier.commit(put('1/-/m/a', 'x')), barrier.commit(put('1/-/m/b', 'x'))]);
  assert.deepEqual(barrier.keyStatus(), { term: 2, installedAtMs: bed.clock.now(), encryptions: 2 });
});

test('rotation settings out of range are refused and change nothing', async () => {
  const barrier = await openBarrier(bedOver(openMemoryStore()));
  const good = { enabled: true, maxOperations: 1_000_000, intervalSeconds: 86_400 };
  const bad = [
    { maxOperations: 999_999 },
    { maxOperations: operationsLimit + 1 },
    { intervalSeconds: 86_399 },
    { intervalSeconds: -1 },
  ];
  for (const one of bad)
    await assert.rejects(barrier.configureRotation({ ...good, ...one }), refusal('invalid_request'));
  assert.equal(barrier.rotation.maxOperations, operationsLimit);
});

test('a new root key opens the store, the old one no longer; what is written beside it is in the same commit', async () => {
  const bed = bedOver(openMemoryStore());
  const barrier = await openBarrier(bed);
  await barrier.commit(put('1/-/m/a', 'one'));
  await barrier.rekeyRoot(() => ({ rootKey: rootKeyOf(9), writes: [{ key: '1/-/seal/x', value: bytes('beside') }] }));
  assert.equal(barrier.isRootKey(rootKeyOf(9)), true);
  assert.equal(barrier.isRootKey(rootKeyOf(7)), false);
  const [beside, keyring] = [await bed.storage.get('1/-/seal/x'), await bed.storage.get(keyringKey)];
  assert.equal(beside?.revision, keyring?.revision);
  const after = new Barrier(bed);
  await assert.rejects(after.unseal(rootKeyOf(7)), refusal('data_corrupt'));
  await after.unseal(rootKeyOf(9));
  assert.equal(await textOf(after.get('1/-/m/a')), 'one');
  await barrier.commit(put('1/-/m/b', 'two'));
  assert.equal(await textOf(after.get('1/-/m/b')), 'two');
});

for (const when of ['before', 'after'] as const) {
  test(`F1: after a crash ${when} any commit of write, rotation and root change, the store opens with exactly one key`, async () => {
    for (let at = 0; at < 6; at++) {
      const memory = openMemoryStore();
      await openBarrier(bedOver(memory));
      const crashing = new CrashingStorage(memory, at, when);
      const barrier = new Barrier(bedOver(crashing));
      await barrier.unseal(rootKeyOf(7));
      let acknowledged = '';
      const run = async (): Promise<void> => {
        for (const text of ['one', 'two']) {
          await barrier.commit(put('1/-/m/a', text));
          acknowledged = text;
          await barrier.rotate();
        }
        await barrier.rekeyRoot(() => ({ rootKey: rootKeyOf(9), writes: [] }));
      };
      await assert.rejects(run(), Crash);
      const barriers = [7, 9].map(byte => ({ byte, barrier: new Barrier(bedOver(memory)) }));
      for (const one of barriers) await one.barrier.unseal(rootKeyOf(one.byte)).catch(() => undefined);
      const open = barriers.filter(one => !one.barrier.sealed).map(one => one.barrier);
      assert.equal(open.length, 1, `commit ${at}`);
      const after = open[0] as Barrier;
      const found = await textOf(after.get('1/-/m/a'));
      assert.ok(acknowledged === '' || found === acknowledged || found === 'two', `commit ${at}: ${found}`);
    }
  });
}

test('a record outside the layout, or in the barrier’s own place, is a broken invariant', async () => {
  const bed = bedOver(openMemoryStore());
  const barrier = await openBarrier(bed);
  for (const key of ['m/a', '1/-/barrier/keyring'])
    await assert.rejects(barrier.commit(put(key, 'x')), refusal('internal'));
  assert.equal(bed.fatals.length, 2);
});

test('sealing during a write or a rotation leaves no key behind', async () => {
  const barrier = await openBarrier(bedOver(openMemoryStore()));
  const writing = barrier.commit(put('1/-/m/a', 'x'));
  const rotating = barrier.rotate();
  barrier.seal();
  const ends = await Promise.allSettled([writing, rotating]);
  for (const end of ends) if (end.status === 'rejected') refusal('sealed')(end.reason);
  await barrier.unseal(rootKeyOf(7));
  await barrier.commit(put('1/-/m/a', 'y'));
  assert.equal(await textOf(barrier.get('1/-/m/a')), 'y');
});
