/**
 * `npm run cluster`: a control plane and the fake kubelet, until a signal ends them. Real API server, controllers and
 * storage; pods are told to run, and nothing of them does.
 */
import { ensure } from '../../counterparts/counterpart.ts';
import { kubernetes } from '../../counterparts/kubernetes.ts';
import { cacheFolder } from '../../run/environment.ts';

const say = (text: string): boolean => process.stdout.write(`${text}\n`);
await ensure(kubernetes, { cache: cacheFolder(), mayInstall: process.env['COFFER_NO_INSTALL'] === undefined, say });
// What they need is looked for when they are loaded: after it has been made.
const { needCluster, startCluster } = await import('./cluster.ts');
const { startFakeKubelet } = await import('./fake-kubelet.ts');

if (needCluster.skip !== false) {
  process.stderr.write(`${needCluster.skip}\n`);
  process.exit(1);
}
const cluster = await startCluster();
const kubelet = await startFakeKubelet(cluster);
say(`==> A Kubernetes control plane runs at ${cluster.server}
    It has no real node: pods are marked as running, their programs are not started. Ctrl-C ends it, with all that is in it.

    export KUBECONFIG=${cluster.kubeconfig.path}
    export PATH="${needCluster.path}:$PATH"   # kubectl
`);
let ending = false;
/** Terminals and process managers may send a signal twice: the second must not cut the first one's work off. */
const end = (): void => {
  if (ending) return;
  ending = true;
  void kubelet
    .stop()
    .then(() => cluster.stop())
    .then(() => process.exit(0));
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
