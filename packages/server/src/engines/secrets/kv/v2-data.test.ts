import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineBed } from '../../../../../../test/conformance/engine-bed.ts';
import { kvV2 } from './v2.ts';

const time = '2026-01-01T00:00:00.000Z';
const put = (bed: EngineBed, data: unknown, options?: unknown) =>
  bed.call('write', 'data/app', { body: options === undefined ? { data } : { data, options } });
const about = (version: number, more: object = {}) => ({
  created_time: time,
  custom_metadata: null,
  deletion_time: '',
  destroyed: false,
  version,
  ...more,
});

test('a write answers its version, a read the data as it came', async () => {
  const bed = new EngineBed(kvV2);
  const json = '{ "n": 8019210420527506405, "odd\\u0000 \\ud83d\\ude00é": [1.0, 1e400], "constructor":{} }';
  const wrote = await bed.call('write', 'data/app', { json: `{"data":${json}}` });
  assert.deepEqual([wrote.status, wrote.data], [200, about(1)]);
  const read = await bed.call('read', 'data/app');
  assert.equal(read.status, 200);
  assert.ok(read.text.startsWith(`{"data":${json},"metadata":{`), read.text);
  assert.equal((await bed.call('read', 'data/app', { query: { version: '1' } })).text, read.text);
});

test('custom metadata of any letters stands beside the data, once and once more', async () => {
  const bed = new EngineBed(kvV2);
  let version = 0;
  for (const owner of ['ops', 'Zoë 😀']) {
    await put(bed, { a: 'é' });
    await bed.call('write', 'metadata/app', { body: { custom_metadata: { owner } } });
    const want = { data: { a: 'é' }, metadata: about(++version, { custom_metadata: { owner } }) };
    for (let round = 0; round < 3; round++) assert.deepEqual((await bed.call('read', 'data/app')).data, want);
  }
});

test('a read of what is cached is answered at once', async () => {
  const bed = new EngineBed(kvV2);
  await put(bed, { a: 1 });
  const found = bed.find('read', 'data/app');
  const before = bed.storage.gets;
  const args = { path: 'app', version: 0 };
  assert.equal(found?.row.run(bed.context() as never, args as never) instanceof Promise, false);
  assert.equal(bed.storage.gets - before, 2);
  bed.storage.slow = true;
  assert.equal((await bed.call('read', 'data/app')).status, 200);
});

test('a key or version that is not there is not found', async () => {
  const bed = new EngineBed(kvV2);
  assert.equal((await bed.call('read', 'data/app')).status, 404);
  await put(bed, { a: 1 });
  for (const version of ['2', '-1', '99999999'])
    assert.equal((await bed.call('read', 'data/app', { query: { version } })).status, 404, version);
  assert.equal((await bed.call('read', 'data/app', { query: { version: 'x' } })).status, 400);
});

test('a write without data is refused', async () => {
  const bed = new EngineBed(kvV2);
  for (const body of [{}, { data: null }, { options: { cas: 0 } }]) {
    for (const verb of ['write', 'patch'] as const) {
      const { status, error } = await bed.call(verb, 'data/app', { body });
      assert.deepEqual([status, error], [400, 'no data provided']);
    }
  }
  assert.equal((await bed.call('write', 'data/app', { body: { data: 'text' } })).status, 400);
  assert.equal((await put(bed, {})).status, 200);
});

test('check-and-set lets a write through only on the version it names', async () => {
  const bed = new EngineBed(kvV2);
  const mismatch = 'check-and-set parameter did not match the current version';
  assert.equal((await put(bed, { a: 1 }, { cas: 1 })).error, mismatch);
  assert.equal((await put(bed, { a: 1 }, { cas: 0 })).status, 200);
  for (const cas of [0, 2, -1]) assert.equal((await put(bed, { a: 2 }, { cas })).error, mismatch);
  assert.equal((await put(bed, { a: 2 }, { cas: '1' })).status, 200);
  assert.equal((await put(bed, { a: 3 }, { cas: 'x' })).error, 'field "options.cas": expected a whole number');
  assert.equal((await put(bed, { a: 3 }, { cas: null })).status, 200);
});

test('mount or key may ask for check-and-set', async () => {
  const required = 'check-and-set parameter required for this call';
  const bed = new EngineBed(kvV2);
  await bed.call('write', 'metadata/app', { body: { cas_required: true } });
  assert.equal((await put(bed, { a: 1 })).error, required);
  assert.equal((await put(bed, { a: 1 }, { cas: 0 })).status, 200);
  const other = new EngineBed(kvV2);
  await other.call('write', 'config', { body: { cas_required: true } });
  assert.equal((await put(other, { a: 1 })).error, required);
});

test('a patch merges, removes with null, keeps numbers as they were written', async () => {
  const bed = new EngineBed(kvV2);
  const json = '{"data":{"big":8019210420527506405,"f":1.50,"gone":1,"in":{"a":1,"b":2}}}';
  await bed.call('write', 'data/app', { json });
  const patch = '{"data":{"gone":null,"in":{"b":null,"c":12345678901234567890},"new":"x"},"options":{"cas":1}}';
  const { status, data } = await bed.call('patch', 'data/app', { json: patch });
  assert.deepEqual([status, data], [200, about(2)]);
  const { text } = await bed.call('read', 'data/app');
  assert.ok(
    text.startsWith(
      '{"data":{"big":8019210420527506405,"f":1.50,"in":{"a":1,"c":12345678901234567890},"new":"x"},"metadata"',
    ),
    text,
  );
});

test('a patch needs a version that is there', async () => {
  const bed = new EngineBed(kvV2);
  const body = { data: { a: 1 } };
  assert.deepEqual(await bed.call('patch', 'data/app', { body }).then(({ status, data }) => [status, data]), [
    404,
    undefined,
  ]);
  await put(bed, { a: 1 });
  await bed.call('delete', 'data/app');
  const deleted = await bed.call('patch', 'data/app', { body });
  assert.deepEqual([deleted.status, deleted.data], [404, about(1, { deletion_time: time })]);
  assert.equal((await bed.call('patch', 'data/app', { body: { ...body, options: { cas: 9 } } })).status, 404);
});

test('a patched value cannot grow without end', async () => {
  const bed = new EngineBed(kvV2);
  for (const name of ['a', 'b']) {
    const { status } = await bed.call(name === 'a' ? 'write' : 'patch', 'data/app', {
      body: { data: { [name]: 'x'.repeat(600_000) } },
    });
    assert.equal(status, name === 'a' ? 200 : 413);
  }
});

test('the newest version is deleted, once; the value stays for undelete', async () => {
  const bed = new EngineBed(kvV2);
  assert.equal((await bed.call('delete', 'data/app')).status, 204);
  await put(bed, { a: 1 });
  await put(bed, { a: 2 });
  assert.equal((await bed.call('delete', 'data/app')).status, 204);
  const { status, data } = await bed.call('read', 'data/app');
  assert.deepEqual([status, data], [404, { data: null, metadata: about(2, { deletion_time: time }) }]);
  assert.equal((await bed.call('read', 'data/app', { query: { version: '1' } })).status, 200);
  const { commits } = bed.storage;
  bed.clock.turn(5000);
  await bed.call('delete', 'data/app');
  assert.equal(bed.storage.commits, commits);
  assert.equal((await bed.call('write', 'undelete/app', { body: { versions: [2] } })).status, 204);
  assert.deepEqual((await bed.call('read', 'data/app')).data, { data: { a: 2 }, metadata: about(2) });
});

test('versions are deleted, undeleted and destroyed by number', async () => {
  const bed = new EngineBed(kvV2);
  for (const a of [1, 2, 3]) await put(bed, { a });
  const act = async (kind: string, versions: unknown) =>
    (await bed.call('write', `${kind}/app`, { body: { versions } })).status;
  const statuses = async () =>
    Promise.all(
      ['1', '2', '3'].map(async version => (await bed.call('read', 'data/app', { query: { version } })).status),
    );
  assert.equal(await act('delete', [1, 2, 2, 77, -1, 0]), 204);
  assert.deepEqual(await statuses(), [404, 404, 200]);
  assert.equal(await act('destroy', '1,3'), 204);
  assert.equal(await act('undelete', [1, 2, 3]), 204);
  assert.deepEqual(await statuses(), [404, 200, 404]);
  const destroyed = await bed.call('read', 'data/app');
  assert.deepEqual(destroyed.data, { data: null, metadata: about(3, { destroyed: true }) });
  const keys = [...(await bed.storage.dump()).keys()];
  assert.deepEqual(keys, ['m/app', 'v/app/2']);
});

test('which versions must be said; a key that is not there is no mistake', async () => {
  const bed = new EngineBed(kvV2);
  for (const kind of ['delete', 'undelete', 'destroy']) {
    const { status, error } = await bed.call('write', `${kind}/app`, { body: { versions: [] } });
    assert.deepEqual([status, error], [400, 'No version number provided']);
    assert.equal((await bed.call('write', `${kind}/app`, {})).error, 'No version number provided');
    assert.equal((await bed.call('write', `${kind}/app`, { body: { versions: [1] } })).status, 204);
    assert.equal((await bed.call('write', `${kind}/app`, { body: { versions: ['x'] } })).status, 400);
  }
  assert.equal(bed.storage.commits, 0);
});

test('subkeys show names without values', async () => {
  const bed = new EngineBed(kvV2);
  await put(bed, { a: 'secret', b: { c: { d: 1 }, e: [1, { f: 2 }] }, g: {} });
  const subkeys = async (depth?: string) =>
    (
      (await bed.call('read', 'subkeys/app', depth === undefined ? {} : { query: { depth } })).data as {
        subkeys: unknown;
      }
    ).subkeys;
  assert.deepEqual(await subkeys(), { a: null, b: { c: { d: null }, e: null }, g: null });
  assert.deepEqual(await subkeys('1'), { a: null, b: null, g: null });
  assert.deepEqual(await subkeys('2'), { a: null, b: { c: null, e: null }, g: null });
  await bed.call('delete', 'data/app');
  const { status, data } = await bed.call('read', 'subkeys/app');
  assert.deepEqual([status, data], [404, { metadata: about(1, { deletion_time: time }), subkeys: null }]);
  assert.equal((await bed.call('read', 'subkeys/none')).status, 404);
});

test('a write is a create until there is a version', async () => {
  const bed = new EngineBed(kvV2);
  assert.equal(await bed.exists('data/app'), false);
  await bed.call('write', 'metadata/app', { body: { max_versions: 3 } });
  assert.equal(await bed.exists('data/app'), false);
  assert.equal(await bed.exists('metadata/app'), true);
  await put(bed, { a: 1 });
  for (const path of ['data/app', 'delete/app', 'undelete/app', 'destroy/app'])
    assert.equal(await bed.exists(path), true, path);
});

test('F6: a version whose value is lost is said to be corrupt, not missing', async () => {
  const bed = new EngineBed(kvV2);
  await put(bed, { a: 1 });
  await bed.storage.commit({ writes: [{ key: 'v/app/1', value: undefined }] });
  assert.equal((await bed.call('read', 'data/app')).status, 500);
});

/** Runs `act` once, after the metadata was read and before the value is. */
const between = (bed: EngineBed, act: () => Promise<unknown>): void => {
  bed.storage.onGet = async key => {
    if (!key.startsWith('v/')) return;
    bed.storage.onGet = undefined;
    await act();
  };
};

test('a read between two states of a key never mixes them', async () => {
  const bed = new EngineBed(kvV2);
  await put(bed, { a: 1 });
  between(bed, async () => {
    bed.clock.turn(1000);
    await bed.call('delete', 'metadata/app');
    await put(bed, { a: 'other' });
  });
  const { data } = await bed.call('read', 'data/app');
  assert.deepEqual(data, { data: { a: 'other' }, metadata: about(1, { created_time: '2026-01-01T00:00:01.000Z' }) });
});

test('a read or patch of a key that goes meanwhile finds nothing', async () => {
  for (const verb of ['read', 'patch'] as const) {
    const bed = new EngineBed(kvV2);
    await put(bed, { a: 1 });
    between(bed, () => bed.storage.commit({ writes: ['m/app', 'v/app/1'].map(key => ({ key, value: undefined })) }));
    assert.equal((await bed.call(verb, 'data/app', { body: { data: { b: 1 } } })).status, 404, verb);
  }
});

test('other paths are answered with what clients know; known ones by what they lack', async () => {
  const bed = new EngineBed(kvV2);
  const { status, warnings } = await bed.call('read', 'app/db');
  assert.equal(status, 404);
  assert.match(warnings[0] ?? '', /^Invalid path for a versioned K\/V secrets engine/);
  assert.equal((await bed.call('read', '')).status, 404);
  assert.equal((await bed.call('list', '')).status, 404);
  assert.equal((await bed.call('write', 'app', { body: { a: 1 } })).status, 404);
  assert.equal((await bed.call('list', 'data/app')).status, 405);
  assert.equal((await bed.call('read', 'destroy/app')).status, 405);
});

test('S5: paths that could not be listed again are refused', async () => {
  const bed = new EngineBed(kvV2);
  const body = { data: { a: 1 } };
  const long = 'é'.repeat(384);
  assert.equal((await bed.call('write', `data/${long}`, { body })).status, 200);
  assert.equal((await bed.call('write', `data/${long}x`, { body })).error, 'the path is longer than 768 bytes');
  assert.equal((await bed.call('write', 'data/a/', { body })).status, 400);
  assert.equal((await bed.call('read', `data/${'a/'.repeat(600)}b`)).status, 400);
  assert.equal((await bed.call('list', `metadata/${'a'.repeat(800)}`)).status, 400);
  assert.equal((await bed.call('list', 'metadata', { query: { after: 'a'.repeat(800) } })).status, 400);
});

test('changes are told without values', async () => {
  const bed = new EngineBed(kvV2);
  await put(bed, { password: 'canary' });
  await bed.call('patch', 'data/app', { body: { data: { b: 'canary' } } });
  await bed.call('delete', 'data/app');
  for (const kind of ['undelete', 'delete', 'destroy'])
    await bed.call('write', `${kind}/app`, { body: { versions: [2] } });
  await bed.call('write', 'metadata/app', { body: { custom_metadata: { c: 'canary' } } });
  await bed.call('patch', 'metadata/app', { body: { max_versions: 3 } });
  await bed.call('write', 'config', { body: { max_versions: 3 } });
  await bed.call('delete', 'metadata/app');
  const told = bed.storage.events.map(({ type, payload }) => ({ type, text: new TextDecoder().decode(payload) }));
  assert.deepEqual(
    told.map(({ type }) => type.slice(6)),
    [
      'data-write',
      'data-patch',
      'data-delete',
      'undelete',
      'delete',
      'destroy',
      'metadata-write',
      'metadata-patch',
      'config-write',
      'metadata-delete',
    ],
  );
  assert.deepEqual(JSON.parse(told[0]?.text ?? ''), {
    at: Date.UTC(2026, 0, 1),
    current_version: '1',
    data_path: 'data/app',
    modified: 'true',
    oldest_version: '0',
    operation: 'data-write',
    path: 'data/app',
  });
  for (const { text } of told) assert.doesNotMatch(text, /canary/);
});
