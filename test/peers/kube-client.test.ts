/** The Kubernetes client on a real API server: what it says of objects, conflicts, absence, lists and watches. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Kube, KubeObject, Resource } from '../../packages/server/src/contracts/kube.ts';
import type { Log } from '../../packages/server/src/contracts/log.ts';
import { realClock } from '../../packages/server/src/platform/clock/real.ts';
import { type Connection, connectKube } from '../../packages/server/src/platform/kube/connect.ts';
import {
  isAlreadyExists,
  isConflict,
  isExpired,
  isInvalid,
  KubeError,
} from '../../packages/server/src/platform/kube/error.ts';
import { type Change, follow } from '../../packages/server/src/platform/kube/follow.ts';
import { realRandom } from '../../packages/server/src/platform/random/real.ts';
import { type Cluster, needCluster, startCluster } from './cluster/cluster.ts';
import { until } from './cluster/processes.ts';

const need = { skip: needCluster.skip };
const clock = realClock();
const random = realRandom();
const log: Log = { write: () => undefined, with: () => log };
let cluster: Cluster;
let connection: Connection;
let kube: Kube;

before(async () => {
  if (need.skip !== false) return;
  cluster = await startCluster();
  connection = await connectKube({ clock, random, environment: new Map(), kubeconfig: cluster.kubeconfig.path });
  ({ kube } = connection);
});
after(async () => {
  connection?.close();
  await cluster?.stop();
});

const resource = (plural: string, kind: string): Resource => ({
  group: '',
  version: 'v1',
  plural,
  kind,
  namespaced: true,
});
const configMaps = resource('configmaps', 'ConfigMap');
const secrets = resource('secrets', 'Secret');
const namespaces = { ...resource('namespaces', 'Namespace'), namespaced: false };
const pods = resource('pods', 'Pod');

const named = (name: string, more: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  ...more,
});
const at = (name: string) => ({ namespace: 'default', name });
const us = { fieldManager: 'coffer' };

const failing = async (call: Promise<unknown>): Promise<KubeError> => {
  const error: unknown = await call.then(
    () => assert.fail('it must fail'),
    (caught: unknown) => caught,
  );
  assert.ok(error instanceof KubeError, String(error));
  return error;
};

test('an object is created once, got, and removed under its conditions', need, async () => {
  const made = await kube.create(configMaps, named('once', { data: { k: 'v' } }));
  assert.ok(isAlreadyExists(await failing(kube.create(configMaps, named('once')))));
  assert.deepEqual((await kube.get(configMaps, at('once')))?.['data'], { k: 'v' });
  assert.ok(isConflict(await failing(kube.remove(configMaps, at('once'), { uid: 'another' }))));
  assert.equal(await kube.remove(configMaps, at('once'), { uid: made.metadata.uid }), true);
  assert.equal(await kube.remove(configMaps, at('once')), false);
  assert.equal(await kube.get(configMaps, at('once')), undefined);
});

test('a kind that the API server does not know proves no absence', need, async () => {
  const unknown = { ...configMaps, group: 'none.coffer', plural: 'nothings' };
  assert.equal((await failing(kube.get(unknown, at('x')))).status, 404);
  assert.equal((await failing(kube.remove(unknown, at('x')))).status, 404);
});

test('server-side apply conflicts over the fields of others, and names them', need, async () => {
  await kube.apply(configMaps, named('shared', { data: { k: '1' } }), { fieldManager: 'other' });
  const error = await failing(kube.apply(configMaps, named('shared', { data: { k: '2' } }), us));
  assert.ok(isConflict(error));
  assert.deepEqual(error.fields, ['.data.k']);
  assert.match(error.message, /apply configmaps default\/shared: .*other/);
  const taken = await kube.apply(configMaps, named('shared', { data: { k: '2' } }), { ...us, force: true });
  assert.deepEqual(taken['data'], { k: '2' });
  assert.deepEqual(
    taken.metadata.managedFields?.map(one => [one.manager, one.operation]),
    [['coffer', 'Apply']],
  );
});

test('an apply or a patch of an older version conflicts', need, async () => {
  const first = await kube.apply(configMaps, named('aging', { data: { k: '1' } }), us);
  await kube.mergePatch(configMaps, at('aging'), { patch: { data: { k: '2' } } });
  const { resourceVersion = '' } = first.metadata;
  const old = { ...named('aging'), metadata: { ...at('aging'), resourceVersion } };
  assert.ok(isConflict(await failing(kube.apply(configMaps, old, us))));
  assert.ok(
    isConflict(await failing(kube.mergePatch(configMaps, at('aging'), { patch: { metadata: { resourceVersion } } }))),
  );
});

test('a status is patched on its own', need, async () => {
  const patched = await kube.mergePatch(
    namespaces,
    { name: 'default' },
    {
      patch: {
        status: { conditions: [{ type: 'Test', status: 'True', reason: 'R', message: 'm', lastTransitionTime: null }] },
      },
      subresource: 'status',
      fieldManager: 'coffer',
    },
  );
  assert.equal(patched.kind, 'Namespace');
  assert.match(JSON.stringify(patched['status']), /"type":"Test"/);
});

test('what is wrong with a Secret is said without what stands in it', need, async () => {
  const wrong = { ...named('wrong'), kind: 'Secret', data: { password: 'canary%' } };
  const error = await failing(kube.apply(secrets, wrong, us));
  assert.ok(isInvalid(error) || error.status === 500, error.message);
  assert.doesNotMatch(`${error.stack}`, /canary/);
  const number = { ...named('wrong'), kind: 'Secret', stringData: { password: ['canary'] } };
  assert.doesNotMatch(`${(await failing(kube.apply(secrets, number, us))).stack}`, /canary/);
});

test('a list of many pages is whole and of one version', need, async () => {
  await kube.create(namespaces, { ...named('crowd'), kind: 'Namespace', metadata: { name: 'crowd' } });
  const names = Array.from({ length: 1_203 }, (_, index) => `n-${index}`);
  await Promise.all(
    names.map(name =>
      kube.create(configMaps, {
        ...named(name),
        metadata: { name, namespace: 'crowd', labels: { odd: String(Number(name.slice(2)) % 2) } },
      }),
    ),
  );
  const all = await kube.list(configMaps, { namespace: 'crowd', labelSelector: 'odd' });
  assert.equal(new Set(all.items.map(({ metadata }) => metadata.name)).size, names.length);
  const odd = await kube.list(configMaps, { namespace: 'crowd', labelSelector: 'odd=1' });
  assert.equal(odd.items.length, 601);
});

const canary = Buffer.from('canary-of-a-secret').toString('base64');

test('metadata alone shows nothing of what lies in Secrets, listed or watched', need, async () => {
  await kube.create(secrets, { ...named('listed'), kind: 'Secret', data: { k: canary } });
  const list = await kube.list(secrets, { namespace: 'default', metadataOnly: true });
  assert.deepEqual(
    list.items.map(({ kind, metadata }) => `${kind} ${metadata.name}`),
    ['Secret listed'],
  );
  const aborter = new AbortController();
  const from = { namespace: 'default', metadataOnly: true, resourceVersion: list.resourceVersion };
  await kube.create(secrets, { ...named('watched'), kind: 'Secret', data: { k: canary } });
  for await (const { type, object } of kube.watch(secrets, from, aborter.signal)) {
    assert.equal(`${type} ${object.metadata.name}`, 'added watched');
    assert.doesNotMatch(JSON.stringify([object, list]), new RegExp(canary));
    break;
  }
});

test('a question is answered', need, async () => {
  const review = await kube.ask('/apis/authentication.k8s.io/v1/tokenreviews', {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenReview',
    spec: { token: 'canary' },
  });
  assert.notEqual((review['status'] as { authenticated?: boolean }).authenticated, true);
});

test('what is followed goes on after the API server was away, with nothing lost or told twice', need, async () => {
  const aborter = new AbortController();
  const told: string[] = [];
  const changed = (change: Change<string>): void =>
    void told.push(`${change.type} ${change.at.name} ${change.remembered}`);
  const project = (object: KubeObject): string => (object['data'] as { k?: string } | undefined)?.k ?? '';
  const sink = { changed, synced: () => void told.push('synced') };
  const selection = { namespace: 'default', labelSelector: 'followed' };
  const following = follow(
    { reader: kube, resource: configMaps, selection, project, sink, clock, random, log },
    aborter.signal,
  );
  const put = (name: string, k: string) =>
    kube.apply(
      configMaps,
      { ...named(name, { data: { k } }), metadata: { ...at(name), labels: { followed: '' } } },
      us,
    );
  const heard = (text: string) => until(text, async () => told.includes(text) || undefined);
  await heard('synced');
  await put('f', '1');
  await heard('added f 1');
  await cluster.apiServer.stop();
  assert.equal((await failing(kube.create(configMaps, named('away')))).code, 'unreachable');
  await cluster.apiServer.start();
  await put('f', '2');
  await heard('modified f 2');
  await kube.remove(configMaps, at('f'));
  await heard('deleted f 2');
  aborter.abort();
  await following;
  assert.deepEqual(told, ['synced', 'added f 1', 'modified f 2', 'deleted f 2']);
});

test('a version that nobody keeps is expired', need, async () => {
  // An API server that starts keeps what comes from then on.
  await cluster.apiServer.stop();
  await cluster.apiServer.start();
  const watch = kube.watch(pods, { resourceVersion: '1' }, new AbortController().signal);
  const error = await failing(
    (async () => {
      for await (const _ of watch) continue;
    })(),
  );
  assert.ok(isExpired(error), error.message);
});
