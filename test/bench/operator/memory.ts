/** Memory of the operator beside many Secrets of others. */
import { setTimeout as pause } from 'node:timers/promises';
import { residentMiB } from '../process-usage.ts';
import { makeForeign, namesOf } from './objects.ts';
import { forAll } from './parallel.ts';
import type { Place } from './place.ts';

export interface Memory {
  readonly foreign: number;
  /** MiB, of an operator that was started a while ago: without them; after they came; of another, started beside them. */
  readonly beforeMiB: number;
  readonly afterMiB: number;
  readonly restartedMiB: number;
}

const settleMs = 5000;

const settled = async ({ operator }: Place): Promise<number> => {
  await pause(settleMs);
  return residentMiB(operator().pid);
};

export const measureMemory = async (place: Place, foreign: number): Promise<Memory> => {
  const { bed, kube, restart } = place;
  await restart();
  const beforeMiB = await settled(place);
  const space = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'foreign' } };
  await bed.cluster.api.ask('/api/v1/namespaces', { method: 'POST', body: space });
  await forAll(namesOf('foreign', foreign), name => makeForeign(kube, name));
  const afterMiB = await settled(place);
  await restart();
  return { foreign, beforeMiB, afterMiB, restartedMiB: await settled(place) };
};
