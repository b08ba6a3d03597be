/** A snapshot that is restored through one node while others serve the store. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openCluster } from './bed.ts';
import { restore, saved } from '../core/snapshots/bed.ts';

const cluster = await openCluster();
const { nodes, unsealKeys } = cluster;
const [first, second, third] = nodes;
after(() => cluster.close());

const settle = (): Promise<void> => cluster.advance(1_000);
const at = async (node: typeof first, path: string) => (await node.root('GET', path)).json?.data?.data?.a;

test('all nodes serve what was restored, and nothing of what was there before', async () => {
  await first.root('POST', 'sys/mounts/secret', { type: 'kv', options: { version: '2' } });
  await first.root('POST', 'secret/data/app', { data: { a: 'then' } });
  await settle();
  const snapshot = await saved(first);
  await second.root('POST', 'secret/data/app', { data: { a: 'later' } });
  await second.root('POST', 'sys/mounts/new', { type: 'kv' });
  await second.root('PUT', 'sys/config/cors', { allowed_origins: ['https://a.test'] });
  await settle();
  for (const node of nodes) assert.equal(await at(node, 'secret/data/app'), 'later');
  const restored = await cluster.turning(restore(second, snapshot));
  assert.ok(restored.status < 300, restored.text);
  await settle();
  for (const key of unsealKeys) await cluster.turning(second.ask('POST', 'sys/unseal', { body: { key } }));
  await settle();
  for (const node of nodes) {
    assert.equal(await at(node, 'secret/data/app'), 'then');
    assert.equal((await node.root('GET', 'new/a')).status, 404);
    assert.equal(node.core.cors.current, undefined);
  }
  await third.root('POST', 'secret/data/app', { data: { a: 'now' } });
  await settle();
  for (const node of nodes) assert.equal(await at(node, 'secret/data/app'), 'now');
});
