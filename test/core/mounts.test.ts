/** Mounts as callers meet them: enabled, tuned, moved, disabled; and what a crash leaves. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mountRecords } from '../../packages/server/src/core/mounts/records.ts';
import { rememberedMoves } from '../../packages/server/src/core/mounts/moves.ts';
import { openBed } from './bed.ts';

test('a mount is made, read, tuned, moved with its records, and removed with them', async () => {
  const bed = await openBed();
  assert.equal((await bed.root('POST', 'sys/mounts/team/kv', { type: 'kv', description: 'd' })).status, 204);
  assert.equal((await bed.root('POST', 'team/kv/a/b', { x: 1 })).status, 204);
  const info = await bed.root('GET', 'sys/mounts/team/kv');
  assert.equal(info.json.data.type, 'kv');
  assert.match(info.json.data.accessor, /^kv_[0-9a-f]{8}$/);
  assert.equal(
    (await bed.root('POST', 'sys/mounts/team/kv/tune', { default_lease_ttl: '30m', description: 'e' })).status,
    204,
  );
  const tuned = await bed.root('GET', 'sys/mounts/team/kv/tune');
  assert.equal(tuned.json.data.default_lease_ttl, 1800);
  assert.equal(tuned.json.data.description, 'e');
  const moved = await bed.root('POST', 'sys/remount', { from: 'team/kv', to: 'other' });
  const status = await bed.root('GET', `sys/remount/status/${moved.json.data.migration_id}`);
  assert.equal(status.json.data.migration_info.status, 'success');
  assert.deepEqual((await bed.root('GET', 'other/a/b')).json.data, { x: 1 });
  assert.equal((await bed.root('GET', 'team/kv/a/b')).status, 404);
  const id = (await bed.root('GET', 'sys/mounts/other')).json.data.uuid;
  assert.equal((await bed.root('DELETE', 'sys/mounts/other')).status, 204);
  assert.equal((await bed.root('DELETE', 'sys/mounts/other')).status, 204);
  assert.equal((await bed.root('GET', 'other/a/b')).status, 404);
  const left = await bed.storage.range(`1/root/${id}/`, { values: false });
  assert.equal(left.length, 0);
});

test('the list shows the core mounts, and its data at the top level too', async () => {
  const bed = await openBed();
  const told = await bed.root('GET', 'sys/mounts');
  assert.deepEqual(Object.keys(told.json.data), ['cubbyhole/', 'secret/', 'sys/']);
  assert.equal(told.json['secret/'].options.version, '2');
  const auth = await bed.root('GET', 'sys/auth');
  assert.deepEqual(Object.keys(auth.json.data), ['token/']);
  assert.equal(auth.json.data['token/'].config.token_type, 'default-service');
});

test('a mount is refused where another stands, above or below it, or where the store stands', async () => {
  const bed = await openBed();
  const mount = async (path: string, body: object = { type: 'kv' }) => bed.root('POST', `sys/mounts/${path}`, body);
  assert.deepEqual((await mount('secret')).json.errors, ['path is already in use at secret/']);
  assert.equal((await mount('secret/inner')).status, 400);
  assert.equal((await mount('a/b')).status, 204);
  assert.equal((await mount('a')).status, 400);
  for (const path of ['sys', 'sys/x', 'auth/x', 'cubbyhole', 'identity', 'audit/x']) {
    assert.equal((await mount(path)).status, 400, path);
  }
  const unknown = await mount('y', { type: 'nothing' });
  assert.deepEqual([unknown.status, /plugin not found in the catalog/.test(unknown.text)], [400, true]);
  assert.equal((await mount('y', { type: 'kv', options: { version: '3' } })).status, 400);
  assert.equal(
    (await mount('y', { type: 'kv', config: { default_lease_ttl: '2h', max_lease_ttl: '1h' } })).status,
    400,
  );
  assert.equal((await mount('y', {})).status, 400);
  const none = await bed.root('GET', 'sys/mounts/nothing/tune');
  assert.equal(none.status, 400);
});

test('kv-v2 is kv with version 2', async () => {
  const bed = await openBed();
  await bed.root('POST', 'sys/mounts/two', { type: 'kv-v2' });
  const told = await bed.root('GET', 'sys/mounts/two');
  assert.deepEqual([told.json.data.type, told.json.data.options], ['kv', { version: '2' }]);
});

test('a mount survives seal and unseal, and one that was being removed is gone', async () => {
  const bed = await openBed();
  await bed.root('POST', 'sys/mounts/stays', { type: 'kv' });
  await bed.root('POST', 'stays/x', { a: 1 });
  await bed.root('POST', 'sys/mounts/goes', { type: 'kv' });
  await bed.root('POST', 'goes/x', { a: 1 });
  const { record } = bed.core.mounts.at('secret', 'goes/') ?? assert.fail();
  // As a crash right after the first commit of a removal leaves it.
  const leaving = mountRecords(bed.core.storage).put(record.id, { ...record, leaving: true });
  await bed.core.storage.commit({ writes: [leaving] });
  await bed.core.seal.seal();
  await bed.core.seal.submitKey(bed.unsealKeys[0] ?? '');
  assert.deepEqual((await bed.root('GET', 'stays/x')).json.data, { a: 1 });
  assert.equal((await bed.root('GET', 'goes/x')).status, 404);
  await bed.clock.advance(1);
  assert.equal((await bed.storage.range(`1/root/${record.id}/`, { values: false })).length, 0);
});

test('tune with version 2 rewrites a mount of version 1 and keeps its secrets', async () => {
  const bed = await openBed();
  await bed.root('POST', 'sys/mounts/old', { type: 'kv' });
  await bed.root('POST', 'old/a/b', { big: 1 });
  const told = await bed.root('POST', 'sys/mounts/old/tune', { options: { version: '2' } });
  assert.equal(told.status, 200);
  assert.match(told.json.warnings[0], /^Upgrading mount from version 1 to version/);
  const read = await bed.root('GET', 'old/data/a/b');
  assert.deepEqual(read.json.data.data, { big: 1 });
  const back = await bed.root('POST', 'sys/mounts/old/tune', { options: { version: '1' } });
  assert.equal(back.status, 400);
});

test('who may see a mount: nobody without a token unless it says so', async () => {
  const bed = await openBed();
  await bed.root('PUT', 'sys/policies/acl/app', { policy: 'path "secret/data/app" { capabilities = ["read"] }' });
  const made = await bed.root('POST', 'auth/token/create', { policies: ['app'], no_default_policy: true });
  const token: string = made.json.auth.client_token;
  const mine = await bed.ask('GET', 'sys/internal/ui/mounts', { token });
  assert.deepEqual(Object.keys(mine.json.data.secret), ['secret/']);
  const stranger = await bed.ask('GET', 'sys/internal/ui/mounts');
  assert.deepEqual(Object.keys(stranger.json.data.secret), []);
  await bed.root('POST', 'sys/mounts/secret/tune', { listing_visibility: 'unauth' });
  const shown = await bed.ask('GET', 'sys/internal/ui/mounts');
  assert.deepEqual(Object.keys(shown.json.data.secret), ['secret/']);
  assert.equal((await bed.ask('GET', 'sys/internal/ui/mounts/secret/data/app', { token })).json.data.path, 'secret/');
  assert.equal((await bed.ask('GET', 'sys/internal/ui/mounts/cubbyhole/x', { token })).status, 403);
  assert.equal((await bed.ask('GET', 'sys/internal/ui/mounts/secret/x')).status, 403);
});

test('a mount that is not to be cached is read from storage, before and after it asked', async () => {
  const bed = await openBed();
  const write = (x: number) => bed.root('POST', 'secret/data/a', { data: { x } });
  const read = async () => (await bed.root('GET', 'secret/data/a')).json.data.data.x;
  await write(1);
  assert.equal(await read(), 1);
  await bed.root('POST', 'sys/mounts/secret/tune', { force_no_cache: true });
  await write(2);
  assert.equal(await read(), 2);
  await bed.root('POST', 'sys/mounts/secret/tune', { force_no_cache: false });
  assert.equal(await read(), 2);
});

test('how a move went is told after a restart too, and only the newest moves are kept', async () => {
  const bed = await openBed();
  await bed.root('POST', 'sys/mounts/a0', { type: 'kv' });
  const ids: string[] = [];
  for (let at = 0; at <= rememberedMoves; at++) {
    const moved = await bed.root('POST', 'sys/remount', { from: `a${at}`, to: `a${at + 1}` });
    ids.push(moved.json.data.migration_id);
    bed.clock.nowMs += 1;
  }
  await bed.root('POST', 'sys/seal');
  const again = await openBed({ storage: bed.storage, closed: true });
  await again.ask('POST', 'sys/unseal', { body: { key: bed.unsealKeys[0] } });
  const statusOf = (id: string | undefined) => again.ask('GET', `sys/remount/status/${id}`, { token: bed.rootToken });
  assert.deepEqual((await statusOf(ids[1])).json.data.migration_info, {
    source_mount: 'a1/',
    target_mount: 'a2/',
    status: 'success',
  });
  assert.deepEqual([(await statusOf(ids.at(-1))).status, (await statusOf(ids[0])).status], [200, 404]);
});
