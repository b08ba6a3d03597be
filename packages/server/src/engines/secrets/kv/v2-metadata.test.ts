import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineBed } from '../../../../../../test/conformance/engine-bed.ts';
import { kvV2 } from './v2.ts';

const time = '2026-01-01T00:00:00.000Z';
const put = (bed: EngineBed, data: unknown) => bed.call('write', 'data/app', { body: { data } });
const set = (bed: EngineBed, body: unknown) => bed.call('write', 'metadata/app', { body });
const patch = (bed: EngineBed, body: unknown) => bed.call('patch', 'metadata/app', { body });
const config = (bed: EngineBed, body: unknown) => bed.call('write', 'config', { body });
const read = async (bed: EngineBed, path = 'metadata/app') =>
  (await bed.call('read', path)).data as { readonly [name: string]: unknown };

const defaults = {
  cas_required: false,
  created_time: time,
  current_metadata_version: 0,
  current_version: 0,
  custom_metadata: null,
  delete_version_after: '0s',
  max_versions: 0,
  metadata_cas_required: false,
  oldest_version: 0,
  updated_time: time,
  versions: {},
};

test('metadata of a key that only has versions', async () => {
  const bed = new EngineBed(kvV2);
  assert.equal((await bed.call('read', 'metadata/app')).status, 404);
  await put(bed, { a: 1 });
  bed.clock.turn(1500);
  await put(bed, { a: 2 });
  const second = '2026-01-01T00:00:01.500Z';
  assert.deepEqual(await read(bed), {
    ...defaults,
    current_version: 2,
    updated_time: second,
    versions: {
      1: { created_time: time, deletion_time: '', destroyed: false },
      2: { created_time: second, deletion_time: '', destroyed: false },
    },
  });
});

test('metadata may be there before any version', async () => {
  const bed = new EngineBed(kvV2);
  const body = { max_versions: 5, cas_required: true, delete_version_after: '3h25m19s', custom_metadata: { a: 'b' } };
  assert.equal((await set(bed, body)).status, 204);
  assert.deepEqual(await read(bed), { ...defaults, ...body, current_metadata_version: 1 });
  assert.equal((await bed.call('read', 'data/app')).status, 404);
  assert.deepEqual((await bed.call('list', 'metadata')).data, { keys: ['app'] });
});

test('a write sets what it names and keeps the rest; zero and null clear', async () => {
  const bed = new EngineBed(kvV2);
  await set(bed, { max_versions: 5, delete_version_after: 90, custom_metadata: { a: 'b' } });
  await set(bed, { cas_required: true });
  const { max_versions: max, delete_version_after: after, cas_required: cas } = await read(bed);
  assert.deepEqual([max, after, cas], [5, '1m30s', true]);
  await set(bed, { delete_version_after: '0', custom_metadata: {} });
  assert.deepEqual(await read(bed).then(data => [data.delete_version_after, data.custom_metadata]), ['0s', null]);
  await set(bed, { max_versions: 4, delete_version_after: '1h' });
  assert.equal((await patch(bed, { max_versions: null, cas_required: null, delete_version_after: null })).status, 204);
  const cleared = await read(bed);
  assert.deepEqual(
    [cleared.max_versions, cleared.cas_required, cleared.delete_version_after, cleared.current_metadata_version],
    [0, false, '0s', 5],
  );
});

test('a patch merges custom metadata and needs a key', async () => {
  const bed = new EngineBed(kvV2);
  assert.equal((await patch(bed, { max_versions: 1 })).status, 404);
  assert.equal((await patch(bed, {})).status, 404);
  await set(bed, { custom_metadata: { owner: 'a', keep: 'yes' } });
  await patch(bed, { custom_metadata: { owner: null, team: 'b' } });
  assert.deepEqual((await read(bed)).custom_metadata, { keep: 'yes', team: 'b' });
  await patch(bed, { custom_metadata: null });
  assert.equal((await read(bed)).custom_metadata, null);
});

test('a request that sets nothing changes nothing', async () => {
  const bed = new EngineBed(kvV2);
  assert.equal((await set(bed, {})).status, 204);
  assert.equal((await bed.call('read', 'metadata/app')).status, 404);
  await put(bed, { a: 1 });
  const before = await read(bed);
  for (const body of [{}, { metadata_cas: 999 }]) {
    assert.equal((await set(bed, body)).status, 204);
    assert.equal((await patch(bed, body)).status, 204);
  }
  assert.deepEqual(await read(bed), before);
});

test('metadata check-and-set has a counter of its own', async () => {
  const bed = new EngineBed(kvV2);
  const required = 'metadata check-and-set parameter required for this call';
  const mismatch = 'metadata check-and-set parameter does not match the current version';
  const custom_metadata = { a: 'b' };
  const isNew = await set(bed, { metadata_cas: 1, custom_metadata });
  assert.deepEqual([isNew.status, isNew.error], [400, 'metadata_cas must be 0 when creating new metadata']);
  assert.equal((await set(bed, { metadata_cas: 0, metadata_cas_required: true })).status, 204);
  for (const change of [set, patch]) {
    assert.equal((await change(bed, { custom_metadata })).error, required);
    for (const metadata_cas of [0, 2])
      assert.equal((await change(bed, { metadata_cas, custom_metadata })).error, mismatch);
  }
  assert.equal((await put(bed, { a: 1 })).status, 200);
  assert.equal((await read(bed)).current_metadata_version, 1);
  assert.equal((await patch(bed, { metadata_cas: 1, metadata_cas_required: false })).status, 204);
  assert.equal((await set(bed, { custom_metadata })).status, 204);
  assert.equal((await read(bed)).current_metadata_version, 3);
});

test('what the mount asks for, a key cannot switch off, and it is told', async () => {
  const bed = new EngineBed(kvV2);
  await config(bed, { metadata_cas_required: true, cas_required: true });
  const required = 'metadata check-and-set parameter required for this call';
  assert.equal((await set(bed, { max_versions: 1 })).error, required);
  const { status, warnings } = await set(bed, { metadata_cas: 0, metadata_cas_required: false, cas_required: false });
  assert.equal(status, 200);
  assert.deepEqual(warnings, [
    '"cas_required" set to false, but is mandated by backend config. This value will be ignored.',
    '"metadata_cas_required" set to false, but is mandated by backend config. This value will be ignored.',
  ]);
  assert.equal((await set(bed, { max_versions: 1 })).error, required);
});

test('S13: custom metadata keeps within its limits', async () => {
  const bed = new EngineBed(kvV2);
  const names = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 'v']));
  const good = [names(64), { ['é'.repeat(64)]: 'x'.repeat(512) }, { constructor: 'a' }];
  for (const custom_metadata of good) assert.equal((await set(bed, { custom_metadata })).status, 204);
  const bad: readonly unknown[] = [
    names(65),
    { ['x'.repeat(129)]: 'v' },
    { a: 'x'.repeat(513) },
    { a: 'é'.repeat(257) },
    { a: 1 },
    { a: ['x'] },
    { a: null },
    { '': 'v' },
    { a: '' },
    { 'a\u0000': 'v' },
    { a: 'v\n' },
  ];
  for (const custom_metadata of bad) {
    const { status, error } = await set(bed, { custom_metadata });
    assert.equal(status, 400, JSON.stringify(custom_metadata));
    assert.match(error ?? '', /^custom_metadata validation failed: /);
    assert.ok((error ?? '').length < 300);
  }
  assert.equal((await set(bed, { custom_metadata: 'text' })).status, 400);
  assert.match((await patch(bed, { custom_metadata: 'text' })).error ?? '', /^custom_metadata validation failed: /);
  assert.match((await patch(bed, { custom_metadata: { extra: ['v'] } })).error ?? '', /"extra" is not a text$/);
  await set(bed, { custom_metadata: names(64) });
  assert.match((await patch(bed, { custom_metadata: { extra: 'v' } })).error ?? '', /at most 64 keys, provided 65$/);
});

test('settings that make no sense are refused by name', async () => {
  const bed = new EngineBed(kvV2);
  await put(bed, { a: 1 });
  const bad: readonly (readonly [object, RegExp])[] = [
    [{ max_versions: -1 }, /"max_versions"/],
    [{ max_versions: 10_001 }, /"max_versions"/],
    [{ max_versions: 'x' }, /"max_versions"/],
    [{ delete_version_after: 'soon' }, /"delete_version_after"/],
    [{ delete_version_after: '-1s' }, /^delete_version_after must not be negative$/],
    [{ cas_required: 'perhaps' }, /"cas_required"/],
    [{ metadata_cas: 'x', max_versions: 1 }, /"metadata_cas"/],
  ];
  for (const [body, expected] of bad) {
    for (const change of [set, patch]) {
      const { status, error } = await change(bed, body);
      assert.equal(status, 400);
      assert.match(error ?? '', expected);
    }
  }
  assert.equal((await config(bed, { max_versions: -1 })).status, 400);
  assert.equal(bed.storage.commits, 1);
});

test('the settings of the mount', async () => {
  const bed = new EngineBed(kvV2);
  const none = { cas_required: false, delete_version_after: '0s', max_versions: 0, metadata_cas_required: false };
  assert.deepEqual(await read(bed, 'config'), none);
  assert.equal((await config(bed, { max_versions: '3', delete_version_after: '36h' })).status, 204);
  await config(bed, { cas_required: 'true' });
  assert.deepEqual(await read(bed, 'config'), {
    ...none,
    cas_required: true,
    delete_version_after: '36h0m0s',
    max_versions: 3,
  });
  await config(bed, { delete_version_after: '-5m' });
  assert.equal((await read(bed, 'config')).delete_version_after, '-1s');
  await config(bed, { delete_version_after: 0 });
  assert.equal((await read(bed, 'config')).delete_version_after, '0s');
});

const versionsOf = async (bed: EngineBed) => {
  const { versions, oldest_version: oldest } = await read(bed);
  return [Object.keys(versions as object).join(' '), oldest];
};
const values = async (bed: EngineBed) =>
  [...(await bed.storage.dump()).keys()].filter(key => key.startsWith('v/')).length;

test('the oldest versions go when there are too many: of the key, else of the mount, else ten', async () => {
  const bed = new EngineBed(kvV2);
  for (let a = 1; a <= 9; a += 1) await put(bed, { a });
  assert.deepEqual(await versionsOf(bed), ['1 2 3 4 5 6 7 8 9', 0]);
  for (let a = 10; a <= 12; a += 1) await put(bed, { a });
  assert.deepEqual(await versionsOf(bed), ['3 4 5 6 7 8 9 10 11 12', 3]);
  await config(bed, { max_versions: 4 });
  assert.deepEqual(await versionsOf(bed), ['3 4 5 6 7 8 9 10 11 12', 3]);
  await put(bed, {});
  assert.deepEqual(await versionsOf(bed), ['10 11 12 13', 10]);
  await set(bed, { max_versions: 2 });
  await put(bed, {});
  assert.deepEqual(await versionsOf(bed), ['13 14', 13]);
  assert.equal(await values(bed), 2);
  assert.equal((await bed.call('read', 'data/app', { query: { version: '12' } })).status, 404);
  await set(bed, { max_versions: 20 });
  for (let a = 0; a < 8; a += 1) await put(bed, { a });
  assert.deepEqual(await versionsOf(bed), ['13 14 15 16 17 18 19 20 21 22', 13]);
});

test('versions are deleted by themselves after the smaller of the spans', async () => {
  const bed = new EngineBed(kvV2);
  const deletion = async () => {
    const { deletion_time } = (await put(bed, { a: 1 })).data as { readonly deletion_time: string };
    return deletion_time === '' ? '' : (Date.parse(deletion_time) - bed.clock.now()) / 1000;
  };
  assert.equal(await deletion(), '');
  await config(bed, { delete_version_after: '2h' });
  assert.equal(await deletion(), 7200);
  await set(bed, { delete_version_after: '3h' });
  assert.equal(await deletion(), 7200);
  await set(bed, { delete_version_after: '1h' });
  assert.equal(await deletion(), 3600);
  await config(bed, { delete_version_after: 0 });
  assert.equal(await deletion(), 3600);
  await config(bed, { delete_version_after: -1 });
  assert.equal(await deletion(), '');
  await config(bed, { delete_version_after: 0 });
  await deletion();
  assert.equal((await bed.call('read', 'data/app')).status, 200);
  bed.clock.turn(3_599_999);
  assert.equal((await bed.call('read', 'data/app')).status, 200);
  bed.clock.turn(1);
  const { status, data } = await bed.call('read', 'data/app');
  assert.deepEqual([status, (data as { readonly data: unknown }).data], [404, null]);
  await bed.call('write', 'undelete/app', { body: { versions: [7] } });
  assert.equal((await bed.call('read', 'data/app')).status, 200);
});

test('removing a key removes all its versions in one commit, and numbering starts anew', async () => {
  const bed = new EngineBed(kvV2);
  for (let a = 0; a < 5; a += 1) await put(bed, { a });
  const { commits } = bed.storage;
  assert.equal((await bed.call('delete', 'metadata/app')).status, 204);
  assert.equal((await bed.call('delete', 'metadata/app')).status, 204);
  assert.equal(bed.storage.commits, commits + 1);
  assert.equal((await bed.storage.dump()).size, 0);
  assert.equal(((await put(bed, {})).data as { readonly version: number }).version, 1);
});

test('detailed listings carry the metadata of each key, folders none', async () => {
  const bed = new EngineBed(kvV2);
  for (const path of ['a', 'b/c', 'b/d/e']) await bed.call('write', `data/${path}`, { body: { data: { path } } });
  const metadata = await read(bed, 'metadata/a');
  assert.deepEqual((await bed.call('list', 'detailed-metadata')).data, {
    keys: ['a', 'b/'],
    key_info: { a: metadata },
  });
  const scanned = (await bed.call('scan', 'detailed-metadata/b')).data as { readonly key_info: object };
  assert.deepEqual(Object.keys(scanned.key_info), ['c', 'd/e']);
  assert.equal((await bed.call('list', 'detailed-metadata/x')).status, 404);
});
