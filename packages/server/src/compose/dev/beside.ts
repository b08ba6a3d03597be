/**
 * A cluster beside the store of this process: set up once the store runs, with the operator in this process until it
 * ends. Everything made is named as it is made, with how it goes again.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Log } from '../../contracts/log.ts';
import { pemsOf } from '../../platform/jose/pems.ts';
import { output } from '../../platform/process/process.ts';
import { realRandom } from '../../platform/random/real.ts';
import { parseOperatorFlags } from '../operator/flags.ts';
import { operatorWork } from '../operator/run.ts';
import { rootTokenFile } from '../server/embedded.ts';
import type { Running } from '../server/start.ts';
import { storeClient } from './client.ts';
import { setUpCluster, storeCondition } from './cluster.ts';
import { devName, storeName } from './names.ts';
import { type DevCluster, type DevOptions, openCluster } from './open.ts';
import { setUpStore } from './store.ts';
import { clusterLine, storeLine, tryThis, undoAll } from './told.ts';

export interface Beside {
  /** Sets up store and cluster; answers the store with both, which end together. */
  start(running: Running): Promise<Running>;
}

/** Throws `usage`, `permission_denied` or `unreachable` before anything is changed. */
export const openBeside = async (options: DevOptions, log: Log): Promise<Beside> => {
  const cluster = await openCluster(options, 'set up');
  return {
    start: async running => {
      const [address = ''] = running.addresses;
      const operator = new Operator(cluster, log);
      const close = async (): Promise<void> => {
        await operator.stop();
        cluster.connection.close();
        await running.close();
      };
      try {
        await setUp(cluster, options, address);
        operator.start();
        await announce(cluster, options, address);
      } catch (cause) {
        await close();
        throw cause;
      }
      return { ...running, close };
    },
  };
};

const setUp = async (cluster: DevCluster, { folder }: DevOptions, address: string): Promise<void> => {
  const { connection } = cluster;
  const pemKeys = pemsOf(await connection.tokenKeys());
  const client = await storeClient(address, folder);
  output.out('==> In the store:\n');
  await setUpStore(client, { server: connection.server, pemKeys }, done => output.out(storeLine(done)));
  output.out('==> In the cluster:\n');
  await setUpCluster(cluster, address, done => output.out(clusterLine(done)));
};

/** Nobody asks this process for its numbers. */
const observer = { settled: () => undefined, gone: () => undefined };

/** The one of this process. That it fails ends neither the store nor what is in the cluster. */
class Operator {
  readonly #cluster: DevCluster;
  readonly #log: Log;
  readonly #end = new AbortController();
  #work: Promise<void> = Promise.resolve();

  constructor(cluster: DevCluster, log: Log) {
    this.#cluster = cluster;
    this.#log = log;
  }

  start(): void {
    const { connection, clock } = this.#cluster;
    const random = realRandom();
    const settings = parseOperatorFlags([`-controller-class=${devName}`]);
    if (settings === undefined) return;
    const around = { connection, clock, random, log: this.#log, observer, instance: `${devName}_${random.uuid()}` };
    const work = operatorWork(settings, around, () => undefined);
    this.#work = work(this.#end.signal).catch((cause: unknown) => {
      this.#log.write('error', 'the operator has ended; start anew to go on', {
        reason: cause instanceof CofferError ? cause.publicMessage : 'a fault of its own',
      });
    });
  }

  async stop(): Promise<void> {
    this.#end.abort();
    await this.#work;
  }
}

const announce = async (cluster: DevCluster, { folder }: DevOptions, address: string): Promise<void> => {
  const { context, kubeconfig } = cluster;
  const condition = await storeCondition(cluster);
  const said = condition === undefined ? 'nothing yet; look at its status' : condition.message;
  output.out(
    `==> The operator runs in this process. ClusterSecretStore ${storeName}: ${said}\n    When this ends, everything stays as it is. ${undoAll({ kubeconfig, context }, folder)}`,
  );
  output.out(tryThis({ address, kubeconfig, context, tokenFile: rootTokenFile(folder) }));
};
