/** The tour of the page about the doctor, run as it is printed, against a real API server and a real store. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { needCluster } from './cluster/cluster.ts';
import { type FakeKubelet, startFakeKubelet } from './cluster/fake-kubelet.ts';
import { type Bed, need, type OperatorProcess, startBed, startOperator } from './operator/bed.ts';
import { newFolder } from './server.ts';
import { blocksBelow, runTour } from './tour.ts';

let bed: Bed;
let operator: OperatorProcess;
let kubelet: FakeKubelet;

before(async () => {
  if (need.skip !== false) return;
  bed = await startBed();
  operator = await startOperator(bed.cluster, '-enable-leader-election=true');
  kubelet = await startFakeKubelet(bed.cluster);
  await bed.makeStore('coffer');
  await bed.wants('db', 'team/db');
});
after(async () => {
  await kubelet?.stop();
  await operator?.stop();
  await bed?.stop();
});

/** Whoever reads takes longer than a second; times of the API server are whole ones. */
const slowly = (script: string): string => script.replace(/^(coffer kv put .*second)/m, 'sleep 2\n$1');

test('the tour of the doctor answers as printed', need, async () => {
  const steps = await runTour({
    blocks: blocksBelow('docs/doctor.md', 'A short tour'),
    home: newFolder(),
    env: {
      COFFER_ADDR: bed.store.address,
      COFFER_TOKEN: bed.store.api.token ?? '',
      KUBECONFIG: bed.cluster.kubeconfig.path,
    },
    change: script => `PATH="${needCluster.path}:$PATH"\n${slowly(script)}`,
  });
  assert.ok(steps >= 11, 'the tour has its steps');
});
