/** A mount that is rewritten through one node while requests are inside it at another. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openCluster } from './bed.ts';

const cluster = await openCluster();
const { nodes } = cluster;
const [first, second, third] = nodes;
after(() => cluster.close());

const settle = (): Promise<void> => cluster.advance(300);
const upgrade = { options: { version: '2' } };

test('an upgrade waits for the requests that are inside at other nodes, and loses none of their writes', async () => {
  await first.root('POST', 'sys/mounts/old', { type: 'kv' });
  await settle();
  for (const [index, node] of nodes.entries()) await node.root('POST', `old/${index}`, { from: `${index}` });
  const mount = third.core.mounts.at('secret', 'old/') ?? assert.fail();
  const leave = mount.running.enter();
  let done = false;
  const upgrading = first.root('POST', 'sys/mounts/old/tune', upgrade).then(told => {
    done = true;
    return told;
  });
  await cluster.advance(3_000);
  assert.equal(done, false);
  assert.match((await second.root('GET', 'old/data/0')).text, /Upgrading/);
  leave();
  assert.ok((await cluster.turning(upgrading)).status < 300);
  await settle();
  for (const reader of nodes)
    for (const index of nodes.keys())
      assert.equal((await reader.root('GET', `old/data/${index}`)).json.data.data.from, `${index}`);
});

test('an upgrade that a node left behind is finished by the one that leads', async () => {
  await first.root('POST', 'sys/mounts/left', { type: 'kv' });
  await settle();
  await first.root('POST', 'left/a', { from: 'a' });
  const leave = (third.core.mounts.at('secret', 'left/') ?? assert.fail()).running.enter();
  void first.root('POST', 'sys/mounts/left/tune', upgrade).catch(() => undefined);
  await cluster.advance(1_000);
  const leader = nodes.find(({ core }) => core.nodes.leads) ?? assert.fail();
  assert.equal(leader, first);
  first.way.isCut = true;
  await cluster.advance(30_000);
  leave();
  await cluster.advance(200_000);
  for (const node of [second, third]) assert.equal((await node.root('GET', 'left/data/a')).json.data.data.from, 'a');
  first.way.hear();
  await cluster.advance(10_000);
  assert.equal((await first.root('GET', 'left/data/a')).json.data.data.from, 'a');
});
