/** Changes of mounts that meet: each is made from what the one before has left. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Collection } from '../../packages/server/src/core/barrier/collection.ts';
import { plainShape } from '../../packages/server/src/core/barrier/plain-shape.ts';
import { mountRecords } from '../../packages/server/src/core/mounts/records.ts';
import { type Bed, openBed } from './bed.ts';

const statuses = async (asked: readonly Promise<{ readonly status: number }>[]): Promise<readonly number[]> =>
  (await Promise.all(asked)).map(({ status }) => status).toSorted((a, b) => a - b);

const reopened = async (bed: Bed): Promise<void> => {
  await bed.core.seal.seal();
  await bed.core.seal.submitKey(bed.unsealKeys[0] ?? '');
};

test('of mounts that are made at one path, or inside one another, at the same time one is made', async () => {
  const bed = await openBed();
  const mount = (path: string) => bed.root('POST', `sys/mounts/${path}`, { type: 'kv' });
  assert.deepEqual(await statuses([mount('one'), mount('one'), mount('one')]), [204, 400, 400]);
  assert.deepEqual(await statuses([mount('a'), mount('a/b'), mount('a/b/c')]), [204, 400, 400]);
  assert.equal((await mountRecords(bed.core.storage).ids()).length, 4);
});

test('settings that are changed at the same time all hold', async () => {
  const bed = await openBed();
  const tune = (body: object) => bed.root('POST', 'sys/mounts/secret/tune', body);
  assert.deepEqual(
    await statuses([tune({ description: 'd' }), tune({ max_lease_ttl: '3h' }), tune({ default_lease_ttl: '1h' })]),
    [204, 204, 204],
  );
  const { data } = (await bed.root('GET', 'sys/mounts/secret/tune')).json;
  assert.deepEqual([data.description, data.max_lease_ttl, data.default_lease_ttl], ['d', 10_800, 3600]);
});

test('a mount that is removed is not brought back by a change or a move that comes at the same time', async () => {
  const bed = await openBed();
  await bed.root('POST', 'sys/mounts/x', { type: 'kv' });
  await Promise.all([
    bed.root('DELETE', 'sys/mounts/x'),
    bed.root('POST', 'sys/mounts/x/tune', { description: 'd' }),
    bed.root('POST', 'sys/remount', { from: 'x', to: 'y' }),
  ]);
  for (const path of ['x', 'y']) assert.equal((await bed.root('GET', `sys/mounts/${path}`)).status, 400);
  await reopened(bed);
  for (const path of ['x', 'y']) assert.equal((await bed.root('GET', `sys/mounts/${path}`)).status, 400);
});

test('a path given up is free at once; storage itself holds that a path has one mount', async () => {
  const bed = await openBed();
  const mount = () => bed.root('POST', 'sys/mounts/x', { type: 'kv' });
  assert.equal((await mount()).status, 204);
  assert.equal((await bed.root('POST', 'sys/remount', { from: 'x', to: 'y' })).status, 200);
  assert.equal((await mount()).status, 204);
  assert.equal((await bed.root('DELETE', 'sys/mounts/x')).status, 204);
  const owners = new Collection<{ readonly id: string }>(bed.core.storage, 'mount-path/', plainShape('mount path'));
  assert.deepEqual(await owners.ids(), ['secret/cubbyhole/', 'secret/secret/', 'secret/y/']);
  // As another server has taken it.
  await bed.core.storage.commit({ writes: [owners.put('secret/x/', { id: 'other' })] });
  const told = await mount();
  assert.deepEqual([told.status, told.json.errors], [400, ['path is already in use at x/']]);
});

test('two records of one path are not both served, and the log says so', async () => {
  const bed = await openBed();
  await bed.root('POST', 'sys/mounts/x', { type: 'kv' });
  const { record } = bed.core.mounts.at('secret', 'x/') ?? assert.fail();
  await bed.core.storage.commit({ writes: [mountRecords(bed.core.storage).put('0', { ...record, id: '0' })] });
  await reopened(bed);
  assert.equal(bed.core.mounts.at('secret', 'x/')?.record.id, record.id);
  assert.ok(bed.logged.some(line => line.includes('mount/0')));
});

test('a mount whose record cannot be read does not keep the store closed', async () => {
  const bed = await openBed();
  await bed.root('POST', 'sys/mounts/x', { type: 'kv' });
  await bed.core.storage.commit({ writes: [{ key: 'mount/0', value: new Uint8Array([9, 9]) }] });
  await reopened(bed);
  assert.equal((await bed.root('GET', 'sys/mounts/x')).status, 200);
  assert.ok(bed.logged.some(line => line.startsWith('warn') && line.includes('mount/0')));
});

test('removal waits for the requests inside, but not for ever', async () => {
  const bed = await openBed();
  for (const path of ['x', 'y']) await bed.root('POST', `sys/mounts/${path}`, { type: 'kv' });
  const inside = (path: string) => (bed.core.mounts.at('secret', `${path}/`) ?? assert.fail()).running.enter();
  const leave = inside('x');
  inside('y');
  const done: string[] = [];
  const removing = ['x', 'y'].map(path => bed.root('DELETE', `sys/mounts/${path}`).then(() => done.push(path)));
  await bed.clock.advance(1);
  assert.deepEqual([done, bed.core.mounts.at('secret', 'x/')], [[], undefined]);
  leave();
  await removing[0];
  assert.deepEqual(done, ['x']);
  await bed.clock.advance(31_000);
  await Promise.all(removing);
  assert.ok(bed.logged.some(line => line.startsWith('warn requests are still running')));
});

test('an upgrade waits for the requests inside and takes along what they wrote', async () => {
  const bed = await openBed();
  await bed.root('POST', 'sys/mounts/old', { type: 'kv' });
  const leave = (bed.core.mounts.at('secret', 'old/') ?? assert.fail()).running.enter();
  const upgrading = bed.root('POST', 'sys/mounts/old/tune', { options: { version: '2' } });
  await bed.clock.advance(1);
  assert.equal((await bed.root('POST', 'old/late', { a: 1 })).status, 400);
  leave();
  assert.equal((await upgrading).status, 200);
  assert.equal((await bed.root('POST', 'old/data/x', { data: { a: 1 } })).status, 200);
});

test('an upgrade is given up where requests stay inside: what they write must not get lost', async () => {
  const bed = await openBed();
  await bed.root('POST', 'sys/mounts/old', { type: 'kv' });
  const leave = (bed.core.mounts.at('secret', 'old/') ?? assert.fail()).running.enter();
  const upgrading = bed.root('POST', 'sys/mounts/old/tune', { options: { version: '2' } });
  await bed.clock.advance(1);
  await bed.clock.advance(31_000);
  const { status, json } = await upgrading;
  assert.deepEqual([status, /it was not upgraded; try again/.test(json.errors[0])], [409, true]);
  assert.equal((await bed.root('POST', 'old/late', { a: 1 })).status, 204);
  leave();
  assert.equal((await bed.root('GET', 'sys/mounts/old')).json.data.options, null);
  await bed.core.seal.seal();
  await bed.core.seal.submitKey(bed.unsealKeys[0] ?? '');
  assert.deepEqual((await bed.root('GET', 'old/late')).json.data, { a: 1 });
  assert.equal((await bed.root('POST', 'sys/mounts/old/tune', { options: { version: '2' } })).status, 200);
  assert.deepEqual((await bed.root('GET', 'old/data/late')).json.data.data, { a: 1 });
});
