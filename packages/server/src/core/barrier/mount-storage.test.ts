import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CofferError } from '@coffer/schema/errors.ts';
import { bedOver, openBarrier } from '../../../../../test/conformance/seal-bed.ts';
import { openMemoryStore } from '../../platform/memory/store.ts';
import { RecordCache } from './cache.ts';
import { Collection } from './collection.ts';
import type { Shape } from './collection.ts';
import { mountPrefix, mountStorage } from './mount-storage.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const open = async () => {
  const records = new RecordCache(await openBarrier(bedOver(openMemoryStore())), 1_000_000);
  return {
    records,
    one: mountStorage(records, mountPrefix('ns1', 'one')),
    two: mountStorage(records, mountPrefix('ns1', 'two')),
  };
};

test('two mounts see their own records only, under keys of their own', async () => {
  const { records, one, two } = await open();
  await one.commit({
    writes: [
      { key: 'a', value: bytes('1') },
      { key: 'b', value: bytes('1') },
    ],
  });
  await two.commit({ writes: [{ key: 'a', value: bytes('2') }] });
  assert.deepEqual((await one.get('a'))?.value, bytes('1'));
  assert.deepEqual((await two.get('a'))?.value, bytes('2'));
  assert.equal(await two.get('b'), undefined);
  assert.deepEqual(
    (await one.range('')).map(({ key }) => key),
    ['a', 'b'],
  );
  assert.deepEqual(
    (await one.range('', { after: 'a' })).map(({ key }) => key),
    ['b'],
  );
  assert.deepEqual(
    (await one.range('', { after: '', limit: 1 })).map(({ key }) => key),
    ['a'],
  );
  assert.deepEqual(
    (await records.range('1/ns1/')).map(({ key }) => key),
    ['1/ns1/one/a', '1/ns1/one/b', '1/ns1/two/a'],
  );
});

test('a failed check is named as the mount knows it', async () => {
  const { one } = await open();
  const result = await one.commit({
    checks: [{ key: 'a', expect: 'present' }],
    writes: [{ key: 'b', value: bytes('1') }],
  });
  assert.deepEqual(result, { ok: false, failed: { key: 'a', expect: 'present' } });
});

test('S8: dots, slashes and control characters in keys are only characters: they stay below the mount', async () => {
  const { records, one, two } = await open();
  await two.commit({ writes: [{ key: 'a', value: bytes('2') }] });
  for (const key of ['../two/a', '/../two/a', '%2e%2e/two/a', '\u0000', '..']) {
    assert.equal(await one.get(key), undefined);
    await one.commit({ writes: [{ key, value: bytes('x') }] });
  }
  assert.deepEqual((await two.get('a'))?.value, bytes('2'));
  assert.equal((await records.range('1/ns1/two/')).length, 1);
});

test('keys that are empty, malformed or too long are refused in reads, writes and checks', async () => {
  const { one } = await open();
  const room = 1024 - '1/ns1/one/'.length;
  const refused = (pattern: RegExp) => (error: CofferError) =>
    error.code === 'invalid_request' && pattern.test(error.publicMessage);
  for (const key of ['k'.repeat(room + 1), 'é'.repeat(room / 2 + 1)]) {
    assert.throws(() => one.get(key), refused(/^path too long$/));
    await assert.rejects(one.commit({ writes: [{ key, value: undefined }] }), refused(/too long/));
    await assert.rejects(one.commit({ writes: [], checks: [{ key, expect: 'absent' }] }), refused(/too long/));
  }
  for (const key of ['', 'a\ud800']) assert.throws(() => one.get(key), refused(/empty or malformed/));
  assert.equal(await one.get('k'.repeat(room)), undefined);
});

test('S8: ids that could leave the layout make no prefix', () => {
  for (const id of ['', '..', 'a/b', '.', '-a', 'a\n', 'x'.repeat(65)])
    assert.throws(() => mountPrefix('ns', id), TypeError);
  assert.equal(mountPrefix('-', 'sys'), '1/-/sys/');
});

interface Person {
  readonly name: string;
  readonly age: number;
}
let decoded = 0;
const shape: Shape<Person> = {
  name: 'person',
  encode: ({ name, age }) => [name, age],
  decode: stored => {
    decoded++;
    const [name, age] = stored as [string, number];
    return { name, age };
  },
};

test('a collection keeps typed records, decodes each once while it is cached, and lists them', async () => {
  const { one } = await open();
  const people = new Collection(one, 'p/', shape);
  const writes = [people.put('ann', { name: 'Ann é', age: 5 }), people.put('bob', { name: 'Bob', age: 6 })];
  await one.commit({ checks: [people.check('ann', 'absent')], writes });
  decoded = 0;
  const first = await people.get('ann');
  assert.deepEqual(first?.record, { name: 'Ann é', age: 5 });
  assert.equal(await people.get('ann'), first);
  assert.equal(decoded, 1);
  assert.deepEqual(await people.ids(), ['ann', 'bob']);
  assert.deepEqual(await people.ids({ after: 'ann' }), ['bob']);
  assert.deepEqual(
    (await people.list()).map(({ id, record }) => [id, record.age]),
    [
      ['ann', 5],
      ['bob', 6],
    ],
  );
  const refused = await one.commit({
    checks: [people.check('ann', first?.revision ?? 0)],
    writes: [people.remove('ann')],
  });
  assert.equal(refused.ok, true);
  assert.equal(await people.get('ann'), undefined);
});

test('a record of a newer format is refused by name', async () => {
  const { one } = await open();
  await one.commit({ writes: [{ key: 'p/x', value: bytes('\u0002{}') }] });
  const people = new Collection(one, 'p/', shape);
  assert.throws(
    () => people.get('x'),
    (error: CofferError) => error.code === 'data_corrupt' && /"person" has format 2/.test(error.message),
  );
});
