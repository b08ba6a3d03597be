/** What tokens, roles and policies refuse, and what of them outlives a crash or a bad record. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tokenRecords } from '../../packages/server/src/core/tokens/store.ts';
import { type Bed, openBed } from './bed.ts';

const create = (bed: Bed, body: object, token = bed.rootToken) => bed.ask('POST', 'auth/token/create', { token, body });

const createByRole = (bed: Bed, body: object) => bed.root('POST', 'auth/token/create/r', body);

const alive = async (bed: Bed, token: string): Promise<boolean> =>
  (await bed.ask('GET', 'auth/token/lookup-self', { token })).status === 200;

const reopened = async (bed: Bed): Promise<void> => {
  await bed.core.seal.seal();
  await bed.core.seal.submitKey(bed.unsealKeys[0] ?? '');
};

test('meta is bounded in keys and bytes', async () => {
  const bed = await openBed();
  const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, 'v']));
  assert.equal((await create(bed, { meta: keys(64) })).status, 200);
  for (const meta of [keys(65), { ['k'.repeat(129)]: 'v' }, { k: 'é'.repeat(257) }]) {
    const told = await create(bed, { meta });
    assert.deepEqual([told.status, /meta/.test(told.text)], [400, true]);
  }
});

test('tokens beget tokens for 64 generations and no longer', async () => {
  const bed = await openBed();
  let token = bed.rootToken;
  for (let generation = 1; generation <= 64; generation++) {
    const told = await create(bed, {}, token);
    assert.equal(told.status, 200, told.text);
    token = told.json.auth.client_token;
  }
  const told = await create(bed, {}, token);
  assert.deepEqual([told.status, /64 generations/.test(told.text)], [400, true]);
});

test('renewed without an increment a token gets the time it was made with', async () => {
  const bed = await openBed();
  const made = (await create(bed, { ttl: '1h' })).json.auth.client_token;
  const renewed = await bed.ask('POST', 'auth/token/renew-self', { token: made, body: {} });
  assert.equal(renewed.json.auth.lease_duration, 3600);
});

test('a role that bars default gives none; its numbers are not negative', async () => {
  const bed = await openBed();
  const role = (body: object) => bed.root('POST', 'auth/token/roles/r', body);
  assert.equal((await role({ disallowed_policies: 'default' })).status, 204);
  const told = await createByRole(bed, { policies: ['app'] });
  assert.deepEqual(told.json.auth.policies, ['app']);
  for (const name of ['token_num_uses', 'token_period', 'token_explicit_max_ttl'])
    assert.equal((await role({ [name]: -1 })).status, 400, name);
});

test('children stay within the networks of their parent', async () => {
  const bed = await openBed();
  await bed.root('PUT', 'sys/policies/acl/m', { policy: 'path "auth/token/create" { capabilities = ["update"] }' });
  await bed.root('POST', 'auth/token/roles/r', { allowed_policies: 'm', token_bound_cidrs: '127.0.0.0/8' });
  const parent = (await createByRole(bed, {})).json.auth.client_token;
  const child = (await create(bed, {}, parent)).json.auth.client_token;
  const from = async (address: string) =>
    (await bed.ask('GET', 'auth/token/lookup-self', { token: child, address })).status;
  assert.deepEqual([await from('127.0.0.1'), await from('10.0.0.1')], [200, 403]);
});

test('a bad record holds up neither unsealing nor the expiry of others', async () => {
  const bed = await openBed();
  const bad = new Uint8Array([9]);
  const { storage } = bed.core;
  await storage.commit({
    writes: [
      { key: 'token/id/bad', value: bad },
      { key: 'token/expiry/0000000000/bad', value: bad },
      { key: 'token/freeing/bad', value: bad },
    ],
  });
  const made = (await create(bed, { ttl: '1m' })).json.auth;
  await reopened(bed);
  await bed.clock.advance(180_000);
  assert.equal(await tokenRecords(storage).get(made.accessor), undefined);
  assert.ok(bed.logged.some(line => line.includes('token/freeing/bad')));
  assert.ok(bed.logged.some(line => line.includes('token/expiry/0000000000/bad')));
});

test('setting children free is taken up again after a crash', async () => {
  const bed = await openBed();
  const parent = (await create(bed, {})).json.auth;
  const child = (await create(bed, {}, parent.client_token)).json.auth;
  // As a crash right after the first commit leaves it.
  const { storage } = bed.core;
  const tokens = tokenRecords(storage);
  const { record } = (await tokens.get(parent.accessor)) ?? assert.fail();
  await storage.commit({
    writes: [
      tokens.put(parent.accessor, { ...record, usesLeft: -1 }),
      { key: `token/freeing/${parent.accessor}`, value: new Uint8Array([1]) },
    ],
  });
  await reopened(bed);
  assert.deepEqual([await alive(bed, parent.client_token), await alive(bed, child.client_token)], [false, true]);
  assert.equal((await storage.range('token/freeing/', { values: false })).length, 1, 'nobody waits for it');
  await bed.clock.advance(1000);
  assert.deepEqual([await alive(bed, parent.client_token), await alive(bed, child.client_token)], [false, true]);
  assert.deepEqual(await storage.range('token/freeing/', { values: false }), []);
});

test('all that is laid down for tokens begins with a format byte', async () => {
  const bed = await openBed();
  await create(bed, { ttl: '1h' });
  const found = await bed.core.storage.range('token/');
  assert.ok(found.length > 4);
  for (const { key, entry } of found) assert.equal(entry?.value[0], 1, key);
});

test('policies are not given a time to live that nobody would watch; concurrent writes without a version both hold', async () => {
  const bed = await openBed();
  const policy = 'path "a" { capabilities = ["read"] }';
  const put = (body: object) => bed.root('PUT', 'sys/policies/acl/p', { policy, ...body });
  for (const name of ['ttl', 'expiration']) {
    const told = await put({ [name]: '1h' });
    assert.deepEqual([told.status, told.text.includes(name)], [400, true]);
  }
  const told = await Promise.all([put({}), put({}), put({})]);
  assert.deepEqual(
    told.map(({ status }) => status),
    [204, 204, 204],
  );
  assert.equal((await bed.root('GET', 'sys/policies/acl/p')).json.data.version, 3);
});

test('mount paths hold no wildcard and no empty segment', async () => {
  const bed = await openBed();
  for (const to of ['a//b', 'a/*', 'a+', 'a//', '//a']) {
    assert.equal((await bed.root('POST', 'sys/remount', { from: 'secret', to })).status, 400, to);
  }
});

test('a period needs sudo unless the role itself has one; response-wrapping is not given to a token', async () => {
  const bed = await openBed();
  await bed.root('PUT', 'sys/policies/acl/m', { policy: 'path "auth/token/create/*" { capabilities = ["update"] }' });
  const token = (await create(bed, { policies: ['m'] })).json.auth.client_token;
  const periodic = () => bed.ask('POST', 'auth/token/create/r', { token, body: { period: '1h' } });
  await bed.root('POST', 'auth/token/roles/r', { allowed_policies: 'm' });
  assert.equal((await periodic()).status, 400);
  await bed.root('POST', 'auth/token/roles/r', { token_period: '2h' });
  assert.equal((await periodic()).json.auth.lease_duration, 7200);
  await bed.root('POST', 'auth/token/roles/r', { allowed_policies: 'response-wrapping' });
  for (const told of [await create(bed, { policies: ['response-wrapping'] }), await createByRole(bed, {})]) {
    assert.deepEqual([told.status, told.text.includes('response-wrapping')], [400, true]);
  }
});

test('a batch token that would be too long to be looked up is not made', async () => {
  const bed = await openBed();
  const meta = (bytes: number) =>
    Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`k${at}`, 'x'.repeat(bytes)]));
  const long = await create(bed, { type: 'batch', policies: ['w'], meta: meta(500) });
  assert.deepEqual([long.status, /would be \d{5} characters long/.test(long.text)], [400, true]);
  const { client_token: token } = (await create(bed, { type: 'batch', policies: ['default'], meta: meta(200) })).json
    .auth;
  assert.equal((await bed.ask('GET', 'auth/token/lookup-self', { token })).status, 200);
});

test('an orphan has no depth, whichever path makes it', async () => {
  const bed = await openBed();
  let token = bed.rootToken;
  const make = (path: string, body: object) => bed.ask('POST', `auth/token/${path}`, { token, body });
  for (let depth = 0; depth < 64; depth++)
    token = (await make('create', { policies: ['root'] })).json.auth.client_token;
  assert.equal((await make('create', {})).status, 400);
  const found = [await make('create', { no_parent: true }), await make('create-orphan', {})];
  assert.deepEqual(
    found.map(({ status, json }) => [status, json.auth?.orphan]),
    [
      [200, true],
      [200, true],
    ],
  );
});

test('a token older than a maximum that was lowered is not renewed, and lives on', async () => {
  const bed = await openBed();
  const token = (await create(bed, { policies: ['default'], ttl: '10h' })).json.auth.client_token as string;
  await bed.clock.advance(2 * 3_600_000);
  await bed.root('POST', 'sys/auth/token/tune', { max_lease_ttl: '1h' });
  const told = await bed.ask('POST', 'auth/token/renew-self', { token, body: {} });
  assert.deepEqual([told.status, told.json.errors], [400, ['past the max TTL, cannot renew']]);
  assert.equal((await bed.ask('GET', 'auth/token/lookup-self', { token })).json.data.ttl, 8 * 3600);
});
