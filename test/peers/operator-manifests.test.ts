/** What `coffer operator manifests` prints, on a real API server: it is taken, its pods may run, its rights are enough. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { root } from '../run/environment.ts';
import { accountToken } from './cluster/accounts.ts';
import { type Cluster, needCluster, startCluster } from './cluster/cluster.ts';
import { type FakeKubelet, startFakeKubelet } from './cluster/fake-kubelet.ts';
import { tokenKubeconfig } from './cluster/kubeconfig.ts';
import { until } from './cluster/processes.ts';
import { type OperatorProcess, startOperator } from './operator/bed.ts';
import { startStore, type Store } from './operator/store.ts';

const need = { skip: needCluster.skip };
const launcher = path.join(root, 'packages/cli/bin/coffer');
const run = promisify(execFile);
const limits = { timeout: 60_000, maxBuffer: 16 * 1024 * 1024 };
const namespace = 'coffer-system';
let cluster: Cluster;
let kubelet: FakeKubelet;
let store: Store | undefined;
let operator: OperatorProcess | undefined;

const printed = async (...flags: readonly string[]): Promise<string> =>
  (await run(launcher, ['operator', 'manifests', ...flags], limits)).stdout;

before(async () => {
  if (need.skip !== false) return;
  cluster = await startCluster();
  kubelet = await startFakeKubelet(cluster);
});
after(async () => {
  await operator?.stop();
  await store?.stop();
  await kubelet?.stop();
  await cluster?.stop();
});

test('it is taken whole, twice the same, and its pods meet the strictest profile', need, async () => {
  const text = await printed();
  const first = await cluster.kubectl(['apply', '--server-side', '-f', '-'], text);
  assert.equal(first.trim().split('\n').length, 3 + 7);
  await cluster.kubectl(['apply', '--server-side', '-f', '-'], text);
  await cluster.kubectl(['rollout', 'status', '-n', namespace, 'deployment/coffer-operator', '--timeout=60s']);
  assert.equal(kubelet.running(namespace).length, 2);
  const whole = await cluster.api.ask(`/api/v1/namespaces/${namespace}`);
  assert.equal(whole.metadata.labels?.['pod-security.kubernetes.io/enforce'], 'restricted');
});

test('what lies in deploy/ is the same', need, async () => {
  for (const file of ['crds', 'operator/operator.yaml']) {
    const target = path.join(root, 'deploy', file);
    const told = await cluster.kubectl(['diff', '--server-side', '-f', target]);
    assert.equal(told, '', file);
  }
});

test('another namespace and image stand wherever they belong; nonsense is refused', need, async () => {
  const text = await printed('-namespace=secrets', '-image=example.com/coffer@sha256:00');
  assert.equal(text.includes(namespace), false);
  assert.match(text, /image: example\.com\/coffer@sha256:00\n/);
  assert.equal(text.match(/namespace: secrets\n/g)?.length, 6);
  for (const flag of ['-namespace=A_b', '-namespace=', '-image=', '-image=a b', '-image=--x', '-nope'])
    await assert.rejects(printed(flag), { code: 1 }, flag);
});

test('the rights it installs are enough to make a Secret', need, async () => {
  store = await startStore();
  await store.api.call('POST', 'secret/data/team', { body: { data: { password: 'canary-installed' } } });
  await cluster.kubectl(['create', 'secret', 'generic', 'store-token', `--from-literal=token=${store.api.token}`]);
  const vault = {
    server: store.address,
    path: 'secret',
    auth: { tokenSecretRef: { name: 'store-token', key: 'token' } },
  };
  const apiVersion = 'external-secrets.io/v1';
  const objects = [
    { apiVersion, kind: 'SecretStore', metadata: { name: 'coffer' }, spec: { provider: { vault } } },
    {
      apiVersion,
      kind: 'ExternalSecret',
      metadata: { name: 'team' },
      spec: { secretStoreRef: { name: 'coffer' }, dataFrom: [{ extract: { key: 'team' } }] },
    },
  ];
  await cluster.kubectl(['apply', '-f', '-'], objects.map(object => JSON.stringify(object)).join('\n---\n'));
  const file = tokenKubeconfig(cluster, await accountToken(cluster, `${namespace}/coffer-operator`));
  const asAccount = { ...cluster, kubeconfig: { ...cluster.kubeconfig, path: file } };
  operator = await startOperator(asAccount, '-enable-leader-election=false');
  await until('the Secret', async () => {
    const { status } = await cluster.api.call('/api/v1/namespaces/default/secrets/team');
    return status === 200 ? true : undefined;
  });
  await cluster.kubectl(['wait', '--for=condition=Ready', 'externalsecret/team', '--timeout=60s']);
  assert.doesNotMatch(operator.said(), /[Ff]orbidden/);
});
