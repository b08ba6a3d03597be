/** The tour of the page about login from a cluster, run as it is printed, against a real API server. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { type Cluster, needCluster, startCluster } from './cluster/cluster.ts';
import { newFolder, type ServerProcess, startServer } from './server.ts';
import { blocksBelow, runTour } from './tour.ts';

const { skip } = needCluster;
let server: ServerProcess;
let cluster: Cluster;
const folder = newFolder();
const data = path.join(folder, 'data');

before(async () => {
  if (skip !== false) return;
  cluster = await startCluster();
  server = await startServer({
    args: ['-embedded', `-data=${data}`, '-listen=127.0.0.1:0'],
    folder,
    ready: /running at (http:\/\/[^\s]+)[\s\S]*The seal key opens the data/,
  });
});

after(() => Promise.all([cluster?.stop(), server?.stop()]));

test('the tour of login from a cluster answers as printed', { skip }, async () => {
  const steps = await runTour({
    blocks: blocksBelow('docs/kubernetes-auth.md', 'A short tour'),
    home: newFolder(),
    env: {
      COFFER_ADDR: server.address,
      COFFER_TOKEN: readFileSync(path.join(data, 'root-token'), 'utf8').trim(),
      KUBECONFIG: cluster.kubeconfig.path,
    },
    change: script => `cd '${folder}'\nPATH="${needCluster.path}:$PATH"\n${script}`,
  });
  assert.ok(steps >= 15, 'the tour has its steps');
});
