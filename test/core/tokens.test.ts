/** Tokens as callers meet them: made, used up, renewed, revoked with their tree. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Bed, openBed } from './bed.ts';

interface Made {
  readonly text: string;
  readonly accessor: string;
}

interface By {
  readonly token?: string;
  readonly path?: string;
}

const make = async (bed: Bed, body: object, by: By = {}): Promise<Made> => {
  const { token = bed.rootToken, path = 'auth/token/create' } = by;
  const told = await bed.ask('POST', path, { token, body });
  assert.equal(told.status, 200, told.text);
  return { text: told.json.auth.client_token, accessor: told.json.auth.accessor };
};

const alive = async (bed: Bed, text: string): Promise<boolean> =>
  (await bed.ask('GET', 'auth/token/lookup-self', { token: text })).status === 200;

const policy = async (bed: Bed, name: string, text: string): Promise<void> => {
  const told = await bed.root('PUT', `sys/policies/acl/${name}`, { policy: text });
  assert.equal(told.status, 204, told.text);
};

test('a token made without policies gets those of its parent, and default', async () => {
  const bed = await openBed();
  const told = await bed.root('POST', 'auth/token/create', {
    policies: ['app', 'App '],
    ttl: '1h',
    meta: { team: 'a' },
  });
  assert.deepEqual(told.json.auth.policies, ['app', 'default']);
  assert.equal(told.json.auth.lease_duration, 3600);
  assert.deepEqual(told.json.auth.metadata, { team: 'a' });
  assert.match(told.json.auth.client_token, /^cofs\.[0-9A-Za-z]{30}$/);
  assert.deepEqual(told.json.warnings, ['Policy "app" does not exist']);
});

test('revoking a token takes its children and theirs, and leaves orphans', async () => {
  const bed = await openBed();
  await policy(bed, 'maker', 'path "auth/token/*" { capabilities = ["create", "update", "sudo"] }');
  const parent = await make(bed, { policies: ['maker'] });
  const child = await make(bed, {}, { token: parent.text });
  const grandchild = await make(bed, {}, { token: child.text });
  const orphan = await make(bed, {}, { token: parent.text, path: 'auth/token/create-orphan' });
  const batch = await make(bed, { type: 'batch' }, { token: child.text });
  assert.equal((await bed.root('POST', 'auth/token/revoke', { token: parent.text })).status, 204);
  for (const dead of [parent, child, grandchild, batch]) assert.equal(await alive(bed, dead.text), false);
  assert.equal(await alive(bed, orphan.text), true);
  const left = await bed.core.storage.range('token/', { values: false });
  assert.equal(left.filter(({ key }) => key.startsWith('token/revoking/') || key.startsWith('token/child/')).length, 0);
});

test('revoke-orphan lets the children live', async () => {
  const bed = await openBed();
  await policy(bed, 'maker', 'path "auth/token/*" { capabilities = ["create", "update"] }');
  const parent = await make(bed, { policies: ['maker'] });
  const child = await make(bed, {}, { token: parent.text });
  assert.equal((await bed.root('POST', 'auth/token/revoke-orphan', { token: parent.text })).status, 204);
  assert.equal(await alive(bed, parent.text), false);
  assert.equal(await alive(bed, child.text), true);
  const told = await bed.ask('GET', 'auth/token/lookup-self', { token: child.text });
  assert.equal(told.json.data.orphan, true);
});

test('a token with two uses is good for two requests, failures included', async () => {
  const bed = await openBed();
  const { text } = await make(bed, { num_uses: 2, policies: ['none'] });
  assert.equal((await bed.ask('GET', 'sys/mounts', { token: text })).status, 403);
  assert.equal((await bed.ask('GET', 'auth/token/lookup-self', { token: text })).status, 200);
  assert.equal((await bed.ask('GET', 'auth/token/lookup-self', { token: text })).status, 403);
});

test('the record of a used-up token goes with its last answer', async () => {
  const bed = await openBed();
  const { text, accessor } = await make(bed, { num_uses: 1 });
  assert.equal(await alive(bed, text), true);
  assert.equal(await bed.core.storage.get(`token/id/${accessor}`), undefined);
});

test('a token with one use, used by many requests at once, is used once', async () => {
  const bed = await openBed();
  const { text } = await make(bed, { num_uses: 1 });
  const told = await Promise.all(
    Array.from({ length: 8 }, () => bed.ask('GET', 'auth/token/lookup-self', { token: text })),
  );
  assert.equal(told.filter(({ status }) => status === 200).length, 1);
});

test('a token with uses left cannot make tokens', async () => {
  const bed = await openBed();
  const { text } = await make(bed, { num_uses: 5, policies: ['root'], ttl: '1h' });
  const told = await bed.ask('POST', 'auth/token/create', { token: text, body: {} });
  assert.equal(told.status, 400);
  assert.deepEqual(told.json.errors, ['restricted use token cannot generate child tokens']);
});

test('an expired token is refused at once and cleared soon after, with its children', async () => {
  const bed = await openBed();
  await policy(bed, 'maker', 'path "auth/token/*" { capabilities = ["create", "update"] }');
  const parent = await make(bed, { policies: ['maker'], ttl: '10m' });
  const child = await make(bed, { ttl: '5h' }, { token: parent.text });
  bed.clock.nowMs += 601_000;
  assert.equal(await alive(bed, parent.text), false);
  assert.equal(await alive(bed, child.text), false);
  await bed.clock.advance(120_000);
  const told = await bed.root('LIST', 'auth/token/accessors');
  assert.equal(told.json.data.keys.length, 1, 'only the root token is left');
});

test('renewal gives time from now, within the maximum counted from creation', async () => {
  const bed = await openBed();
  const { text } = await make(bed, { ttl: '1h', explicit_max_ttl: '2h' });
  await bed.clock.advance(90 * 60_000 - 60 * 60_000);
  const told = await bed.ask('POST', 'auth/token/renew-self', { token: text, body: { increment: '3h' } });
  assert.equal(told.json.auth.lease_duration, 5400);
  assert.match(told.json.warnings[0], /^TTL of "3h0m0s" exceeded the effective max_ttl of/);
});

test('a periodic token is renewed for its period each time', async () => {
  const bed = await openBed();
  const { text } = await make(bed, { period: '1h' });
  for (let turn = 0; turn < 50; turn++) {
    bed.clock.nowMs += 50 * 60_000;
    const told = await bed.ask('POST', 'auth/token/renew-self', { token: text, body: {} });
    assert.equal(told.json.auth.lease_duration, 3600);
  }
});

test('root and batch tokens are not renewed, batch tokens not revoked', async () => {
  const bed = await openBed();
  const root = await bed.root('POST', 'auth/token/renew-self', {});
  assert.deepEqual([root.status, root.json.errors], [400, ['lease is not renewable']]);
  const { text } = await make(bed, { type: 'batch', policies: ['a'] });
  const renewed = await bed.root('POST', 'auth/token/renew', { token: text });
  assert.deepEqual([renewed.status, renewed.json.errors], [400, ['batch tokens cannot be renewed']]);
  const revoked = await bed.root('POST', 'auth/token/revoke', { token: text });
  assert.deepEqual([revoked.status, revoked.json.errors], [400, ['batch tokens cannot be revoked']]);
});

test('a batch token carries itself, with its metadata, and dies with its text changed', async () => {
  const bed = await openBed();
  const { text } = await make(bed, { type: 'batch', policies: ['a'], meta: { team: 'red' }, ttl: '1h' });
  const told = await bed.ask('GET', 'auth/token/lookup-self', { token: text });
  assert.deepEqual([told.json.data.type, told.json.data.meta, told.json.data.accessor], ['batch', { team: 'red' }, '']);
  const changed = `${text.slice(0, -10)}${text.at(-10) === 'A' ? 'B' : 'A'}${text.slice(-9)}`;
  for (const other of [changed, `${text}=`, `${text}A`, text.slice(0, -1)])
    assert.equal(await alive(bed, other), false);
  bed.clock.nowMs += 3_601_000;
  assert.equal(await alive(bed, text), false);
});

test('S1: no spelling of root becomes root', async () => {
  const bed = await openBed();
  await policy(bed, 'maker', 'path "auth/token/*" { capabilities = ["create", "update", "sudo"] }');
  const maker = await make(bed, { policies: ['maker'] });
  for (const name of ['root', 'ROOT', ' root', 'root ', 'Root', 'ｒｏｏｔ', 'ro\u0000ot', 'root\u200b', 'rооt']) {
    const told = await bed.ask('POST', 'auth/token/create', { token: maker.text, body: { policies: [name] } });
    const policies: readonly string[] = told.json?.auth?.policies ?? [];
    assert.equal(policies.includes('root'), false, JSON.stringify(name));
    if (told.status !== 200) continue;
    const reach = await bed.ask('GET', 'sys/mounts', { token: told.json.auth.client_token });
    assert.equal(reach.status, 403, JSON.stringify(name));
  }
});

test('a child may not have policies its parent lacks', async () => {
  const bed = await openBed();
  await policy(bed, 'maker', 'path "auth/token/*" { capabilities = ["create", "update"] }');
  const maker = await make(bed, { policies: ['maker'] });
  const told = await bed.ask('POST', 'auth/token/create', { token: maker.text, body: { policies: ['other'] } });
  assert.deepEqual([told.status, told.json.errors], [400, ['child policies must be subset of parent']]);
});

test('a token bound to networks works from them alone', async () => {
  const bed = await openBed();
  await bed.root('POST', 'auth/token/roles/near', { token_bound_cidrs: '10.0.0.0/8,::1', orphan: true });
  const { text } = await make(bed, { policies: ['x'] }, { path: 'auth/token/create/near' });
  const from = async (address: string): Promise<number> =>
    (await bed.ask('GET', 'auth/token/lookup-self', { token: text, address })).status;
  assert.equal(await from('10.2.3.4'), 200);
  assert.equal(await from('::ffff:10.2.3.4'), 200);
  assert.equal(await from('::1'), 200);
  assert.equal(await from('11.2.3.4'), 403);
  assert.equal(await from('not an address'), 403);
});

test('a lookup of nothing says no more than that', async () => {
  const bed = await openBed();
  for (const token of ['', 'x', 'cofs.000000000000000000000000000000', 'cofb.AAAA', `cofs.${'a'.repeat(9000)}`]) {
    const told = await bed.ask('GET', 'auth/token/lookup-self', { token });
    assert.deepEqual([told.status, told.json.errors], [403, ['permission denied']], token.slice(0, 10));
  }
  const told = await bed.root('POST', 'auth/token/lookup', { token: 'x' });
  assert.deepEqual([told.status, told.json.errors], [403, ['bad token']]);
  const accessor = await bed.root('POST', 'auth/token/lookup-accessor', { accessor: 'x' });
  assert.equal(accessor.status, 400);
});

test('a chosen id needs sudo, is not taken twice and has no reserved form', async () => {
  const bed = await openBed();
  assert.equal((await make(bed, { id: 'my-own' })).text, 'my-own');
  const twice = await bed.root('POST', 'auth/token/create', { id: 'my-own' });
  assert.equal(twice.status, 400);
  for (const id of ['s.x', 'hvs.abc', 'a.b', 'with space', 'cofs.x']) {
    assert.equal((await bed.root('POST', 'auth/token/create', { id })).status, 400, id);
  }
});

test('a role may bind its tokens to the address that asks for them', async () => {
  const bed = await openBed();
  const role = { token_strictly_bind_ip: true, allowed_policies: 'default' };
  await bed.root('POST', 'auth/token/roles/strict', role);
  assert.equal((await bed.root('GET', 'auth/token/roles/strict')).json.data.token_strictly_bind_ip, true);
  const from = (address: string) =>
    bed.ask('POST', 'auth/token/create/strict', { token: bed.rootToken, address, body: {} });
  const { client_token: token } = (await from('10.0.0.7')).json.auth;
  const seen = async (address: string) => (await bed.ask('GET', 'auth/token/lookup-self', { token, address })).status;
  assert.deepEqual([await seen('10.0.0.7'), await seen('10.0.0.8'), await seen('127.0.0.1')], [200, 403, 403]);
  assert.match((await from('')).text, /binds tokens to an address, and the caller has none/);
  await bed.root('POST', 'auth/token/roles/strict', { token_bound_cidrs: '192.168.0.0/16' });
  assert.match((await from('10.0.0.7')).text, /which its token_bound_cidrs do not admit/);
  assert.equal((await from('192.168.1.1')).status, 200);
  await bed.root('POST', 'auth/token/roles/strict', { token_strictly_bind_ip: false });
  assert.equal((await from('10.0.0.7')).status, 200);
});

test('the list of accessors is whole or refused, never cut', async () => {
  const bed = await openBed();
  const asked: number[] = [];
  const accessors = async (_after: string | undefined, limit: number) => {
    asked.push(limit);
    return Array.from({ length: Math.min(limit, 100_001) }, (_, at) => `a${at}`);
  };
  Object.assign(bed.core.tokens, { accessors });
  const told = async (query: string) => bed.root('LIST', `auth/token/accessors${query}`);
  for (const query of ['', '?limit=max', '?limit=0', '?limit=200000']) {
    const { status, text } = await told(query);
    assert.deepEqual([status, /more than 100000 accessors: ask with/.test(text)], [400, true], query);
  }
  assert.equal((await told('?limit=100000')).json.data.keys.length, 100_000);
  assert.equal((await told('?limit=2&after=x')).json.data.keys.length, 2);
  assert.equal((await told('?limit=some')).json.errors[0], 'field "limit": expected a whole number or "max"');
  assert.deepEqual(asked, [100_001, 100_001, 100_001, 100_001, 100_000, 2]);
});
