/** Engines that fail, hang or are slow, and requests that meet: no lease is lost, none holds up the others. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LeaseBed, allowUsers, bedWithUsers, leaseKeys, tokenOf } from './engine.ts';

/** A second at a time, as the server goes. */
const seconds = async (bed: LeaseBed, count: number): Promise<void> => {
  for (let second = 0; second < count; second++) await bed.clock.advance(1000);
};

const lookup = async (bed: LeaseBed, id: string) =>
  (await bed.root('PUT', 'sys/leases/lookup', { lease_id: id })).json.data;

test('a revocation that fails is tried again, later each time, then shown to people and left until they ask', async () => {
  const bed = await bedWithUsers();
  const { id } = await bed.issue();
  bed.world.failing = true;
  assert.equal((await bed.root('PUT', 'sys/leases/revoke', { lease_id: id })).status, 202);
  await seconds(bed, 5);
  const once = await lookup(bed, id);
  assert.deepEqual(
    [once.state, once.revocation_attempts, once.revocation_error, once.renewable],
    ['revoking', 1, 'the world does not answer', false],
  );
  await seconds(bed, 40);
  assert.equal((await lookup(bed, id)).revocation_attempts, 3);
  await seconds(bed, 40 + 80 + 160 + 10);
  const last = await lookup(bed, id);
  assert.deepEqual([last.state, last.revocation_attempts], ['irrevocable', 6]);
  assert.ok(bed.logged.some(line => line.startsWith('error') && line.includes(id)));
  const { accessor } = bed.core.mounts.at('secret', 'users/')?.record ?? assert.fail();
  const count = (await bed.root('GET', 'sys/leases/count?type=irrevocable')).json.data;
  assert.deepEqual(count, { lease_count: 1, counts: { [accessor]: 1 } });
  const shown = (await bed.root('GET', 'sys/leases?type=irrevocable')).json.data;
  assert.deepEqual([shown.lease_count, shown.leases[0].lease_id], [1, id]);
  assert.deepEqual([shown.leases[0].error, shown.leases[0].mount_accessor], ['the world does not answer', accessor]);
  bed.world.failing = false;
  await seconds(bed, 1000);
  assert.equal(bed.world.users.size, 1);
  assert.equal((await bed.root('PUT', 'sys/leases/revoke', { lease_id: id, sync: true })).status, 204);
  assert.deepEqual([bed.world.users.size, await leaseKeys(bed)], [0, []]);
});

test('who waits for a revocation is told that it failed, and that it goes on', async () => {
  const bed = await bedWithUsers();
  const { id } = await bed.issue();
  await bed.issue();
  bed.world.failing = true;
  const told = await bed.root('PUT', 'sys/leases/revoke', { lease_id: id, sync: true });
  assert.deepEqual([told.status, told.json.errors.length], [400, 1]);
  assert.match(told.json.errors[0], /could not be revoked: the world does not answer; it is over/);
  assert.equal((await bed.root('PUT', 'sys/leases/revoke-prefix/users', { sync: true })).status, 400);
  assert.deepEqual((await bed.root('PUT', 'sys/leases/renew', { lease_id: id })).json.errors, ['lease not found']);
  bed.world.failing = false;
  await seconds(bed, 30);
  assert.deepEqual([bed.world.users.size, await leaseKeys(bed)], [0, []]);
});

test('leases that are given up by force go after one attempt, and the log says so', async () => {
  const bed = await bedWithUsers();
  const { id } = await bed.issue();
  await bed.issue();
  bed.world.failing = true;
  assert.equal((await bed.root('PUT', 'sys/leases/revoke-force/users', { sync: true })).status, 204);
  assert.deepEqual([bed.world.users.size, await leaseKeys(bed)], [2, []]);
  assert.ok(bed.logged.some(line => line.startsWith('error a lease was given up') && line.includes(id)));
});

test('what an engine refuses to make leaves no lease, and what it made halfway is taken back', async () => {
  const bed = await bedWithUsers();
  const { told } = await bed.issue(undefined, '?fail=true');
  assert.deepEqual([told.status, told.json.errors], [400, ['the world refused']]);
  await bed.clock.advance(1);
  assert.deepEqual([bed.world.users.size, bed.world.revoked.length, await leaseKeys(bed)], [0, 1, []]);
});

test('a row that forgets to say that it has effects makes nothing', async () => {
  const bed = await bedWithUsers();
  assert.equal((await bed.root('GET', 'users/pure/app')).status, 500);
  assert.deepEqual(await leaseKeys(bed), []);
});

test('a token that is revoked while the engine works gets nothing, and nothing is left', async () => {
  const bed = await bedWithUsers();
  await allowUsers(bed);
  const token = await tokenOf(bed);
  const { promise, resolve } = Promise.withResolvers<void>();
  bed.world.slowness = promise;
  const asked = bed.issue(token);
  await bed.clock.advance(1);
  assert.equal(bed.world.atWork, 1);
  await bed.root('POST', 'auth/token/revoke', { token });
  await seconds(bed, 3);
  // The engine is not asked to take back what it is still making.
  assert.equal(bed.world.atWork, 1);
  resolve();
  const { told } = await asked;
  assert.equal(told.status, 403);
  await seconds(bed, 2);
  assert.deepEqual([bed.world.users.size, bed.world.revoked.length, await leaseKeys(bed)], [0, 1, []]);
});

test('a token that is revoked before the lease is written down gets none', async () => {
  const bed = await bedWithUsers();
  await allowUsers(bed);
  const token = await tokenOf(bed);
  const { accessor } = (await bed.root('POST', 'auth/token/lookup', { token })).json.data;
  const add = bed.core.leases.store.add.bind(bed.core.leases.store);
  bed.core.leases.store.add = async (lease, checks) => {
    await bed.core.revocation.revoke(accessor);
    return add(lease, checks);
  };
  assert.equal((await bed.issue(token)).told.status, 403);
  assert.deepEqual([bed.world.users.size, await leaseKeys(bed)], [0, []]);
});

test('a renewal that meets a revocation does not bring the lease back', async () => {
  const bed = await bedWithUsers();
  const { id } = await bed.issue();
  const { promise, resolve } = Promise.withResolvers<void>();
  bed.world.slowness = promise;
  const renewal = bed.root('PUT', 'sys/leases/renew', { lease_id: id });
  await bed.clock.advance(1);
  assert.equal((await bed.root('PUT', 'sys/leases/renew', { lease_id: id })).status, 409);
  assert.equal((await bed.root('PUT', 'sys/leases/revoke', { lease_id: id })).status, 202);
  await bed.clock.advance(1);
  resolve();
  assert.deepEqual((await renewal).json.errors, ['lease not found']);
  await seconds(bed, 2);
  assert.deepEqual([bed.world.users.size, await leaseKeys(bed)], [0, []]);
});

test('an engine that fails a renewal leaves the lease as it was', async () => {
  const bed = await bedWithUsers();
  const { id } = await bed.issue(undefined, '?ttl=1h');
  await bed.clock.advance(60_000);
  bed.world.failing = true;
  const told = await bed.root('PUT', 'sys/leases/renew', { lease_id: id });
  assert.equal(told.status >= 400, true);
  bed.world.failing = false;
  const { ttl, last_renewal } = await lookup(bed, id);
  assert.deepEqual([ttl, last_renewal], [3540, null]);
});

test('F4: an engine that hangs or fails does not hold up the leases of another mount', async () => {
  const bed = await bedWithUsers();
  await bed.root('POST', 'sys/mounts/other', { type: 'test-fixed' });
  for (let count = 0; count < 40; count++) await bed.issue(undefined, '?ttl=60');
  const other = (await bed.root('GET', 'other/creds/app?ttl=61')).json.data.username;
  const users = bed.core.mounts.at('secret', 'users/') ?? assert.fail();
  const { leaseWork: work } = users;
  assert.ok(work);
  let asked = 0;
  work.revoke = () => {
    asked++;
    return new Promise(() => {});
  };
  await seconds(bed, 62);
  await seconds(bed, 33);
  assert.equal(bed.world.users.has(other), false);
  // One round of the worker, not one for each lease.
  assert.ok(asked <= 40, String(asked));
  assert.equal(bed.world.users.size, 40);
});

test('the worker works on no more than a fixed number of leases at once, and loses none', async () => {
  const bed = await bedWithUsers();
  for (let count = 0; count < 450; count++) await bed.issue(undefined, '?ttl=60');
  bed.world.mostAtWork = 0;
  bed.world.slowness = new Promise(done => setImmediate(done));
  await bed.clock.advance(61_000);
  for (let count = 0; count < 10; count++) await bed.clock.advance(1000);
  assert.ok(bed.world.mostAtWork > 1 && bed.world.mostAtWork <= 32, String(bed.world.mostAtWork));
  assert.deepEqual([bed.world.users.size, await leaseKeys(bed)], [0, []]);
});

test('a mount whose leases cannot be revoked serves no more, keeps its records, and goes when they are', async () => {
  const bed = await bedWithUsers();
  await bed.issue();
  const { id } = (bed.core.mounts.at('secret', 'users/') ?? assert.fail()).record;
  bed.world.failing = true;
  const told = await bed.root('DELETE', 'sys/mounts/users');
  assert.deepEqual([told.status, told.json.warnings.length], [200, 1]);
  assert.equal((await bed.issue()).told.status, 404);
  assert.ok(await bed.core.storage.get(`mount/${id}`));
  bed.world.failing = false;
  await seconds(bed, 25);
  assert.deepEqual([bed.world.users.size, await leaseKeys(bed)], [0, []]);
  assert.equal(await bed.core.storage.get(`mount/${id}`), undefined);
});

test('an engine that hangs holds up neither the removal of its mount for each lease nor the end of tokens', async () => {
  const bed = await bedWithUsers();
  await allowUsers(bed);
  for (let count = 0; count < 450; count++) await bed.issue();
  const token = await tokenOf(bed, { ttl: '2m' });
  const { accessor } = (await bed.root('POST', 'auth/token/lookup', { token })).json.data;
  bed.world.slowness = new Promise(() => {});
  const removal = bed.root('DELETE', 'sys/mounts/users');
  await seconds(bed, 32);
  assert.equal((await removal).json.warnings.length, 1);
  await seconds(bed, 600);
  // Also those that nobody waits for any more are counted.
  assert.equal(bed.world.mostAtWork, 128);
  assert.equal(await bed.core.storage.get(`token/id/${accessor}`), undefined);
});

test('a mount that waits for its leases is let go when they are given up by force', async () => {
  const bed = await bedWithUsers();
  await bed.issue();
  const { id } = (bed.core.mounts.at('secret', 'users/') ?? assert.fail()).record;
  bed.world.failing = true;
  await bed.root('DELETE', 'sys/mounts/users');
  assert.equal((await bed.root('PUT', 'sys/leases/revoke-force/users', { sync: true })).status, 204);
  await seconds(bed, 12);
  assert.deepEqual([await leaseKeys(bed), await bed.core.storage.get(`mount/${id}`)], [[], undefined]);
});

test('a lease that cannot be read is told, and holds up none', async () => {
  const bed = await bedWithUsers();
  await allowUsers(bed);
  const token = await tokenOf(bed);
  const { id } = await bed.issue(token, '?ttl=60');
  await bed.issue(token, '?ttl=60');
  await bed.core.storage.commit({ writes: [{ key: `lease/id/${id}`, value: new Uint8Array([9, 9]) }] });
  await bed.root('POST', 'auth/token/revoke', { token });
  await seconds(bed, 62);
  assert.equal(bed.world.users.size, 1);
  assert.equal(
    bed.logged.filter(line => line.startsWith('error a lease cannot be read') && line.includes(id)).length,
    1,
  );
});
