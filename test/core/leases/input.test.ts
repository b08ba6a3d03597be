/** What callers may send to `sys/leases`, and who may send it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allowUsers, bedWithUsers, tokenOf } from './engine.ts';

const errorsOf = async (asked: Promise<{ readonly status: number; readonly json: { readonly errors?: string[] } }>) => {
  const { status, json } = await asked;
  return [status, json?.errors?.[0]];
};

test('an id that is missing, unknown or none is refused in the words clients know', async () => {
  const bed = await bedWithUsers();
  const put = (path: string, body: object = {}) => errorsOf(bed.root('PUT', path, body));
  const missing = [400, 'lease_id must be specified'];
  for (const path of ['lookup', 'renew', 'revoke']) assert.deepEqual(await put(`sys/leases/${path}`), missing, path);
  for (const path of ['sys/renew', 'sys/revoke']) assert.deepEqual(await put(path), missing, path);
  const long = 'x'.repeat(2000);
  for (const lease_id of ['nothing', 'users/creds/app', '../x', '\u0000', long, '/', 'token/salt']) {
    assert.deepEqual(await put('sys/leases/lookup', { lease_id }), [400, 'invalid lease'], lease_id);
    assert.deepEqual(await put('sys/leases/renew', { lease_id }), [400, 'lease not found'], lease_id);
    assert.equal((await put('sys/leases/revoke', { lease_id }))[0], 204, lease_id);
  }
  for (const lease_id of [['a', { b: 1 }], { a: 1 }])
    assert.equal((await put('sys/leases/lookup', { lease_id }))[0], 400);
});

test('increments that are no time, prefixes that are none and kinds that are unknown are refused', async () => {
  const bed = await bedWithUsers();
  const { id } = await bed.issue();
  for (const increment of ['soon', -1, '-1h', {}, 1e300])
    assert.equal((await bed.root('PUT', 'sys/leases/renew', { lease_id: id, increment })).status, 400);
  for (const path of ['revoke-prefix', 'revoke-force']) {
    assert.equal((await bed.root('PUT', `sys/leases/${path}/${'x'.repeat(2000)}`)).status, 400);
    assert.equal((await bed.root('PUT', `sys/leases/${path}`)).status >= 400, true);
    assert.equal((await bed.root('PUT', `sys/leases/${path}/users`, { sync: 'maybe' })).status, 400);
  }
  for (const path of ['sys/leases', 'sys/leases/count', 'sys/leases?type=all', 'sys/leases/count?type=kv'])
    assert.equal((await bed.root('GET', path)).status, 400, path);
  for (const query of ['limit=some', `after=${'x'.repeat(2000)}`])
    assert.equal((await bed.root('LIST', `sys/leases/lookup/users?${query}`)).status, 400, query);
  assert.equal((await bed.root('LIST', 'sys/leases/lookup/users?limit=-1')).status, 200);
  assert.equal((await bed.root('GET', 'sys/leases?type=irrevocable')).json.data.lease_count, 0);
});

test('a lease that cannot be renewed says so: its engine cannot, or did not want it', async () => {
  const bed = await bedWithUsers();
  await bed.root('POST', 'sys/mounts/fixed', { type: 'test-fixed' });
  const made = await bed.root('GET', 'fixed/creds/app');
  const { id, told } = await bed.issue(undefined, '?renewable=false');
  for (const [lease_id, answer] of [
    [made.json.lease_id, made],
    [id, told],
  ] as const) {
    assert.equal(answer.json.renewable, false);
    assert.deepEqual(await errorsOf(bed.root('PUT', 'sys/leases/renew', { lease_id })), [
      400,
      'lease is not renewable',
    ]);
  }
});

test('a lease past its end, or past what the mount allows now, is not renewed', async () => {
  const bed = await bedWithUsers();
  const { id } = await bed.issue(undefined, '?ttl=2h');
  await bed.clock.advance(3_600_000);
  await bed.root('POST', 'sys/mounts/users/tune', { default_lease_ttl: '10m', max_lease_ttl: '30m' });
  const renew = () => errorsOf(bed.root('PUT', 'sys/leases/renew', { lease_id: id }));
  assert.deepEqual(await renew(), [400, 'past the max TTL, cannot renew']);
  bed.clock.jump(7_200_000);
  assert.deepEqual(await renew(), [400, 'lease not found']);
});

test('lists, prefixes and what could not be revoked are for sudo; without a right nothing is told', async () => {
  const bed = await bedWithUsers();
  await allowUsers(bed);
  const token = await tokenOf(bed);
  const { id } = await bed.issue(token);
  const ask = async (method: string, path: string, body?: object) =>
    (await bed.ask(method, path, { token, body })).status;
  assert.equal(await ask('PUT', 'sys/leases/lookup', { lease_id: id }), 200);
  assert.equal(await ask('LIST', 'sys/leases/lookup/users'), 403);
  assert.equal(await ask('PUT', 'sys/leases/revoke-prefix/users'), 403);
  assert.equal(await ask('PUT', 'sys/leases/revoke-force/users'), 403);
  assert.equal(await ask('GET', 'sys/leases?type=irrevocable'), 403);
  for (const path of ['sys/revoke', 'sys/revoke-prefix/users', 'sys/revoke-force/users'])
    assert.equal(await ask('PUT', path, { lease_id: id }), 403, path);
  assert.equal((await bed.ask('PUT', 'sys/leases/renew', { body: { lease_id: id } })).status, 403);
  assert.equal(bed.world.users.size, 1);
});

test('a path that is too long for the id of a lease is refused before anything is made', async () => {
  const bed = await bedWithUsers();
  const { status } = await bed.root('GET', `users/creds/${'x'.repeat(900)}`);
  assert.deepEqual([status, bed.world.users.size], [400, 0]);
});
