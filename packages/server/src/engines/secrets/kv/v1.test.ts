import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineBed } from '../../../../../../test/conformance/engine-bed.ts';
import { kvV1 } from './v1.ts';

const written = async (json: string, path = 'app/db'): Promise<EngineBed> => {
  const bed = new EngineBed(kvV1);
  assert.equal((await bed.call('write', path, { json })).status, 204);
  return bed;
};

test('what was written is answered, byte for byte', async () => {
  const json = '{"b":8019210420527506405, "a": 1.50, "é\\u00e9":"\\u2028x", "2":[], "1":{"x":null}}';
  const { status, text } = await (await written(json)).call('read', 'app/db');
  assert.deepEqual([status, text], [200, json]);
});

test('a path without a secret is not found, whatever lies beside it', async () => {
  const bed = await written('{"a":1}');
  for (const path of ['app', 'app/d', 'app/db/x', 'other'])
    assert.equal((await bed.call('read', path)).status, 404, path);
});

test('a body without data is refused', async () => {
  const bed = new EngineBed(kvV1);
  for (const json of [undefined, '{}', '{ }']) {
    const { status, error } = await bed.call('write', 'a', json === undefined ? {} : { json });
    assert.deepEqual([status, error], [400, 'missing data fields']);
  }
  assert.equal((await bed.storage.dump()).size, 0);
});

test('the lease is what the data says, or what the mount says', async () => {
  const cases: readonly (readonly [string, number])[] = [
    ['{"a":1}', 2_764_800],
    ['{"ttl":"1h"}', 3600],
    ['{"ttl":30}', 30],
    ['{"lease":"90"}', 90],
    ['{"ttl":"5m","lease":"1h"}', 300],
    ['{"ttl":"soon"}', 2_764_800],
    ['{"ttl":{"a":1}}', 2_764_800],
    ['{"ttl":-5}', 2_764_800],
  ];
  for (const [json, seconds] of cases) {
    const bed = await written(json);
    assert.equal((await bed.call('read', 'app/db')).leaseSeconds, seconds, json);
    assert.equal((await bed.call('read', 'app/db')).leaseSeconds, seconds, `${json} again`);
  }
});

test('a write to a path with a secret is an update, another a create', async () => {
  const bed = await written('{"a":1}');
  assert.equal(await bed.exists('app/db'), true);
  assert.equal(await bed.exists('app/other'), false);
});

test('deleting is done once and may be asked again', async () => {
  const bed = await written('{"a":1}');
  assert.equal((await bed.call('delete', 'app/db')).status, 204);
  assert.equal((await bed.call('delete', 'app/db')).status, 204);
  assert.equal((await bed.call('read', 'app/db')).status, 404);
  assert.equal((await bed.storage.dump()).size, 0);
});

test('a secret and a folder may have the same name', async () => {
  const bed = await written('{"a":1}', 'foo');
  for (const path of ['foo/bar', 'foo/deep/er', 'fo', 'zoo/x']) await bed.call('write', path, { json: '{"a":1}' });
  assert.deepEqual((await bed.call('list', '')).data, { keys: ['fo', 'foo', 'foo/', 'zoo/'] });
  assert.deepEqual((await bed.call('list', 'foo')).data, { keys: ['bar', 'deep/'] });
  assert.deepEqual((await bed.call('scan', '')).data, { keys: ['fo', 'foo', 'foo/bar', 'foo/deep/er', 'zoo/x'] });
  assert.deepEqual((await bed.call('scan', 'foo')).data, { keys: ['bar', 'deep/er'] });
  assert.equal((await bed.call('list', 'nothing')).status, 404);
});

test('changes are told without values, with their time', async () => {
  const at = Date.UTC(2026, 0, 1);
  const bed = await written('{"password":"canary"}');
  await bed.call('delete', 'app/db');
  const told = bed.storage.events.map(({ type, payload }) => [type, JSON.parse(new TextDecoder().decode(payload))]);
  assert.deepEqual(told, [
    ['kv-v1/write', { at, data_path: 'app/db', modified: 'true', operation: 'write', path: 'app/db' }],
    ['kv-v1/delete', { at, modified: 'true', operation: 'delete', path: 'app/db' }],
  ]);
});
