/** `coffer operator`: what it is told, what it says, and when it ends. */
import { realClock } from '../../platform/clock/real.ts';
import { type Connection, connectKube } from '../../platform/kube/connect.ts';
import { lead } from '../../platform/kube/election.ts';
import { openLog } from '../../platform/log/standard.ts';
import { abort, environment, harden, onSignals, output, stayAlive } from '../../platform/process/process.ts';
import { realRandom } from '../../platform/random/real.ts';
import { type OperatorSettings, operatorHelp, parseOperatorFlags } from './flags.ts';
import { listenForOperator } from './listener.ts';
import { OperatorMetrics } from './metrics.ts';
import { operatorWork, type OperatorSurroundings } from './run.ts';

const userAgent = 'coffer-operator';

/** Runs until a signal ends it; answers the exit code. */
export const operatorCommand = async (argv: readonly string[]): Promise<number> => {
  const settings = parseOperatorFlags(argv);
  if (settings === undefined) {
    output.out(operatorHelp());
    return 0;
  }
  harden();
  const signalled = firstSignal();
  const log = openLog({ level: settings.logLevel, format: settings.logFormat, write: line => output.err(line) });
  const [clock, random] = [realClock(), realRandom()];
  const { kubeconfig, context } = settings;
  const connection = await connectKube({ clock, random, environment: environment(), kubeconfig, context, userAgent });
  const metrics = new OperatorMetrics();
  const progress = { isReady: false };
  const state = { isReady: () => progress.isReady, metrics: () => metrics.text() };
  const listening = await listenForOperator(settings.listeners, state, { clock, log });
  for (const address of listening.addresses) output.out(`==> Coffer operator listens on ${address}\n`);
  const release = stayAlive();
  const around = { connection, clock, random, log, instance: instanceOf(random.uuid()), observer: metrics };
  try {
    await untilEnd(settings, { around, signalled, ready: () => (progress.isReady = true) });
  } finally {
    release();
    await listening.close();
    connection.close();
  }
  return 0;
};

/** The pod's name, and something that no other process has. */
const instanceOf = (unique: string): string => {
  const variables = environment();
  return `${variables.get('POD_NAME') ?? variables.get('HOSTNAME') ?? 'coffer-operator'}_${unique}`;
};

interface Ending {
  readonly around: OperatorSurroundings;
  readonly signalled: AbortSignal;
  /** It works, or waits for its turn. */
  readonly ready: () => void;
}

const untilEnd = async (settings: OperatorSettings, { around, signalled, ready }: Ending): Promise<void> => {
  const { connection, log } = around;
  const work = operatorWork(settings, around, () => {
    ready();
    output.out(`==> Coffer operator started! cluster ${connection.server}\n`);
  });
  signalled.addEventListener('abort', () => output.out('==> Coffer operator shutdown triggered\n'));
  if (!(settings.leaderElection ?? isInCluster(connection))) return work(signalled);
  output.out(`==> Coffer operator waits! cluster ${connection.server}: it works while no other replica does\n`);
  ready();
  const lease = { namespace: connection.namespace, name: settings.leaderElectionId };
  const { clock, random, instance } = around;
  await lead({ kube: connection.kube, clock, random, log, lease, identity: instance }, work, signalled);
};

const isInCluster = ({ context }: Connection): boolean => context === undefined;

/** Aborted by the first signal; the second one does not wait. */
const firstSignal = (): AbortSignal => {
  const heard = new AbortController();
  onSignals(['SIGINT', 'SIGTERM'], () => {
    if (heard.signal.aborted) abort(1);
    heard.abort();
  });
  return heard.signal;
};
