/** What one node writes, every node serves; and nothing is served by a node that cannot show that it is current. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { askTurning, openCluster } from './bed.ts';

const cluster = await openCluster();
const { nodes, rootToken } = cluster;
const [first, second, third] = nodes;
after(() => cluster.close());

const settle = (): Promise<void> => cluster.advance(200);

test('what is written through one node is read through every other, also when they had it in memory', async () => {
  await first.root('POST', 'sys/mounts/secret', { type: 'kv', options: { version: '2' } });
  await settle();
  for (const [index, writer] of nodes.entries()) {
    await writer.root('POST', 'secret/data/app', { data: { at: `${index}` } });
    await settle();
    for (const reader of nodes)
      for (let time = 0; time < 2; time++)
        assert.equal((await reader.root('GET', 'secret/data/app')).json.data.data.at, `${index}`);
  }
  await second.root('DELETE', 'secret/metadata/app');
  await settle();
  for (const reader of nodes) assert.equal((await reader.root('GET', 'secret/data/app')).status, 404);
});

test('a token that is revoked through one node is refused by all, with what came from it', async () => {
  const made = await first.root('POST', 'auth/token/create', { policies: ['default'] });
  const token: string = made.json.auth.client_token;
  const child = await second.ask('POST', 'auth/token/create', { token: rootToken, body: { policies: ['default'] } });
  await settle();
  for (const node of nodes) assert.equal((await node.ask('GET', 'auth/token/lookup-self', { token })).status, 200);
  await third.root('POST', 'auth/token/revoke', { token });
  await settle();
  for (const node of nodes) {
    assert.equal((await node.ask('GET', 'auth/token/lookup-self', { token })).status, 403);
    const other = { token: child.json.auth.client_token };
    assert.equal((await node.ask('GET', 'auth/token/lookup-self', other)).status, 200);
  }
});

test('a policy that is changed through one node decides at all', async () => {
  const path = 'secret/data/mine';
  await first.root('POST', path, { data: { a: '1' } });
  await first.root('PUT', 'sys/policies/acl/reader', { policy: `path "${path}" { capabilities = ["read"] }` });
  const made = await first.root('POST', 'auth/token/create', { policies: ['reader'] });
  const token: string = made.json.auth.client_token;
  await settle();
  for (const node of nodes) assert.equal((await node.ask('GET', path, { token })).status, 200);
  await second.root('PUT', 'sys/policies/acl/reader', { policy: 'path "other" { capabilities = ["read"] }' });
  await settle();
  for (const node of nodes) assert.equal((await node.ask('GET', path, { token })).status, 403);
});

test('mounts are made, tuned, moved and removed everywhere; who serves one as it is keeps it', async () => {
  await first.root('POST', 'sys/mounts/team', { type: 'kv' });
  await settle();
  for (const node of nodes) assert.equal((await node.root('POST', 'team/a', { from: 'all' })).status, 204);
  await second.root('POST', 'sys/mounts/team/tune', { description: 'ours' });
  await second.root('POST', 'sys/mounts/auth/token/tune', { description: 'tokens' });
  await settle();
  const served = (): readonly unknown[] => [...second.core.mounts.list('secret'), ...second.core.mounts.list('auth')];
  const before = served();
  await second.core.mounts.followAll();
  for (const [index, mount] of served().entries()) assert.equal(mount, before[index]);
  for (const node of nodes) {
    const all = (await node.root('GET', 'sys/mounts')).json.data;
    assert.equal(all['team/'].description, 'ours');
    assert.equal((await node.root('GET', 'sys/auth')).json.data['token/'].description, 'tokens');
  }
  await third.root('POST', 'sys/remount', { from: 'team', to: 'squad' });
  await settle();
  for (const node of nodes) {
    assert.equal((await node.root('GET', 'squad/a')).status, 200);
    assert.equal((await node.root('GET', 'team/a')).status, 404);
  }
  await first.root('DELETE', 'sys/mounts/squad');
  await settle();
  for (const node of nodes) assert.equal((await node.root('GET', 'squad/a')).status, 404);
});

test('settings of CORS, audited headers and audit devices follow', async () => {
  await first.root('PUT', 'sys/config/cors', { allowed_origins: ['https://a.test'] });
  await first.root('POST', 'sys/config/auditing/request-headers/x-team', { hmac: false });
  await first.root('POST', 'sys/audit/more', { type: 'file', options: { file_path: '/dev/null' } });
  await settle();
  for (const node of nodes) {
    assert.deepEqual(node.core.cors.current?.origins, ['https://a.test']);
    assert.deepEqual(node.core.auditHeaders.current, [{ name: 'x-team', hmac: false }]);
    assert.ok('more/' in (await node.root('GET', 'sys/audit')).json.data);
  }
  await second.root('DELETE', 'sys/config/cors');
  await second.root('DELETE', 'sys/config/auditing/request-headers/x-team');
  await second.root('DELETE', 'sys/audit/more');
  await settle();
  for (const node of nodes) {
    assert.equal(node.core.cors.current, undefined);
    assert.equal(node.core.auditHeaders.current, undefined);
    assert.ok(!('more/' in (await node.root('GET', 'sys/audit')).json.data));
  }
});

test('a node that is not told what others write stops serving, and says so; then it goes on', async () => {
  await first.root('POST', 'secret/data/late', { data: { a: 'old' } });
  await settle();
  assert.equal((await second.root('GET', 'secret/data/late')).status, 200);
  second.way.isDeaf = true;
  await first.root('POST', 'secret/data/late', { data: { a: 'new' } });
  await cluster.advance(1000);
  const refused = await askTurning(second, 'secret/data/late', { token: rootToken });
  assert.equal(refused.status, 503);
  assert.equal(refused.headers.get('Retry-After'), '1');
  assert.match(refused.text, /cannot show/);
  assert.equal((await second.ask('GET', 'sys/health')).status, 503);
  assert.equal((await third.root('GET', 'secret/data/late')).json.data.data.a, 'new');
  second.way.hear();
  await settle();
  assert.equal((await second.root('GET', 'secret/data/late')).json.data.data.a, 'new');
  assert.equal((await second.ask('GET', 'sys/health')).status, 200);
});

test('a node whose questions are not answered serves nothing after its lease', async () => {
  second.way.asksFail = true;
  await cluster.advance(600);
  assert.equal((await second.root('GET', 'secret/data/late')).status, 200);
  await cluster.advance(100);
  assert.equal((await askTurning(second, 'secret/data/late', { token: rootToken })).status, 503);
  second.way.asksFail = false;
  assert.equal((await askTurning(second, 'secret/data/late', { token: rootToken })).status, 200);
});

test('a node that slept serves nothing of what it knew before it has asked', async () => {
  await settle();
  assert.equal((await third.root('GET', 'secret/data/late')).json.data.data.a, 'new');
  third.way.isDeaf = true;
  await first.root('POST', 'secret/data/late', { data: { a: 'newest' } });
  // The machine was stopped: only its wall clock says so.
  third.clock.jump(5_000);
  assert.equal(third.core.nodes.freshness.holds(), false);
  const asked = askTurning(third, 'secret/data/late', { token: rootToken });
  third.way.hear();
  assert.equal((await asked).json.data.data.a, 'newest');
});
