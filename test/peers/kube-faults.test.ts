/** A resource of a real API server is followed over a line that breaks, falls silent, and stays away too long. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { Clock } from '../../packages/server/src/contracts/clock.ts';
import type { KubeObject, Resource } from '../../packages/server/src/contracts/kube.ts';
import type { Log } from '../../packages/server/src/contracts/log.ts';
import { realClock } from '../../packages/server/src/platform/clock/real.ts';
import { type Connection, connectKube } from '../../packages/server/src/platform/kube/connect.ts';
import { type Change, follow } from '../../packages/server/src/platform/kube/follow.ts';
import { realRandom } from '../../packages/server/src/platform/random/real.ts';
import { type Cluster, needCluster, startCluster } from './cluster/cluster.ts';
import { type Line, lineTo } from './cluster/line.ts';
import { until } from './cluster/processes.ts';

const need = { skip: needCluster.skip };
const random = realRandom();
const real = realClock();
/** Waits of more than some seconds are cut down to them, so that a silent watch is given up soon. */
const hasty: Clock = { ...real, after: (delayMs, task) => real.after(Math.min(delayMs, 5_000), task) };
const log: Log = { write: () => undefined, with: () => log };
const configMaps: Resource = { group: '', version: 'v1', plural: 'configmaps', kind: 'ConfigMap', namespaced: true };

let cluster: Cluster;
let line: Line;
/** Over the line, and beside it. */
let over: Connection;
let beside: Connection;
const told: string[] = [];
const stop = new AbortController();
let following: Promise<void>;

before(async () => {
  if (need.skip !== false) return;
  cluster = await startCluster();
  const own = new URL(cluster.server);
  line = await lineTo(Number(own.port));
  const kubeconfig = path.join(cluster.folder, 'over-the-line');
  writeFileSync(kubeconfig, cluster.kubeconfig.text.replaceAll(own.host, `127.0.0.1:${line.port}`));
  const usual = { random, environment: new Map<string, string>() };
  over = await connectKube({ ...usual, clock: hasty, kubeconfig });
  beside = await connectKube({ ...usual, clock: real, kubeconfig: cluster.kubeconfig.path });
  const project = (object: KubeObject): string => (object['data'] as { k: string }).k;
  const sink = {
    changed: ({ type, at, remembered }: Change<string>) => void told.push(`${type} ${at.name} ${remembered}`),
    synced: () => void told.push('synced'),
  };
  const selection = { namespace: 'default', labelSelector: 'followed' };
  const options = { reader: over.kube, resource: configMaps, selection, project, sink, clock: hasty, random, log };
  following = follow(options, stop.signal);
  await heard('synced');
});
after(async () => {
  stop.abort();
  await following;
  over?.close();
  beside?.close();
  line?.close();
  await cluster?.stop();
});

const heard = (text: string) => until(text, async () => told.includes(text) || undefined);
const put = (name: string, k: string) => {
  const metadata = { name, namespace: 'default', labels: { followed: '' } };
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { k } };
  return beside.kube.apply(configMaps, object, { fieldManager: 'test' });
};
const remove = (name: string) => beside.kube.remove(configMaps, { namespace: 'default', name });
/** What is told from now on. */
const fresh = (): void => void told.splice(0);

test('what happened while the line was cut is told once it is back, without a list', need, async () => {
  fresh();
  await put('a', '1');
  await put('b', '1');
  await heard('added b 1');
  line.set('cut');
  await put('a', '2');
  await remove('b');
  line.set('open');
  await heard('deleted b 1');
  assert.deepEqual(told, ['added a 1', 'added b 1', 'modified a 2', 'deleted b 1']);
});

test('a line that fell silent is noticed, and nothing is missed', need, async () => {
  fresh();
  line.set('silent');
  await put('a', '3');
  line.set('open');
  await heard('modified a 3');
  assert.deepEqual(told, ['modified a 3']);
});

test('where the API server has forgotten what came between, what vanished is told as deleted', need, async () => {
  fresh();
  await put('c', '1');
  await put('d', '1');
  await heard('added d 1');
  line.set('cut');
  await remove('c');
  await put('d', '2');
  await put('e', '1');
  await cluster.apiServer.stop();
  await cluster.apiServer.start();
  await put('e', '2');
  line.set('open');
  await heard('synced');
  assert.deepEqual(told, ['added c 1', 'added d 1', 'modified d 2', 'added e 2', 'deleted c 1', 'synced']);
});

test('an API server that stopped answering is waited for', need, async () => {
  fresh();
  process.kill(cluster.apiServer.pid(), 'SIGSTOP');
  const putting = put('a', '4');
  await new Promise(done => setTimeout(done, 1_000));
  process.kill(cluster.apiServer.pid(), 'SIGCONT');
  await putting;
  await heard('modified a 4');
  assert.deepEqual(told, ['modified a 4']);
});
