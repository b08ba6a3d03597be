/** Keys of the barrier and the seal, changed by one node while others have them in memory. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { nextRootKey } from '../../packages/server/src/core/barrier/layout.ts';
import { termOf } from '../../packages/server/src/core/barrier/record.ts';
import { type Node, openCluster } from './bed.ts';

const cluster = await openCluster();
const { nodes, rootToken, storage } = cluster;
const [first, second, third] = nodes;
after(() => cluster.close());

/** Under which term the node encrypts now. */
const termAt = async (node: Node): Promise<number> => {
  await node.core.storage.commit({ writes: [{ key: 'probe', value: new Uint8Array(1) }] });
  const key = (await storage.range('1/')).find(one => one.key.endsWith('/probe'))?.key ?? assert.fail();
  return termOf((await storage.get(key))?.value ?? assert.fail(), key);
};

const write = (node: Node, at: string) => node.root('POST', `secret/data/${at}`, { data: { at } });
const reads = async (node: Node, at: string): Promise<void> =>
  assert.equal((await node.root('GET', `secret/data/${at}`)).json.data.data.at, at);

test('a new term encrypts once every node has read it', async () => {
  await first.root('POST', 'sys/mounts/secret', { type: 'kv', options: { version: '2' } });
  await cluster.advance(200);
  third.way.isDeaf = true;
  let done = false;
  const rotated = first.root('POST', 'sys/rotate').then(() => (done = true));
  await cluster.advance(600);
  assert.equal(done, false);
  assert.equal(first.core.barrier.keyStatus().term, 2);
  assert.deepEqual([await termAt(first), await termAt(second)], [1, 1]);
  third.way.hear();
  await cluster.turning(rotated);
  await cluster.advance(200);
  for (const node of nodes) assert.equal(await termAt(node), 2);
  for (const [index, writer] of nodes.entries()) {
    await write(writer, `${index}`);
    await cluster.advance(200);
    for (const reader of nodes) await reads(reader, `${index}`);
  }
});

test('one that does not read it is not waited for for ever, and reads it when it meets it', async () => {
  third.way.isDeaf = true;
  await cluster.turning(first.root('POST', 'sys/rotate'));
  assert.equal(await termAt(first), 3);
  await write(first, 'met');
  assert.equal(third.core.barrier.keyStatus().term, 2);
  const found = await third.core.barrier.range('1/root/');
  assert.ok(found.length > 10);
  assert.equal(third.core.barrier.keyStatus().term, 3);
  third.way.hear();
  await cluster.advance(200);
  await reads(third, 'met');
});

test('nodes that rotate at once make two terms, and all know both', async () => {
  await cluster.turning(Promise.all([first.root('POST', 'sys/rotate'), second.root('POST', 'sys/rotate')]));
  for (const node of nodes) {
    assert.equal(node.core.barrier.keyStatus().term, 5);
    assert.equal(await termAt(node), 5);
  }
});

const rekey = async (node: Node, key: string): Promise<string> => {
  const begun = await node.ask('POST', 'sys/rekey/init', { body: { secret_shares: 1, secret_threshold: 1 } });
  const update = { body: { key, nonce: begun.json.nonce } };
  const done = await cluster.turning(node.ask('POST', 'sys/rekey/update', update));
  assert.equal(done.status, 200, done.text);
  return done.json.keys_base64[0];
};

let unsealKey = cluster.unsealKeys[0] ?? assert.fail();

test('a new root key is taken over by the nodes that are open, and does not stay behind', async () => {
  const old = unsealKey;
  unsealKey = await rekey(second, old);
  for (const node of nodes) {
    assert.equal(node.core.seal.sealed, false);
    await write(node, 'rekeyed');
    await cluster.turning(node.root('POST', 'sys/rotate'));
    await reads(node, 'rekeyed');
  }
  assert.equal(await storage.get(nextRootKey), undefined);
  unsealKey = await rekey(third, unsealKey);
  await reads(first, 'rekeyed');
});

test('a node that was away while the root key was replaced is sealed, and opens with the new shares', async () => {
  third.way.isDeaf = true;
  unsealKey = await rekey(first, unsealKey);
  assert.equal(third.core.seal.sealed, false);
  third.way.hear();
  await cluster.advance(300);
  assert.equal(third.core.seal.sealed, true);
  assert.ok(third.logged.some(line => line.startsWith('error the keyring that another node wrote does not open')));
  await cluster.turning(third.ask('POST', 'sys/unseal', { body: { key: unsealKey } }));
  await reads(third, 'rekeyed');
});

test('sealing one seals all; each is opened for itself, and the mark does not close it again', async () => {
  const sealing = first.ask('PUT', 'sys/seal', { token: rootToken });
  assert.equal((await cluster.turning(sealing)).status, 204);
  await cluster.advance(200);
  for (const node of nodes) {
    assert.equal((await node.ask('GET', 'sys/seal-status')).json.sealed, true);
    assert.equal((await node.root('GET', 'secret/data/rekeyed')).status, 503);
  }
  await cluster.turning(second.ask('POST', 'sys/unseal', { body: { key: unsealKey } }));
  await cluster.advance(1000);
  await reads(second, 'rekeyed');
  assert.equal(first.core.seal.sealed, true);
  for (const node of [first, third])
    await cluster.turning(node.ask('POST', 'sys/unseal', { body: { key: unsealKey } }));
  for (const node of nodes) await reads(node, 'rekeyed');
});
