/** Snapshots, from the store they were made of into the same and into another one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBed } from '../bed.ts';
import { packed, put, restore, saved, unpacked, unseal, valueOf } from './bed.ts';

test('a store goes back to its snapshot: what came later is gone, what was changed is as it was', async () => {
  const bed = await openBed();
  await put(bed, 'app', 'old');
  const snapshot = await saved(bed);
  await put(bed, 'app', 'new');
  await put(bed, 'later', 'x');
  const told = await restore(bed, snapshot);
  assert.deepEqual([told.status, told.text], [204, '']);
  assert.equal((await bed.root('GET', 'secret/data/app')).status, 503);
  assert.equal((await unseal(bed, bed.unsealKeys)).json.sealed, false);
  assert.equal(await valueOf(bed, 'app'), 'old');
  assert.equal((await bed.root('GET', 'secret/data/later')).status, 404);
  await put(bed, 'app', 'newer');
  assert.equal(await valueOf(bed, 'app'), 'newer');
});

test('a snapshot is whole: its last file is there, its records are ciphertext, its meta tells of them', async () => {
  const bed = await openBed();
  await put(bed, 'app', 'canary-value');
  const files = await unpacked(await saved(bed));
  assert.deepEqual([...files.keys()], ['meta.json', 'state.bin', 'SHA256SUMS', 'SHA256SUMS.sealed']);
  for (const content of files.values()) assert.ok(!Buffer.from(content).includes('canary-value'));
  const meta = JSON.parse(Buffer.from(files.get('meta.json') ?? []).toString());
  assert.equal(meta.store_id, bed.core.barrier.storeId.toHex());
  assert.equal(meta.bytes, files.get('state.bin')?.length);
  assert.equal(meta.created, '2026-01-01T00:00:00.000Z');
});

test('a new store takes the place and the keys of another one, by force alone', async () => {
  const old = await openBed({ shares: 3, threshold: 2 });
  await put(old, 'app', 'kept');
  const snapshot = await saved(old);
  const fresh = await openBed();
  await put(fresh, 'own', 'x');
  const refused = await restore(fresh, snapshot);
  assert.equal(refused.status, 400);
  assert.match(refused.json.errors[0], /^the snapshot is of another store; snapshot-force/);
  assert.equal(await valueOf(fresh, 'own'), 'x');
  assert.equal((await restore(fresh, snapshot, true)).status, 204);
  assert.equal((await fresh.ask('GET', 'sys/seal-status')).json.n, 3);
  assert.equal((await unseal(fresh, old.unsealKeys.slice(0, 2))).json.sealed, false);
  assert.equal(await valueOf(fresh, 'app', old.rootToken), 'kept');
  assert.equal((await fresh.root('GET', 'secret/data/own')).status, 403, 'its own root token is gone');
});

test('a snapshot of before the root key was replaced needs force, and the shares of then', async () => {
  const bed = await openBed();
  await put(bed, 'app', 'old');
  const snapshot = await saved(bed);
  const started = await bed.root('POST', 'sys/rotate/root/init', { secret_shares: 1, secret_threshold: 1 });
  const { nonce } = started.json.data;
  const done = await bed.root('POST', 'sys/rotate/root/update', { key: bed.unsealKeys[0], nonce });
  const [now = ''] = done.json.data.keys_base64 as string[];
  const refused = await restore(bed, snapshot);
  assert.match(refused.json.errors[0], /made before the root key was replaced/);
  assert.equal(await valueOf(bed, 'app'), 'old');
  assert.equal((await restore(bed, snapshot, true)).status, 204);
  assert.equal((await unseal(bed, [now])).status, 400);
  assert.equal((await unseal(bed, bed.unsealKeys)).json.sealed, false);
});

test('a snapshot of after a rotation goes back into the store of before it by force alone', async () => {
  const bed = await openBed();
  const before = await saved(bed);
  assert.equal((await bed.root('POST', 'sys/rotate')).status, 204);
  await put(bed, 'app', 'new');
  const after = await saved(bed);
  assert.equal((await restore(bed, before)).status, 204);
  await unseal(bed, bed.unsealKeys);
  assert.match((await restore(bed, after)).json.errors[0], /sealed under a key term of another time/);
  assert.equal((await restore(bed, after, true)).status, 204);
  await unseal(bed, bed.unsealKeys);
  assert.equal(await valueOf(bed, 'app'), 'new');
});

test('S26: a snapshot that was changed by somebody without its keys does not open where it was forced in', async () => {
  const old = await openBed();
  await put(old, 'app', 'kept');
  const first = await unpacked(await saved(old));
  await put(old, 'app', 'newer');
  const second = await unpacked(await saved(old));
  // All of the older one, under the seal of the newer one: each file is genuine.
  const mixed = new Map(first).set('SHA256SUMS.sealed', second.get('SHA256SUMS.sealed') ?? assert.fail());
  const fresh = await openBed();
  assert.equal((await restore(fresh, packed(mixed), true)).status, 204);
  const told = await unseal(fresh, old.unsealKeys);
  assert.equal(told.status, 500);
  assert.match(told.json.errors[0], /not authentic/);
  assert.equal((await fresh.ask('GET', 'sys/seal-status')).json.sealed, true);
  // Into its own store it does not even come.
  assert.match((await restore(old, packed(mixed))).json.errors[0], /not authentic/);
  assert.match((await restore(old, packed(mixed), true)).json.errors[0], /not authentic/);
  assert.equal(await valueOf(old, 'app'), 'newer');
});

test('restoring is on record before and after, and answers only once the store is sealed', async () => {
  const bed = await openBed();
  const snapshot = await saved(bed);
  bed.audited.length = 0;
  assert.equal((await restore(bed, snapshot)).status, 204);
  assert.ok(bed.core.barrier.sealed);
  const types = bed.audited.map(line => JSON.parse(line)).map(({ type, request }) => [type, request.path]);
  assert.deepEqual(types, [
    ['request', 'sys/storage/raft/snapshot'],
    ['response', 'sys/storage/raft/snapshot'],
  ]);
});
