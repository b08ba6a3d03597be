/** node-vault, the client of many Node applications, against a new store: init, unseal, mounts, policies, tokens, kv. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { type ServerProcess, startFreshServer } from './server.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- the client has no types of its own that are worth holding to
type Client = any;
const makeClient = createRequire(import.meta.url)('node-vault') as (options: object) => Client;

let server: ServerProcess;
let client: Client;
let keys: readonly string[] = [];

before(async () => {
  server = await startFreshServer();
  client = makeClient({ apiVersion: 'v1', endpoint: server.address });
});

after(async () => {
  await server.stop();
});

test('node-vault initialises and unseals', async () => {
  assert.deepEqual(await client.initialized(), { initialized: false });
  const made = await client.init({ secret_shares: 3, secret_threshold: 2 });
  keys = made.keys;
  client.token = made.root_token;
  assert.equal((await client.status()).sealed, true);
  await client.unseal({ key: keys[0] });
  const status = await client.unseal({ key: keys[2] });
  assert.equal(status.sealed, false);
  const health = await client.health();
  assert.equal(health.initialized, true);
});

test('node-vault mounts, tunes, remounts and unmounts', async () => {
  await client.mount({ mount_point: 'app', type: 'kv', description: 'v1' });
  await client.mount({ mount_point: 'secret', type: 'kv', options: { version: '2' } });
  const mounts = await client.mounts();
  assert.equal(mounts['app/'].type, 'kv');
  assert.equal(mounts.data['secret/'].options.version, '2');
  await client.remount({ from: 'app', to: 'moved' });
  await client.unmount({ mount_point: 'moved' });
  await client.mount({ mount_point: 'app', type: 'kv' });
  assert.ok((await client.auths())['token/']);
});

test('node-vault writes, reads, lists and removes policies', async () => {
  await client.addPolicy({ name: 'reader', rules: 'path "secret/data/*" { capabilities = ["read"] }' });
  assert.ok((await client.policies()).policies.includes('reader'));
  assert.match((await client.getPolicy({ name: 'reader' })).rules, /secret\/data/);
  await assert.rejects(
    client.addPolicy({ name: 'bad', rules: 'path "x" { capabilities = ["fly"] }' }),
    /invalid capability "fly"/,
  );
});

test('node-vault keeps secrets in kv 1 and kv 2', async () => {
  await client.write('app/db', { password: 'one', port: 5432 });
  assert.deepEqual((await client.read('app/db')).data, { password: 'one', port: 5432 });
  assert.deepEqual((await client.list('app')).data.keys, ['db']);
  await client.delete('app/db');
  await assert.rejects(client.read('app/db'), /404/);
  await client.write('secret/data/db', { data: { password: 'one' } });
  await client.write('secret/data/db', { data: { password: 'two' }, options: { cas: 1 } });
  const read = await client.read('secret/data/db');
  assert.equal(read.data.data.password, 'two');
  assert.equal(read.data.metadata.version, 2);
  await assert.rejects(client.write('secret/data/db', { data: {}, options: { cas: 1 } }), /check-and-set/);
  await client.update('secret/data/db', { data: { user: 'u' } });
  assert.deepEqual((await client.read('secret/data/db')).data.data, { password: 'two', user: 'u' });
});

test('node-vault makes, shows, renews and revokes tokens', async () => {
  const own = client.token;
  const made = await client.tokenCreate({ policies: ['reader'], ttl: '1h' });
  // This client goes on with a token that it has made.
  client.token = own;
  const limited: Client = makeClient({ apiVersion: 'v1', endpoint: server.address, token: made.auth.client_token });
  const { creation_ttl, ttl } = (await limited.tokenLookupSelf()).data;
  assert.equal(creation_ttl, 3600);
  // What is left of it: a second may have ended in between.
  assert.ok(ttl > 3590 && ttl <= 3600, `${ttl}`);
  assert.equal((await limited.read('secret/data/db')).data.data.password, 'two');
  await assert.rejects(limited.write('secret/data/db', { data: {} }), /permission denied/);
  assert.equal((await limited.tokenRenewSelf({ increment: '2h' })).auth.lease_duration, 7200);
  await client.tokenRevoke({ token: made.auth.client_token });
  await assert.rejects(limited.tokenLookupSelf(), /permission denied/);
  await client.addTokenRole({ role_name: 'r', allowed_policies: 'reader' });
  assert.deepEqual((await client.getTokenRole({ role_name: 'r' })).data.allowed_policies, ['reader']);
});

test('node-vault rotates the key and seals', async () => {
  await client.rotate();
  assert.equal((await client.read('sys/key-status')).data.term, 2);
  await client.seal();
  assert.equal((await client.status()).sealed, true);
});
