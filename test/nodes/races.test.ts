/** Two who change the same thing through different nodes at once: one wins, the other is told or tries again, nothing is lost. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type Node, openCluster } from './bed.ts';

const cluster = await openCluster();
const { nodes, rootToken } = cluster;
const [first, second] = nodes;
after(() => cluster.close());

const settle = (): Promise<void> => cluster.advance(300);
/** At once, through every node. */
const everywhere = <T>(ask: (node: Node, index: number) => Promise<T>): Promise<T[]> =>
  cluster.turning(Promise.all(nodes.map(ask)));
/** One is answered with this, and all others are refused. */
const oneWins = (told: readonly { readonly status: number }[], status: number): void => {
  const [won, ...lost] = statuses(told);
  assert.equal(won, status);
  assert.ok(
    lost.every(other => other === 400 || other === 409),
    lost.join(),
  );
};
const statuses = (told: readonly { readonly status: number }[]): readonly number[] =>
  told.map(({ status }) => status).toSorted((one, other) => one - other);

await first.root('POST', 'sys/mounts/secret', { type: 'kv', options: { version: '2' } });
await settle();

test('of check-and-set writes of one version one wins', async () => {
  for (let version = 0; version < 10; version++) {
    const told = await everywhere((node, index) =>
      node.root('POST', 'secret/data/cas', { options: { cas: version }, data: { index } }),
    );
    assert.deepEqual(statuses(told), [200, 400, 400]);
  }
});

test('a write is decided on what another node has just answered', async () => {
  for (const { way } of nodes) way.lagTurns = 30;
  const through = (version: number): Node => nodes[version % 3] ?? assert.fail();
  for (let version = 0; version < 9; version++) {
    const body = { options: { cas: version }, data: { version } };
    assert.equal((await through(version).root('POST', 'secret/data/chain', body)).status, 200);
  }
  await first.root('POST', 'sys/mounts/just', { type: 'kv' });
  assert.equal((await second.root('GET', 'just/nothing')).text, '{"errors":[]}');
  assert.equal((await second.root('POST', 'just/made', { a: '1' })).status, 204);
  for (const { way } of nodes) way.lagTurns = 0;
});

test('writes without a version are all kept as versions', async () => {
  const each = 7;
  await everywhere(async (node, index) => {
    for (let round = 0; round < each; round++)
      assert.equal((await node.root('POST', 'secret/data/all', { data: { index, round } })).status, 200);
  });
  await settle();
  assert.equal((await first.root('GET', 'secret/metadata/all')).json.data.current_version, 3 * each);
});

test('a token that is good for so many requests is good for no more, through all nodes together', async () => {
  const made = await first.root('POST', 'auth/token/create', { policies: ['default'], num_uses: 5 });
  const token: string = made.json.auth.client_token;
  const told = await everywhere(async node => {
    const own: number[] = [];
    for (let time = 0; time < 4; time++) own.push((await node.ask('GET', 'auth/token/lookup-self', { token })).status);
    return own;
  });
  const all = told.flat();
  assert.equal(all.filter(status => status === 200).length, 5);
  assert.equal(all.filter(status => status === 403).length, 7);
});

test('a wrapping token is opened once', async () => {
  for (let round = 0; round < 5; round++) {
    const wrapped = await first.ask('GET', 'secret/data/cas', {
      token: rootToken,
      headers: { 'x-vault-wrap-ttl': '60' },
    });
    const token: string = wrapped.json.wrap_info.token;
    assert.deepEqual(
      statuses(await everywhere(node => node.ask('POST', 'sys/wrapping/unwrap', { token }))),
      [200, 400, 400],
    );
  }
});

test('a path has one mount, and no mount stands inside another', async () => {
  const same = await everywhere(node => node.root('POST', 'sys/mounts/same', { type: 'kv' }));
  assert.deepEqual(statuses(same), [204, 400, 400]);
  for (let round = 0; round < 5; round++) {
    const nested = await everywhere((node, index) =>
      node.root('POST', `sys/mounts/in${round}${'/side'.repeat(index)}`, { type: 'kv' }),
    );
    assert.deepEqual(statuses(nested), [204, 400, 400]);
    await settle();
    const mounts = Object.keys((await second.root('GET', 'sys/mounts')).json.data);
    assert.equal(mounts.filter(path => path.startsWith(`in${round}/`)).length, 1);
  }
});

test('many mounts are made through all nodes at once', async () => {
  const told = await everywhere(async (node, index) => {
    const own: number[] = [];
    for (let round = 0; round < 8; round++)
      own.push((await node.root('POST', `sys/mounts/many-${index}-${round}`, { type: 'kv' })).status);
    return own;
  });
  assert.ok(told.flat().every(status => status === 204));
  await settle();
  for (const node of nodes)
    assert.equal(
      Object.keys((await node.root('GET', 'sys/mounts')).json.data).filter(path => path.startsWith('many-')).length,
      24,
    );
});

test('of changes of one policy by version one wins; an audit device of one path is made once', async () => {
  const policy = 'path "a" { capabilities = ["read"] }';
  const told = await everywhere(node => node.root('PUT', 'sys/policies/acl/raced', { policy, cas: -1 }));
  oneWins(told, 204);
  const devices = await everywhere(node =>
    node.root('POST', 'sys/audit/raced', { type: 'file', options: { file_path: '/dev/null' } }),
  );
  oneWins(devices, 204);
});

test('a token that is renewed while another node clears what has ended lives on', async () => {
  const made = await first.root('POST', 'auth/token/create', { policies: ['default'], ttl: '70s', period: '70s' });
  const token: string = made.json.auth.client_token;
  for (let round = 0; round < 6; round++) {
    await cluster.advance(40_000);
    const renewed = await second.ask('POST', 'auth/token/renew-self', { token });
    assert.equal(renewed.status, 200);
  }
  await cluster.advance(200_000);
  assert.equal((await second.ask('GET', 'auth/token/lookup-self', { token })).status, 403);
});
