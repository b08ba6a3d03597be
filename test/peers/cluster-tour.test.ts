/** The tour of the README into a cluster, run as it is printed; the fake kubelet tells what the pod was given. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { type Cluster, needCluster, startCluster } from './cluster/cluster.ts';
import { type FakeKubelet, startFakeKubelet } from './cluster/fake-kubelet.ts';
import { until } from './cluster/processes.ts';
import { newFolder, type ServerProcess, startServer } from './server.ts';
import { blocksBelow, runTour } from './tour.ts';

const need = { skip: needCluster.skip };
const folder = newFolder();
const data = path.join(folder, 'coffer-data');
let cluster: Cluster;
let kubelet: FakeKubelet;
let server: ServerProcess;

before(async () => {
  if (need.skip !== false) return;
  cluster = await startCluster();
  kubelet = await startFakeKubelet(cluster);
  server = await startServer({
    args: ['-embedded', `-data=${data}`, '-listen=127.0.0.1:0', `-kubeconfig=${cluster.kubeconfig.path}`],
    folder,
    ready: /running at (http:\/\/\S+)[\s\S]*store validated[\s\S]*the Secret has followed/,
  });
});

after(async () => {
  await server?.stop();
  await kubelet?.stop();
  await cluster?.stop();
});

const sees = () => {
  const seen = kubelet.sees('default', 'shop');
  return [seen?.env['DB_USER'], seen?.files['/etc/database/username']];
};

test('the tour into a cluster answers as printed, and ends with the secret in the pod', need, async () => {
  const change = (script: string): string =>
    script
      .replaceAll('http://127.0.0.1:8200', server.address)
      .replaceAll('coffer-data/', `${data}/`)
      .replaceAll('$HOME/.kube/config', cluster.kubeconfig.path);
  process.env['PATH'] = `${needCluster.path}:${process.env['PATH'] ?? ''}`;
  await runTour({
    blocks: [
      '$ export COFFER_ADDR=http://127.0.0.1:8200 COFFER_TOKEN="$(cat coffer-data/root-token)"\n',
      '$ coffer import -f docs/examples/manifests >/dev/null 2>&1\n',
      // The first block of the page starts the server and is the test's own.
      ...blocksBelow('README.md', 'Into a cluster').slice(1),
    ],
    home: folder,
    change,
  });
  await until('the pod sees the change', async () => (sees()[1] === 'ada' ? true : undefined));
  assert.deepEqual(sees(), ['shop', 'ada']);
});
