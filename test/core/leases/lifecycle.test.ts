/** Leases from the request that makes one to the end of what it is about, as callers see them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allowUsers, bedWithUsers, leaseKeys, tokenOf } from './engine.ts';

const day = 86_400;
const month = 2_764_800;

test('an answer under a lease carries its id, its time and whether it can be renewed', async () => {
  const bed = await bedWithUsers();
  const { told, id, user } = await bed.issue(undefined, '?ttl=1h');
  assert.equal(told.status, 200);
  assert.match(id, /^users\/creds\/app\/[0-9A-Za-z]{24}$/);
  assert.deepEqual([told.json.lease_duration, told.json.renewable, told.json.warnings], [3600, true, null]);
  const { data } = (await bed.root('PUT', 'sys/leases/lookup', { lease_id: id })).json;
  assert.deepEqual(data, {
    id,
    path: 'users/creds/app',
    issue_time: '2026-01-01T00:00:00.000Z',
    expire_time: '2026-01-01T01:00:00.000Z',
    last_renewal: null,
    renewable: true,
    ttl: 3600,
  });
  assert.ok(bed.world.users.has(user));
  assert.ok(bed.audited.some(line => line.includes(`"secret":{"lease_id":"${id}"}`)));
});

test('the time to live is what the engine asks, else the mount says, else the system; the mount has the last word', async () => {
  const bed = await bedWithUsers();
  const given = async (query: string) => {
    const { told } = await bed.issue(undefined, query);
    return [told.json.lease_duration, told.json.warnings?.length ?? 0];
  };
  assert.deepEqual(await given(''), [month, 0]);
  assert.deepEqual(await given('?ttl=40d'), [month, 1]);
  assert.deepEqual(await given('?ttl=2h&max_ttl=1h'), [3600, 1]);
  await bed.root('POST', 'sys/mounts/users/tune', { default_lease_ttl: '2h', max_lease_ttl: '3h' });
  assert.deepEqual(await given(''), [7200, 0]);
  assert.deepEqual(await given('?ttl=4h'), [10_800, 1]);
  assert.deepEqual(await given('?max_ttl=9h'), [7200, 0]);
});

test('a lease is renewed from now, within its maximum from when it was made, by every path', async () => {
  const bed = await bedWithUsers();
  const { id, user } = await bed.issue(undefined, '?ttl=1h&max_ttl=3h');
  const started = Math.floor(bed.clock.now() / 1000);
  for (const [path, body] of [
    ['sys/leases/renew', { lease_id: id }],
    [`sys/leases/renew/${id}`, {}],
    ['sys/renew', { lease_id: id }],
    [`sys/renew/${id}`, {}],
  ] as const) {
    await bed.clock.advance(1000);
    const told = await bed.root('PUT', path, body);
    assert.deepEqual(
      [told.status, told.json.lease_id, told.json.lease_duration, told.json.renewable, told.json.data],
      [200, id, 3600, true, null],
      path,
    );
  }
  assert.equal(bed.world.users.get(user), started + 4 + 3600);
  const told = await bed.root('PUT', 'sys/leases/renew', { lease_id: id, increment: '5h' });
  assert.deepEqual([told.json.lease_duration, told.json.warnings.length], [10_796, 1]);
  const { data } = (await bed.root('PUT', 'sys/leases/lookup', { lease_id: id })).json;
  assert.deepEqual([data.last_renewal, data.ttl], ['2026-01-01T00:00:04.000Z', 10_796]);
  await bed.clock.advance(60_000);
  assert.equal(bed.world.users.size, 1);
});

test('a lease that was renewed does not end when it would have', async () => {
  const bed = await bedWithUsers();
  const { id } = await bed.issue(undefined, '?ttl=1h');
  await bed.clock.advance(3_500_000);
  await bed.root('PUT', 'sys/leases/renew', { lease_id: id });
  await bed.clock.advance(200_000);
  await bed.clock.advance(1000);
  assert.equal(bed.world.users.size, 1);
  await bed.clock.advance(3_400_000);
  await bed.clock.advance(1000);
  assert.deepEqual([bed.world.users.size, await leaseKeys(bed)], [0, []]);
});

test('a lease ends by time: what it is about is taken back, and nothing of it is left', async () => {
  const bed = await bedWithUsers();
  const [one, other] = [await bed.issue(undefined, '?ttl=60'), await bed.issue(undefined, '?ttl=600')];
  await bed.clock.advance(59_000);
  assert.equal(bed.world.users.size, 2);
  await bed.clock.advance(1000);
  await bed.clock.advance(1000);
  assert.deepEqual([...bed.world.users.keys()], [other.user]);
  const told = await bed.root('PUT', 'sys/leases/lookup', { lease_id: one.id });
  assert.deepEqual([told.status, told.json.errors], [400, ['invalid lease']]);
  assert.ok((await leaseKeys(bed)).every(key => !key.includes(one.id)));
});

interface Revocation {
  readonly path: (id: string) => string;
  readonly body?: (id: string) => object;
  readonly expected: number;
}

const byId = (id: string) => ({ lease_id: id });
const waiting = () => ({ sync: true });
const revocations: readonly Revocation[] = [
  { path: () => 'sys/leases/revoke', body: byId, expected: 202 },
  { path: id => `sys/leases/revoke/${id}`, expected: 202 },
  { path: () => 'sys/revoke', body: id => ({ lease_id: id, sync: true }), expected: 204 },
  { path: id => `sys/revoke/${id}`, body: waiting, expected: 204 },
  { path: () => 'sys/leases/revoke-prefix/users', expected: 202 },
  { path: () => 'sys/revoke-prefix/users/creds', body: waiting, expected: 204 },
  { path: id => `sys/leases/revoke-prefix/${id}`, expected: 202 },
  { path: () => 'sys/leases/revoke-force/users', expected: 202 },
  { path: () => 'sys/revoke-force/users', body: waiting, expected: 204 },
];

test('revocation is queued and answered 202, or waited for and answered 204, by every path', async () => {
  const bed = await bedWithUsers();
  for (const { path, body, expected } of revocations) {
    const { id, user } = await bed.issue();
    const told = await bed.root('PUT', path(id), body?.(id) ?? {});
    await bed.clock.advance(1);
    assert.deepEqual([told.status, told.text, bed.world.users.has(user)], [expected, '', false], path(id));
  }
  assert.deepEqual(await leaseKeys(bed), []);
  for (const path of ['sys/leases/revoke/users/creds/app/x', 'sys/leases/revoke-prefix/users'])
    assert.equal((await bed.root('PUT', path)).status, 204);
});

test('a prefix is a folder: leases beside it stay', async () => {
  const bed = await bedWithUsers();
  const { user } = await bed.issue();
  await bed.root('PUT', 'sys/leases/revoke-prefix/users/creds/ap', { sync: true });
  await bed.root('PUT', 'sys/leases/revoke-prefix/user', { sync: true });
  assert.ok(bed.world.users.has(user));
});

test('a token takes its leases and those of its children with it', async () => {
  const bed = await bedWithUsers();
  await allowUsers(bed);
  const parent = await tokenOf(bed);
  const child = (await bed.ask('POST', 'auth/token/create', { token: parent })).json.auth.client_token;
  await bed.issue(parent);
  await bed.issue(child);
  const { user } = await bed.issue();
  await bed.root('POST', 'auth/token/revoke', { token: parent });
  await bed.clock.advance(1);
  assert.deepEqual([...bed.world.users.keys()], [user]);
});

test('a token that expires takes its leases with it; one that is set free keeps its own', async () => {
  const bed = await bedWithUsers();
  await allowUsers(bed);
  await bed.issue(await tokenOf(bed, { ttl: '1h' }));
  const parent = await tokenOf(bed);
  const child = (await bed.ask('POST', 'auth/token/create', { token: parent })).json.auth.client_token;
  const { user } = await bed.issue(child);
  await bed.root('POST', 'auth/token/revoke-orphan', { token: parent });
  await bed.clock.advance(3_700_000);
  await bed.clock.advance(1000);
  assert.deepEqual([...bed.world.users.keys()], [user]);
});

test('leases of a batch token end with it and with its parent', async () => {
  const bed = await bedWithUsers();
  await allowUsers(bed);
  const parent = await tokenOf(bed, { policies: ['users'], ttl: '10h' });
  const made = await bed.ask('POST', 'auth/token/create', { token: parent, body: { type: 'batch', ttl: '1h' } });
  const { told } = await bed.issue(made.json.auth.client_token);
  assert.deepEqual([told.json.lease_duration, told.status], [3600, 200]);
  await bed.root('POST', 'auth/token/revoke', { token: parent });
  await bed.clock.advance(1);
  assert.equal(bed.world.users.size, 0);
});

test('a token with one use left makes nothing', async () => {
  const bed = await bedWithUsers();
  await allowUsers(bed);
  const token = await tokenOf(bed, { num_uses: 2 });
  assert.equal((await bed.issue(token)).told.status, 200);
  const { told } = await bed.issue(token);
  assert.deepEqual([told.status, told.json.errors.length], [400, 1]);
  await bed.clock.advance(1);
  assert.deepEqual([bed.world.users.size, bed.world.revoked.length], [0, 1]);
});

test('a mount takes its leases with it, also after it was moved; a new one at its path keeps its own', async () => {
  const bed = await bedWithUsers();
  const { id } = await bed.issue();
  await bed.root('POST', 'sys/remount', { from: 'users', to: 'moved' });
  await bed.root('POST', 'sys/mounts/users', { type: 'test-users' });
  const { user } = await bed.issue();
  assert.equal((await bed.root('PUT', 'sys/leases/renew', { lease_id: id })).status, 200);
  assert.equal((await bed.root('DELETE', 'sys/mounts/moved')).status, 204);
  assert.deepEqual([...bed.world.users.keys()], [user]);
  assert.equal((await bed.root('DELETE', 'sys/mounts/users')).status, 204);
  assert.deepEqual([bed.world.users.size, await leaseKeys(bed)], [0, []]);
});

test('leases are listed by folder and page by page', async () => {
  const bed = await bedWithUsers();
  const ids = [await bed.issue(), await bed.issue(), await bed.issue()].map(({ id }) => id).toSorted();
  const keys = async (path: string) => (await bed.root('LIST', path)).json?.data?.keys;
  assert.deepEqual(await keys('sys/leases/lookup'), ['users/']);
  assert.deepEqual(await keys('sys/leases/lookup/users'), ['creds/']);
  assert.deepEqual(await keys('sys/leases/lookup/users/creds/'), ['app/']);
  const names = ids.map(id => id.slice('users/creds/app/'.length));
  assert.deepEqual(await keys('sys/leases/lookup/users/creds/app'), names);
  assert.deepEqual(await keys('sys/leases/lookup/users/creds/app?limit=2'), names.slice(0, 2));
  assert.deepEqual(await keys(`sys/leases/lookup/users/creds/app?after=${names[1] ?? ''}`), names.slice(2));
  assert.deepEqual(await keys('sys/leases/lookup?after=users/'), undefined);
  for (const none of ['sys/leases/lookup/users/creds/ap', 'sys/leases/lookup/other'])
    assert.equal((await bed.root('LIST', none)).status, 404);
});

test('a clock that jumps ends no lease until it is vouched for; what was revoked is taken back all the same', async () => {
  const bed = await bedWithUsers();
  const { id } = await bed.issue(undefined, '?ttl=1h');
  const { user } = await bed.issue(undefined, '?ttl=1h');
  bed.clock.jump(2 * day * 1000);
  await bed.clock.advance(1000);
  assert.equal(bed.world.users.size, 2);
  await bed.root('PUT', 'sys/leases/revoke', { lease_id: id });
  await bed.clock.advance(1);
  assert.deepEqual([...bed.world.users.keys()], [user]);
  const told = await bed.root('POST', 'sys/leases/tidy');
  await bed.clock.advance(1);
  assert.deepEqual([told.status, told.json.warnings.length, bed.world.users.size], [202, 1, 0]);
});

test('long lists and long revocations give the event loop back, and miss no lease', async () => {
  const bed = await bedWithUsers();
  for (let count = 0; count < 150; count++) await bed.issue();
  let turns = 0;
  const counted = (): void => {
    turns++;
    counter = setImmediate(counted);
  };
  let counter = setImmediate(counted);
  const during = async (work: () => Promise<unknown>): Promise<number> => {
    const before = turns;
    await work();
    return turns - before;
  };
  const lists = await during(async () => {
    const { keys } = (await bed.root('LIST', 'sys/leases/lookup/users/creds/app')).json.data;
    assert.equal(new Set(keys).size, 150);
  });
  const marks = await during(() => bed.root('PUT', 'sys/leases/revoke-prefix/users', { sync: true }));
  clearImmediate(counter);
  assert.ok(lists >= 2 && marks >= 2, `${lists} and ${marks} turns`);
  assert.deepEqual([bed.world.users.size, await leaseKeys(bed)], [0, []]);
});

test('a wrapped answer keeps its lease: it is shown to whoever unwraps it, and lives on after the wrapping token', async () => {
  const bed = await bedWithUsers();
  const headers = { 'x-vault-wrap-ttl': '60' };
  const wrapped = await bed.ask('GET', 'users/creds/app?ttl=1h', { token: bed.rootToken, headers });
  assert.deepEqual([wrapped.status, wrapped.json.lease_id], [200, '']);
  const { token } = wrapped.json.wrap_info;
  const told = await bed.ask('POST', 'sys/wrapping/unwrap', { token });
  assert.match(told.json.lease_id, /^users\/creds\/app\//);
  assert.deepEqual([told.json.lease_duration, told.json.renewable], [3600, true]);
  await bed.clock.advance(61_000);
  await bed.clock.advance(1000);
  assert.ok(bed.world.users.has(told.json.data.username));
  assert.equal((await bed.root('PUT', 'sys/leases/renew', { lease_id: told.json.lease_id })).status, 200);
});
