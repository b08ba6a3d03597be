/** Every operation of kv version 1, kv version 2 and cubbyhole, with the answers that clients rely on. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { noteRefused } from '../coverage/observe.ts';
import { type Api, apiOf, assertEnvelope } from './calls.ts';
import { type ServerProcess, startDevServer } from './server.ts';

const defaultLeaseSeconds = 2_764_800;
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/;

let server: ServerProcess;
let api: Api;

before(async () => {
  server = await startDevServer();
  api = apiOf(server.address, 'root');
  await api.call('POST', 'sys/mounts/one', { body: { type: 'kv' }, status: 204 });
});

after(async () => {
  await server.stop();
});

test('kv 1: write, read, list, scan, delete', async () => {
  await api.call('POST', 'one/app/db', { body: { password: 'p', port: 5432, ttl: '1h' }, status: 204 });
  await api.call('PUT', 'one/app/deep/er', { body: { a: [1, null, { b: true }] }, status: 204 });
  await api.call('POST', 'one/top', { body: { x: 'y' }, status: 204 });
  const read = await api.call('GET', 'one/app/db');
  assertEnvelope(read);
  assert.deepEqual(read.data, { password: 'p', port: 5432, ttl: '1h' });
  assert.deepEqual([read.lease_duration, read.mount_type], [3600, 'kv']);
  assert.equal((await api.call('GET', 'one/top')).lease_duration, defaultLeaseSeconds);
  assert.deepEqual((await api.call('LIST', 'one')).data, { keys: ['app/', 'top'] });
  assert.deepEqual((await api.call('GET', 'one/app?list=true')).data.keys, ['db', 'deep/']);
  assert.deepEqual((await api.call('LIST', 'one/app/')).data.keys, ['db', 'deep/']);
  assert.deepEqual((await api.call('LIST', 'one/app?after=db&limit=1')).data.keys, ['deep/']);
  assert.deepEqual((await api.call('SCAN', 'one')).data.keys, ['app/db', 'app/deep/er', 'top']);
  assert.deepEqual((await api.call('SCAN', 'one/app')).data.keys, ['db', 'deep/er']);
  assert.deepEqual((await api.call('GET', 'one/app?scan=true')).data.keys, ['db', 'deep/er']);
  await api.call('DELETE', 'one/app/db', { status: 204 });
  await api.call('DELETE', 'one/app/db', { status: 204 });
  assert.deepEqual(await api.call('GET', 'one/app/db', { status: 404 }), { errors: [] });
  assert.deepEqual(await api.call('LIST', 'one/none', { status: 404 }), { errors: [] });
});

test('cubbyhole: write, read, list, scan, delete, and nobody else sees it', async () => {
  await api.call('POST', 'cubbyhole/mine', { body: { a: 1, b: { c: [true] } }, status: 204 });
  await api.call('PUT', 'cubbyhole/f/in', { body: { d: 'e' }, status: 204 });
  const read = await api.call('GET', 'cubbyhole/mine');
  assertEnvelope(read);
  assert.deepEqual(read.data, { a: 1, b: { c: [true] } });
  assert.equal(read.lease_duration, 0);
  assert.deepEqual((await api.call('LIST', 'cubbyhole')).data.keys, ['f/', 'mine']);
  assert.deepEqual((await api.call('LIST', 'cubbyhole/f')).data.keys, ['in']);
  assert.deepEqual((await api.call('SCAN', 'cubbyhole')).data.keys, ['f/in', 'mine']);
  assert.deepEqual((await api.call('SCAN', 'cubbyhole/f')).data.keys, ['in']);
  const { auth } = await api.call('POST', 'auth/token/create', { body: {} });
  await api.call('GET', 'cubbyhole/mine', { token: auth.client_token, status: 404 });
  await api.call('LIST', 'cubbyhole', { token: auth.client_token, status: 404 });
  await api.call('DELETE', 'cubbyhole/mine', { status: 204 });
  await api.call('GET', 'cubbyhole/mine', { status: 404 });
});

test('kv 2: versions are written, read, patched and guarded by cas', async () => {
  const first = await api.call('POST', 'secret/data/app/db', { body: { data: { password: 'one', port: 1 } } });
  assertEnvelope(first);
  assert.match(first.data.created_time, time);
  const { created_time, ...rest } = first.data;
  assert.deepEqual(rest, { custom_metadata: null, deletion_time: '', destroyed: false, version: 1 });
  await api.call('PUT', 'secret/data/app/db', { body: { data: { password: 'two', port: 1 }, options: { cas: 1 } } });
  const stale = await api.call('POST', 'secret/data/app/db', { body: { data: {}, options: { cas: 1 } }, status: 400 });
  assert.deepEqual(stale.errors, ['check-and-set parameter did not match the current version']);
  const patched = await api.call('PATCH', 'secret/data/app/db', { body: { data: { port: null, user: 'u' } } });
  assert.equal(patched.data.version, 3);
  const read = await api.call('GET', 'secret/data/app/db');
  assertEnvelope(read);
  assert.deepEqual(read.data.data, { password: 'two', user: 'u' });
  assert.deepEqual([read.data.metadata.version, read.lease_duration], [3, 0]);
  assert.equal((await api.call('GET', 'secret/data/app/db?version=1')).data.data.password, 'one');
  assert.notEqual(created_time, undefined);
  await api.call('GET', 'secret/data/app/db?version=9', { status: 404 });
  await api.call('PATCH', 'secret/data/none', { body: { data: { a: 'b' } }, status: 404 });
  const subkeys = await api.call('GET', 'secret/subkeys/app/db?depth=1');
  assert.deepEqual(subkeys.data.subkeys, { password: null, user: null });
});

test('kv 2: versions are deleted, undeleted, destroyed', async () => {
  for (const password of ['one', 'two', 'three'])
    await api.call('POST', 'secret/data/v', { body: { data: { password } } });
  await api.call('DELETE', 'secret/data/v', { status: 204 });
  const gone = await api.call('GET', 'secret/data/v', { status: 404 });
  assertEnvelope(gone);
  assert.equal(gone.data.data, null);
  assert.match(gone.data.metadata.deletion_time, time);
  await api.call('POST', 'secret/undelete/v', { body: { versions: [3] }, status: 204 });
  assert.equal((await api.call('GET', 'secret/data/v')).data.data.password, 'three');
  await api.call('POST', 'secret/delete/v', { body: { versions: [1, 2] }, status: 204 });
  await api.call('GET', 'secret/data/v?version=2', { status: 404 });
  await api.call('PUT', 'secret/destroy/v', { body: { versions: ['1'] }, status: 204 });
  await api.call('POST', 'secret/undelete/v', { body: { versions: [1, 2] }, status: 204 });
  const destroyed = await api.call('GET', 'secret/data/v?version=1', { status: 404 });
  assert.deepEqual([destroyed.data.data, destroyed.data.metadata.destroyed], [null, true]);
  assert.equal((await api.call('GET', 'secret/data/v?version=2')).data.data.password, 'two');
});

test('kv 2: metadata is written, patched, read, listed, scanned, removed', async () => {
  await api.call('POST', 'secret/metadata/m/a', {
    body: { max_versions: 2, custom_metadata: { owner: 'team', x: 'y' }, delete_version_after: '3h25m19s' },
    status: 204,
  });
  await api.call('PATCH', 'secret/metadata/m/a', {
    body: { custom_metadata: { x: null }, cas_required: true },
    status: 204,
  });
  await api.call('POST', 'secret/data/m/a', { body: { data: {} }, status: 400 });
  await api.call('POST', 'secret/data/m/a', { body: { data: { k: 'v' }, options: { cas: 0 } } });
  await api.call('POST', 'secret/data/m/b/c', { body: { data: { k: 'v' } } });
  const { data } = await api.call('GET', 'secret/metadata/m/a');
  assert.deepEqual(
    [data.cas_required, data.max_versions, data.custom_metadata, data.delete_version_after, data.current_version],
    [true, 2, { owner: 'team' }, '3h25m19s', 1],
  );
  assert.deepEqual(Object.keys(data.versions), ['1']);
  assert.deepEqual((await api.call('LIST', 'secret/metadata/m')).data.keys, ['a', 'b/']);
  assert.ok((await api.call('LIST', 'secret/metadata')).data.keys.includes('m/'));
  assert.deepEqual((await api.call('SCAN', 'secret/metadata/m')).data.keys, ['a', 'b/c']);
  assert.ok((await api.call('SCAN', 'secret/metadata')).data.keys.includes('m/b/c'));
  const detailed = await api.call('LIST', 'secret/detailed-metadata/m');
  assert.equal(detailed.data.key_info.a.max_versions, 2);
  assert.ok((await api.call('LIST', 'secret/detailed-metadata')).data.keys.includes('m/'));
  assert.equal((await api.call('SCAN', 'secret/detailed-metadata/m')).data.key_info['b/c'].current_version, 1);
  assert.ok((await api.call('SCAN', 'secret/detailed-metadata')).data.keys.includes('m/a'));
  await api.call('DELETE', 'secret/metadata/m/a', { status: 204 });
  await api.call('GET', 'secret/metadata/m/a', { status: 404 });
  await api.call('GET', 'secret/data/m/a', { status: 404 });
});

test('kv 2: the settings of the mount', async () => {
  const body = { max_versions: 5, cas_required: false, delete_version_after: '30m' };
  await api.call('POST', 'secret/config', { body, status: 204 });
  const { data } = await api.call('GET', 'secret/config');
  assert.deepEqual([data.max_versions, data.cas_required, data.delete_version_after], [5, false, '30m0s']);
  await api.call('PUT', 'secret/config', { body: { delete_version_after: '0s', max_versions: 0 }, status: 204 });
});

test('kv 2: paths of version 1 are answered 404 with the warning that clients look for', async () => {
  for (const [method, path] of [
    ['GET', 'secret/app'],
    ['POST', 'secret/app'],
    ['DELETE', 'secret/app'],
    ['LIST', 'secret/app'],
    ['LIST', 'secret'],
    ['GET', 'secret/'],
  ] as const) {
    const body = method === 'POST' ? { a: 'b' } : undefined;
    const told = await api.call(method, path, { status: 404, body });
    assert.match(told.warnings.at(-1), /^Invalid path for a versioned K\/V secrets engine/, `${method} ${path}`);
    noteRefused({ method, target: `/v1/${path}`, engine: 'kv-v2/' });
  }
});

test('a write to a folder is refused', async () => {
  for (const path of ['one/app/', 'secret/data/app/', 'cubbyhole/app/']) {
    const told = await api.call('POST', path, { body: { data: {} }, status: 400 });
    assert.deepEqual(told.errors, ["cannot write to a path ending in '/'"]);
  }
});
