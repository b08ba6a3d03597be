/** A real API server that refuses what is too much at once: the client comes back until everything is done, once. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Resource } from '../../packages/server/src/contracts/kube.ts';
import { realClock } from '../../packages/server/src/platform/clock/real.ts';
import { type Connection, connectKube } from '../../packages/server/src/platform/kube/connect.ts';
import { realRandom } from '../../packages/server/src/platform/random/real.ts';
import { accountToken, bindAccount, makeAccount } from './cluster/accounts.ts';
import { type Cluster, needCluster, startCluster } from './cluster/cluster.ts';
import { tokenKubeconfig } from './cluster/kubeconfig.ts';

const need = { skip: needCluster.skip };
const configMaps: Resource = { group: '', version: 'v1', plural: 'configmaps', kind: 'ConfigMap', namespaced: true };
const account = 'busy/worker';
const objects = 200;
/** Administrators are never refused; everybody else is at once, above the plain limits, which have no queue. */
const serverFlags = [
  '--enable-priority-and-fairness=false',
  '--max-requests-inflight=2',
  '--max-mutating-requests-inflight=1',
];

let cluster: Cluster;
let connection: Connection;

before(async () => {
  if (need.skip !== false) return;
  cluster = await startCluster({ serverFlags });
  await makeAccount(cluster, account);
  await bindAccount(cluster, account, 'cluster-admin');
  const kubeconfig = tokenKubeconfig(cluster, await accountToken(cluster, account));
  connection = await connectKube({ clock: realClock(), random: realRandom(), environment: new Map(), kubeconfig });
});
after(async () => {
  connection?.close();
  await cluster?.stop();
});

test('429 of a real API server: every write arrives, and none twice', need, async () => {
  const names = Array.from({ length: objects }, (_, n) => `object-${n}`);
  const made = await Promise.all(
    names.map(name =>
      connection.kube.create(configMaps, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name, namespace: 'busy' },
        data: { name },
      }),
    ),
  );
  assert.deepEqual(
    made.map(({ metadata }) => metadata.name),
    names,
  );
  const asked = cluster
    .audit()
    .filter(({ verb, user }) => verb === 'create' && user?.username === 'system:serviceaccount:busy:worker');
  const withStatus = (code: number): number => asked.filter(event => event.responseStatus?.code === code).length;
  assert.ok(withStatus(429) > 0, 'nothing was refused: the test shows nothing');
  assert.equal(withStatus(201), objects);
});
