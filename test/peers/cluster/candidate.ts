/** Stands for election until it is killed: `candidate.ts KUBECONFIG IDENTITY`. */
import type { Log } from '../../../packages/server/src/contracts/log.ts';
import { realClock } from '../../../packages/server/src/platform/clock/real.ts';
import { connectKube } from '../../../packages/server/src/platform/kube/connect.ts';
import { lead } from '../../../packages/server/src/platform/kube/election.ts';
import { realRandom } from '../../../packages/server/src/platform/random/real.ts';

const [kubeconfig, identity = ''] = process.argv.slice(2);
const clock = realClock();
const random = realRandom();
const log: Log = { write: () => undefined, with: () => log };
const { kube } = await connectKube({ clock, random, environment: new Map(), kubeconfig });
const lease = { namespace: 'default', name: 'operator' };
const times = { leaseDurationMs: 6_000, renewDeadlineMs: 4_000, retryPeriodMs: 500 };
const never = new AbortController().signal;
await lead({ kube, clock, random, log, lease, identity, times }, () => new Promise<void>(() => undefined), never);
