/** Leader election and events on a real API server: a leader that is killed is followed by the other one. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { Kube, KubeObject, Resource } from '../../packages/server/src/contracts/kube.ts';
import type { Log } from '../../packages/server/src/contracts/log.ts';
import { realClock } from '../../packages/server/src/platform/clock/real.ts';
import { type Connection, connectKube } from '../../packages/server/src/platform/kube/connect.ts';
import { lead, leases } from '../../packages/server/src/platform/kube/election.ts';
import { eventTeller } from '../../packages/server/src/platform/kube/events.ts';
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

const lease = { namespace: 'default', name: 'operator' };
const specOf = async (): Promise<{ readonly [name: string]: unknown }> =>
  ((await kube.get(leases, lease))?.['spec'] ?? {}) as { readonly [name: string]: unknown };
const holds = (identity: string) =>
  until(`${identity} leads`, async () => (await specOf())['holderIdentity'] === identity || undefined);

const times = { leaseDurationMs: 6_000, renewDeadlineMs: 4_000, retryPeriodMs: 500 };
const options = (identity: string) => ({ kube, clock, random, log, lease, identity, times });
const waitFor = (signal: AbortSignal): Promise<void> =>
  new Promise(done => (signal.aborted ? done() : signal.addEventListener('abort', () => done(), { once: true })));

test(
  'of two candidates one leads; when it is killed the other one does, and gives back what it has',
  need,
  async () => {
    const program = path.join(import.meta.dirname, 'cluster', 'candidate.ts');
    const child = spawn(process.execPath, [program, cluster.kubeconfig.path, 'killed'], { stdio: 'ignore' });
    await holds('killed');
    const terms: string[] = [];
    const stop = new AbortController();
    const leading = lead(
      options('other'),
      async signal => {
        terms.push('begin');
        await waitFor(signal);
        terms.push('end');
      },
      stop.signal,
    );
    await new Promise(done => setTimeout(done, times.leaseDurationMs + times.retryPeriodMs));
    assert.deepEqual([terms, (await specOf())['holderIdentity']], [[], 'killed']);
    child.kill('SIGKILL');
    await holds('other');
    await until('the work begins', async () => terms.includes('begin') || undefined);
    stop.abort();
    await leading;
    assert.deepEqual(terms, ['begin', 'end']);
    const { holderIdentity, leaseTransitions } = await specOf();
    assert.deepEqual([holderIdentity, leaseTransitions], ['', 1]);
  },
);

test('a leader whose API server goes away stops, and leads again once it is back', need, async () => {
  const terms: string[] = [];
  const stop = new AbortController();
  const leading = lead(
    options('lonely'),
    async signal => {
      terms.push('begin');
      await waitFor(signal);
      terms.push('end');
    },
    stop.signal,
  );
  await until('the work begins', async () => terms.includes('begin') || undefined);
  await cluster.apiServer.stop();
  await until('the work ends', async () => terms.includes('end') || undefined);
  await cluster.apiServer.start();
  await until('the work begins again', async () => terms.length === 3 || undefined);
  stop.abort();
  await leading;
  assert.deepEqual(terms, ['begin', 'end', 'begin', 'end']);
});

const configMaps: Resource = { group: '', version: 'v1', plural: 'configmaps', kind: 'ConfigMap', namespaced: true };
const events: Resource = { ...configMaps, plural: 'events', kind: 'Event' };

test('events are told of an object, and repetitions are counted', need, async () => {
  const aborter = new AbortController();
  const teller = eventTeller({ kube, clock, random, log, component: 'coffer', instance: 'one' }, aborter.signal);
  const metadata = { name: 'told', namespace: 'default' };
  const about = await kube.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata });
  const happening = { type: 'Warning', reason: 'Denied', note: 'the store denies it' } as const;
  const selection = { namespace: 'default', fieldSelector: 'involvedObject.name=told' };
  const counted = (count: number) =>
    until(`it is counted ${count} times`, async () => {
      const { items } = await kube.list(events, selection);
      return items.length === 1 && (items[0] as KubeObject)['count'] === count ? true : undefined;
    });
  teller.tell(about, happening);
  await counted(1);
  teller.tell(about, happening);
  teller.tell(about, happening);
  await counted(3);
  aborter.abort();
  assert.match(await cluster.kubectl(['describe', 'configmap', 'told']), /Warning\s+Denied\s.*the store denies it/);
});
