/** Lease times of mounts, and the settings of the store's own mounts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMemoryStore } from '../../packages/server/src/platform/memory/store.ts';
import { type Bed, openBed } from './bed.ts';

const month = 2_764_800;
const made = async (bed: Bed, body: object = {}) => (await bed.root('POST', 'auth/token/create', body)).json.auth;

test('auth/token is tuned under both names, and tokens live by it', async () => {
  const bed = await openBed();
  const tune = (path: string, body: object) => bed.root('POST', `sys/${path}/tune`, body);
  assert.equal((await tune('auth/token', { max_lease_ttl: '10000h', description: 'ours' })).status, 204);
  assert.equal((await tune('mounts/auth/token', { default_lease_ttl: '2h' })).status, 204);
  const { data } = (await bed.root('GET', 'sys/auth/token/tune')).json;
  assert.deepEqual([data.default_lease_ttl, data.max_lease_ttl, data.description], [7200, 36_000_000, 'ours']);
  assert.equal((await bed.root('GET', 'sys/auth')).json.data['token/'].config.default_lease_ttl, 7200);
  const plain = await made(bed, { policies: ['default'] });
  assert.equal(plain.lease_duration, 7200);
  assert.equal((await made(bed, { policies: ['default'], ttl: '5000h' })).lease_duration, 18_000_000);
  const { client_token: token } = await made(bed, { policies: ['default'], ttl: '20000h' });
  await tune('auth/token', { max_lease_ttl: '3h' });
  const renewed = await bed.root('POST', 'auth/token/renew', { token, increment: '20000h' });
  assert.equal(renewed.json.auth.lease_duration, 10_800);
  await tune('auth/token', { max_lease_ttl: 'system', default_lease_ttl: -1 });
  assert.equal((await made(bed, { policies: ['default'] })).lease_duration, month);
});

test('what was set of the store’s own mounts outlives sealing and a restart', async () => {
  const storage = openMemoryStore();
  const bed = await openBed({ storage });
  await bed.root('POST', 'sys/auth/token/tune', { max_lease_ttl: '10000h', listing_visibility: 'hidden' });
  await bed.root('POST', 'sys/mounts/sys/tune', { description: 'the core', audit_non_hmac_request_keys: 'paths' });
  const again = await openBed({ storage, closed: true });
  for (const { core, ask } of [bed, again]) {
    await core.seal.seal();
    await core.seal.submitKey(bed.unsealKeys[0] ?? '');
    const ours = await ask('GET', 'sys/auth/token/tune', { token: bed.rootToken });
    assert.deepEqual([ours.json.data.max_lease_ttl, ours.json.data.listing_visibility], [36_000_000, 'hidden']);
    const { data } = (await ask('GET', 'sys/mounts', { token: bed.rootToken })).json;
    assert.equal(data['sys/'].description, 'the core');
    await ask('POST', 'sys/capabilities-self', { token: bed.rootToken, body: { paths: ['plain/path'] } });
  }
  assert.match(again.audited.at(-1) ?? '', /"paths":\["plain\/path"\]/);
});

test('what would change nothing cannot be set of them', async () => {
  const bed = await openBed();
  const refused = async (path: string, body: object) => {
    const { status, json } = await bed.root('POST', `sys/${path}/tune`, body);
    assert.equal(status, 400);
    return json.errors[0] as string;
  };
  assert.match(await refused('mounts/sys', { options: { version: '2' } }), /^sys\/ belongs to the store.*options/);
  assert.match(await refused('mounts/sys', { force_no_cache: true }), /force_no_cache/);
  assert.match(await refused('auth/token', { token_type: 'batch' }), /token_type/);
  assert.match(await refused('mounts/secret', { token_type: 'batch' }), /only be modified on auth mounts/);
  const both = await Promise.all(['a', 'b'].map(d => bed.root('POST', 'sys/mounts/sys/tune', { description: d })));
  assert.deepEqual(
    both.map(({ status }) => status),
    [204, 204],
  );
  assert.equal((await bed.root('POST', 'sys/remount', { from: 'sys', to: 'b' })).status, 400);
  assert.equal((await bed.root('DELETE', 'sys/auth/token')).status, 400);
});

test('"system" and -1 take a mount’s lease times back to those of the system', async () => {
  const bed = await openBed();
  const config = { default_lease_ttl: '1h', max_lease_ttl: '2h' };
  await bed.root('POST', 'sys/mounts/kv', { type: 'kv', config });
  for (const value of ['system', '-1', -1]) {
    await bed.root('POST', 'sys/mounts/kv/tune', config);
    const both = { default_lease_ttl: value, max_lease_ttl: value };
    assert.equal((await bed.root('POST', 'sys/mounts/kv/tune', both)).status, 204);
    const { data } = (await bed.root('GET', 'sys/mounts/kv/tune')).json;
    assert.deepEqual([data.default_lease_ttl, data.max_lease_ttl], [month, month]);
  }
  const enabled = await bed.root('POST', 'sys/mounts/b', { type: 'kv', config: { max_lease_ttl: 'system' } });
  assert.equal(enabled.status, 204);
});

test('a default above the maximum in force is refused, and one that the system says is capped', async () => {
  const bed = await openBed();
  const config = { default_lease_ttl: '99999h' };
  const refused = await bed.root('POST', 'sys/mounts/a', { type: 'kv', config });
  assert.deepEqual([refused.status, /system's max lease ttl of 2764800 s/.test(refused.text)], [400, true]);
  assert.equal((await bed.root('POST', 'sys/mounts/secret/tune', config)).status, 400);
  assert.equal((await bed.root('POST', 'sys/auth/token/tune', config)).status, 400);
  assert.equal((await bed.root('POST', 'sys/mounts/secret/tune', { max_lease_ttl: '1h' })).status, 204);
  const { data } = (await bed.root('GET', 'sys/mounts/secret/tune')).json;
  assert.deepEqual([data.default_lease_ttl, data.max_lease_ttl], [3600, 3600]);
});

test('seal_wrap is refused, since nothing would be wrapped', async () => {
  const bed = await openBed();
  const told = await bed.root('POST', 'sys/mounts/a', { type: 'kv', seal_wrap: true });
  assert.deepEqual([told.status, /seal_wrap is not offered/.test(told.text)], [400, true]);
  assert.equal((await bed.root('POST', 'sys/mounts/a', { type: 'kv', seal_wrap: false })).status, 204);
  assert.equal((await bed.root('GET', 'sys/mounts/a')).json.data.seal_wrap, false);
});
