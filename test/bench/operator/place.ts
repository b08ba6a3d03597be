/** One cluster with one store and one operator, and what of it is looked at. */
import { realClock } from '../../../packages/server/src/platform/clock/real.ts';
import { connectKube } from '../../../packages/server/src/platform/kube/connect.ts';
import { realRandom } from '../../../packages/server/src/platform/random/real.ts';
import type { Kube } from '../../../packages/server/src/contracts/kube.ts';
import { type Bed, startBed } from '../../peers/operator/bed.ts';
import { makeSecretStore } from './objects.ts';
import { type OperatorProcess, startOperator } from './operator-process.ts';
import type { OperatorBenchOptions } from './options.ts';
import type { SetUp } from './setup.ts';
import { Sight } from './sight.ts';

export interface Place {
  readonly bed: Bed;
  /** Of the bench itself. */
  readonly kube: Kube;
  readonly sight: Sight;
  readonly operator: () => OperatorProcess;
  /** Another operator after the one there is has ended. */
  readonly restart: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export const openPlace = async (setUp: SetUp, options: OperatorBenchOptions): Promise<Place> => {
  const bed = await startBed();
  try {
    return await furnish(bed, setUp, options);
  } catch (cause) {
    await bed.stop();
    throw cause;
  }
};

const furnish = async (bed: Bed, setUp: SetUp, { flags, profiles }: OperatorBenchOptions): Promise<Place> => {
  const { cluster, store } = bed;
  const connection = await connectKube({
    clock: realClock(),
    random: realRandom(),
    environment: new Map(),
    kubeconfig: cluster.kubeconfig.path,
    userAgent: 'bench',
  });
  const { kube } = connection;
  const sight = new Sight();
  await sight.open(kube);
  await makeSecretStore(kube, store.address, await setUp.prepare(bed, kube));
  let operator = await startOperator({ cluster, flags, profiles });
  return {
    bed,
    kube,
    sight,
    operator: () => operator,
    restart: async () => {
      await operator.stop();
      operator = await startOperator({ cluster, flags, profiles });
    },
    close: async () => {
      await operator.stop();
      sight.close();
      connection.close();
      await bed.stop();
    },
  };
};
