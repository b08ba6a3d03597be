/** Who is there, who does what one node does for all, and what time it is. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { askTurning, type Node, openCluster } from './bed.ts';

const cluster = await openCluster();
const { nodes, rootToken } = cluster;
const [first, second, third] = nodes;
after(() => cluster.close());

const leaders = (): readonly Node[] => nodes.filter(({ core }) => core.nodes.leads);
const settle = (): Promise<void> => cluster.advance(300);
const tokenKeys = async (): Promise<number> => (await first.core.tokens.accessors(undefined, 1000)).length;

test('all nodes are active, know of each other, and one leads', async () => {
  await settle();
  for (const node of nodes) {
    const shown = (await node.root('GET', 'sys/ha-status')).json.data.nodes;
    assert.equal(shown.length, 3);
    assert.ok(shown.every((one: { active_node: boolean }) => one.active_node));
    assert.equal(shown.filter((one: { last_echo: unknown }) => one.last_echo === null).length, 1);
    const leader = (await node.ask('GET', 'sys/leader')).json;
    assert.equal(leader.ha_enabled, true);
    assert.equal(leader.is_self, true);
    assert.equal(leader.leader_address, 'https://coffer.test:8200');
    assert.match((await node.root('PUT', 'sys/step-down')).text, /Every node is active/);
    assert.equal((await node.ask('GET', 'sys/health')).status, 200);
  }
  assert.deepEqual(leaders(), [first]);
});

test('what ends by time is cleared by the node that leads', async () => {
  const before = await tokenKeys();
  await third.root('POST', 'auth/token/create', { ttl: '30s' });
  assert.equal(await tokenKeys(), before + 1);
  await cluster.advance(100_000);
  assert.equal(await tokenKeys(), before);
});

test('time is the storage’s: a node whose own clock is wrong ends nothing early', async () => {
  const made = await second.root('POST', 'auth/token/create', { ttl: '1h' });
  const token: string = made.json.auth.client_token;
  second.clock.jump(7_200_000);
  assert.equal((await askTurning(second, 'auth/token/lookup-self', { token })).status, 200);
  second.clock.jump(-7_200_000);
  await settle();
  assert.equal((await second.ask('GET', 'auth/token/lookup-self', { token })).json.data.ttl > 3000, true);
});

test('who leads and is cut off leads no more, another takes over', async () => {
  const fence = first.core.nodes.fence();
  first.way.isCut = true;
  await cluster.advance(1000);
  assert.deepEqual(leaders(), []);
  await cluster.advance(25_000);
  assert.equal(leaders().length, 1);
  assert.notEqual(leaders()[0], first);
  assert.equal((await second.root('GET', 'sys/ha-status')).json.data.nodes.length, 2);
  // It still thinks that it leads.
  assert.deepEqual(first.core.nodes.fence(), fence);
  first.way.hear();
  await settle();
  assert.equal(first.core.nodes.fence(), undefined);
  assert.equal(leaders().length, 1);
  await cluster.advance(6_000);
  assert.equal((await second.root('GET', 'sys/ha-status')).json.data.nodes.length, 3);
});

test('who leads and ends with a word is followed at once', async () => {
  const [leader] = leaders();
  assert.ok(leader !== undefined);
  await cluster.turning(leader.core.seal.seal());
  await settle();
  const [next] = leaders();
  assert.ok(next !== undefined && next !== leader);
  assert.equal((await next.root('GET', 'sys/ha-status')).json.data.nodes.length, 2);
  for (const key of cluster.unsealKeys) await cluster.turning(leader.ask('POST', 'sys/unseal', { body: { key } }));
  await settle();
  assert.deepEqual(leaders(), [next]);
});

test('whoever sends X-Vault-Index gets no older answer, from no node', async () => {
  await first.root('POST', 'sys/mounts/secret', { type: 'kv', options: { version: '2' } });
  await settle();
  const written = await first.root('POST', 'secret/data/app', { data: { a: '1' } });
  await settle();
  assert.equal((await second.root('GET', 'secret/data/app')).json.data.data.a, '1');
  const seen = written.headers.get('X-Vault-Index') ?? assert.fail();
  const asked = (state: string) => ({ token: rootToken, headers: { 'x-vault-index': state } });
  assert.equal((await second.ask('GET', 'secret/data/app', asked(seen))).status, 200);
  second.way.isDeaf = true;
  const again = await first.root('POST', 'secret/data/app', { data: { a: '2' } });
  const newer = again.headers.get('X-Vault-Index') ?? assert.fail();
  const behind = await askTurning(second, 'secret/data/app', asked(newer));
  assert.equal(behind.status, 412);
  assert.match(behind.text, /X-Vault-Index/);
  const waits = askTurning(second, 'secret/data/app', asked(newer));
  second.way.hear();
  const found = await waits;
  assert.equal(found.json.data.data.a, '2');
  assert.equal(
    found.headers.get('X-Vault-Index'),
    (await second.root('GET', 'secret/data/app')).headers.get('X-Vault-Index'),
  );
  assert.equal((await second.ask('GET', 'secret/data/app', asked('nonsense'))).status, 400);
});

test('a node that drains says so to who asks for its health, and serves on', async () => {
  third.core.nodes.drain();
  const health = await third.ask('GET', 'sys/health');
  assert.equal(health.status, 503);
  assert.equal(health.json.standby, true);
  assert.equal((await third.ask('GET', 'sys/health?standbycode=429')).status, 429);
  assert.equal((await third.root('GET', 'secret/data/app')).status, 200);
});
