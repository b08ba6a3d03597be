import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Called, CutOff, EngineBed } from '../../../../../../test/conformance/engine-bed.ts';
import { kvV2 } from './v2.ts';

const put = (bed: EngineBed, data: unknown, options: object = {}) =>
  bed.call('write', 'data/app', { body: { data, options } });
const mismatch = 'check-and-set parameter did not match the current version';
/** Another process over the same records: it does not wait for the writers of this one. */
const otherOver = (bed: EngineBed): EngineBed => {
  const { storage } = bed;
  const other = new EngineBed(kvV2);
  const remote = {
    get: (key: string) => storage.get(key),
    range: (...args: Parameters<typeof storage.range>) => storage.range(...args),
    commit: (...args: Parameters<typeof storage.commit>) => storage.commit(...args),
  };
  Object.assign(other, { storage: remote });
  return other;
};

test('of many writers with the same check-and-set exactly one wins', async () => {
  const bed = new EngineBed(kvV2);
  for (let round = 0; round < 5; round += 1) {
    const writers = Array.from({ length: 40 }, (_, index) =>
      put(index % 2 ? bed : otherOver(bed), { index }, { cas: round }),
    );
    const answers = await Promise.all(writers);
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);
    assert.ok(answers.every(({ status, error }) => status === 200 || error === mismatch));
  }
});

test('writers without check-and-set all get a version of their own', async () => {
  const bed = new EngineBed(kvV2);
  bed.storage.slow = true;
  const answers = await Promise.all(Array.from({ length: 64 }, (_, index) => put(bed, { index })));
  const versions = answers.map(({ data }) => (data as { readonly version: number }).version);
  assert.deepEqual(
    versions.toSorted((a, b) => a - b),
    Array.from({ length: 64 }, (_, index) => index + 1),
  );
});

test('a race lost to another process is decided anew', async () => {
  const bed = new EngineBed(kvV2);
  await put(bed, { first: 1 });
  const others = otherOver(bed);
  const racing = (act: () => Promise<unknown>) => {
    bed.storage.meanwhile = async () => {
      await act();
    };
  };
  racing(() => put(others, { other: 1 }));
  assert.equal(((await put(bed, { mine: 1 })).data as { readonly version: number }).version, 3);
  racing(() => put(others, { other: 2 }));
  assert.equal((await put(bed, { mine: 2 }, { cas: 3 })).error, mismatch);
  racing(() => put(others, { other: 3 }));
  assert.equal((await bed.call('patch', 'data/app', { body: { data: { patched: 1 } } })).status, 200);
  assert.match((await bed.call('read', 'data/app')).text, /^\{"data":\{"other":3,"patched":1\}/);
  racing(() => others.call('delete', 'metadata/app'));
  assert.equal((await bed.call('patch', 'data/app', { body: { data: { patched: 2 } } })).status, 404);
  assert.equal((await bed.storage.dump()).size, 0);
});

test('who loses every race is told to try again, after a bounded number', async () => {
  const bed = new EngineBed(kvV2);
  const others = otherOver(bed);
  const again = async (): Promise<void> => {
    bed.storage.meanwhile = undefined;
    await put(others, { other: 1 });
    bed.storage.meanwhile = again;
  };
  bed.storage.meanwhile = again;
  const commits: Called = await put(bed, { mine: 1 });
  assert.equal(commits.status, 409);
  assert.ok(bed.storage.commits <= 32, String(bed.storage.commits));
});

const steps: readonly (readonly [string, (bed: EngineBed) => Promise<unknown>])[] = [
  ['write', bed => put(bed, { a: 'new' })],
  ['patch', bed => bed.call('patch', 'data/app', { body: { data: { b: 1 } } })],
  ['delete newest', bed => bed.call('delete', 'data/app')],
  ['delete', bed => bed.call('write', 'delete/app', { body: { versions: [2, 3] } })],
  ['undelete', bed => bed.call('write', 'undelete/app', { body: { versions: [1, 2, 3] } })],
  ['destroy', bed => bed.call('write', 'destroy/app', { body: { versions: [2, 3] } })],
  ['metadata', bed => bed.call('write', 'metadata/app', { body: { custom_metadata: { a: 'b' } } })],
  ['metadata patch', bed => bed.call('patch', 'metadata/app', { body: { max_versions: 1 } })],
  ['config', bed => bed.call('write', 'config', { body: { max_versions: 1 } })],
  ['remove', bed => bed.call('delete', 'metadata/app')],
];

/** A key with a full set of versions, one of them deleted. */
const prepared = async (): Promise<EngineBed> => {
  const bed = new EngineBed(kvV2);
  await bed.call('write', 'metadata/app', { body: { max_versions: 3 } });
  for (const a of [1, 2, 3]) await put(bed, { a });
  await bed.call('write', 'delete/app', { body: { versions: [1] } });
  return bed;
};

for (const [name, act] of steps) {
  test(`F1: "${name}" is one commit; cut off before it nothing happened, after it everything did`, async () => {
    const whole = await prepared();
    const before = await whole.storage.dump();
    const { commits } = whole.storage;
    await act(whole);
    assert.equal(whole.storage.commits, commits + 1);
    const after = await whole.storage.dump();
    assert.notDeepEqual(after, before);
    for (const when of ['before', 'after'] as const) {
      const bed = await prepared();
      bed.storage.cut = { commit: bed.storage.commits, when };
      await assert.rejects(act(bed), CutOff);
      assert.deepEqual(await bed.storage.dump(), when === 'before' ? before : after);
      assert.ok([200, 404].includes((await bed.call('read', 'data/app')).status));
    }
  });
}
