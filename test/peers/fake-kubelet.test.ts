/** What stands in for nodes gives pods what a kubelet would give them, and lets rollouts finish. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Cluster, needCluster, startCluster } from './cluster/cluster.ts';
import { type FakeKubelet, startFakeKubelet } from './cluster/fake-kubelet.ts';
import { until } from './cluster/processes.ts';

const need = { skip: needCluster.skip };
let cluster: Cluster;
let kubelet: FakeKubelet;

before(async () => {
  if (need.skip !== false) return;
  cluster = await startCluster();
  kubelet = await startFakeKubelet(cluster);
});
after(async () => {
  await kubelet?.stop();
  await cluster?.stop();
});

const apply = (...items: readonly object[]): Promise<string> =>
  cluster.kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));

const secret = (name: string, stringData: object): object => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name },
  stringData,
});

const pod = (name: string, container: object, spec: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: name } },
  spec: { containers: [{ name: 'app', image: 'none', ...container }], ...spec },
});

const sees = (name: string) =>
  until(`pod ${name} runs (${kubelet.problems().join('; ')})`, async () => kubelet.sees('default', name));

/** Files under the folder, without what every pod is given of its ServiceAccount. */
const filesIn = (name: string, folder: string): object =>
  Object.fromEntries(
    Object.entries(kubelet.sees('default', name)?.files ?? {}).filter(([file]) => file.startsWith(folder)),
  );

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: {
        containers: [
          {
            name: 'app',
            image: 'none',
            env: [{ name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'web', key: 'password' } } }],
            volumeMounts: [
              { name: 'secret', mountPath: '/run/secret' },
              { name: 'secret', mountPath: '/etc/fixed', subPath: 'password' },
            ],
          },
        ],
        volumes: [{ name: 'secret', secret: { secretName: 'web' } }],
      },
    },
  },
};

const webPods = () => kubelet.running('default').filter(({ metadata }) => metadata.labels?.['app'] === 'web');
const rolledOut = () => cluster.kubectl(['rollout', 'status', 'deployment/web', '--timeout=60s']);

test(
  'a rollout finishes; a changed Secret reaches volumes, and the environment only after a restart',
  need,
  async () => {
    await apply(secret('web', { password: 'first' }), deployment);
    await rolledOut();
    const [{ metadata } = assert.fail('no pod runs')] = webPods();
    const name = metadata.name;
    assert.equal(kubelet.sees('default', name)?.env['PASSWORD'], 'first');
    assert.deepEqual(filesIn(name, '/run/secret'), { '/run/secret/password': 'first' });

    await apply(secret('web', { password: 'second' }));
    await until(
      'the volume follows',
      async () => kubelet.sees('default', name)?.files['/run/secret/password'] === 'second',
    );
    assert.equal(kubelet.sees('default', name)?.env['PASSWORD'], 'first');
    assert.equal(kubelet.sees('default', name)?.files['/etc/fixed'], 'first');

    await cluster.kubectl(['rollout', 'restart', 'deployment/web']);
    await rolledOut();
    await until('the old pods are gone', async () => webPods().every(one => one.metadata.name !== name));
    for (const one of webPods()) assert.equal(kubelet.sees('default', one.metadata.name)?.env['PASSWORD'], 'second');
    assert.deepEqual(kubelet.problems(), []);
  },
);

test('a pod is held back while its Secret is missing, and says which', need, async () => {
  const env = [{ name: 'KEY', valueFrom: { secretKeyRef: { name: 'late', key: 'key' } } }];
  await apply(pod('waits', { env }));
  const reason = "jsonpath='{.status.containerStatuses[0].state.waiting.message}'";
  const said = () => cluster.kubectl(['get', 'pod', 'waits', '-o', reason]);
  await until('it says so', async () => (await said()).includes('Secret default/late not found'));
  assert.equal(kubelet.sees('default', 'waits'), undefined);
  await apply(secret('late', { other: 'x' }));
  await until('it says so', async () => (await said()).includes("couldn't find key key in Secret default/late"));
  await apply(secret('late', { key: 'here' }));
  assert.equal((await sees('waits')).env['KEY'], 'here');
});

test('whole Secrets, chosen keys, optional ones, ConfigMaps and fields of the pod', need, async () => {
  const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { mode: 'fast' } };
  const container = {
    env: [
      { name: 'PLAIN', value: 'text' },
      { name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      { name: 'APP', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
      { name: 'ABSENT', valueFrom: { secretKeyRef: { name: 'absent', key: 'a', optional: true } } },
      { name: 'MODE', valueFrom: { configMapKeyRef: { name: 'settings', key: 'mode' } } },
    ],
    envFrom: [{ prefix: 'DB_', secretRef: { name: 'many' } }, { secretRef: { name: 'absent', optional: true } }],
    volumeMounts: [{ name: 'all', mountPath: '/all' }],
  };
  const sources = [
    { secret: { name: 'many', items: [{ key: 'user', path: 'login/user' }] } },
    { configMap: { name: 'settings' } },
    { secret: { name: 'absent', optional: true } },
    { downwardAPI: { items: [{ path: 'space', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
  ];
  const volumes = [{ name: 'all', projected: { sources } }];
  await apply(secret('many', { user: 'u', password: 'p' }), config, pod('full', container, { volumes }));
  const { env } = await sees('full');
  assert.deepEqual(env, { DB_user: 'u', DB_password: 'p', PLAIN: 'text', NAME: 'full', APP: 'full', MODE: 'fast' });
  assert.deepEqual(filesIn('full', '/all'), { '/all/login/user': 'u', '/all/mode': 'fast', '/all/space': 'default' });
});

test("a pod's token is bound to the pod and its node", need, async () => {
  const projected = { sources: [{ serviceAccountToken: { path: 'token', audience: 'coffer' } }] };
  await apply(
    pod('speaks', { volumeMounts: [{ name: 'own', mountPath: '/own' }] }, { volumes: [{ name: 'own', projected }] }),
  );
  const token = (await sees('speaks')).files['/own/token'];
  const reviews = '/apis/authentication.k8s.io/v1/tokenreviews';
  const answer = await cluster.api.ask(reviews, { method: 'POST', body: { spec: { token, audiences: ['coffer'] } } });
  assert.partialDeepStrictEqual(answer['status'], {
    authenticated: true,
    user: {
      extra: {
        'authentication.kubernetes.io/pod-name': ['speaks'],
        'authentication.kubernetes.io/node-name': [kubelet.node],
      },
    },
  });
});

test('a deleted pod goes, and a restart of the API server is survived', need, async () => {
  await apply(pod('short', {}));
  await sees('short');
  await cluster.kubectl(['delete', 'pod', 'short', '--timeout=30s']);
  await until('it is forgotten', async () => kubelet.sees('default', 'short') === undefined);
  await cluster.apiServer.stop();
  await cluster.apiServer.start();
  await apply(pod('after', {}));
  assert.deepEqual((await sees('after')).env, {});
});

test('a pod for another node is left to it', need, async () => {
  await apply(pod('elsewhere', {}, { nodeSelector: { 'kubernetes.io/hostname': 'node-2' } }), pod('here', {}));
  await sees('here');
  assert.equal(kubelet.sees('default', 'elsewhere'), undefined);
  const other = await startFakeKubelet(cluster, 'node-2');
  await until('it runs there', async () => other.sees('default', 'elsewhere'));
  await other.stop();
});
