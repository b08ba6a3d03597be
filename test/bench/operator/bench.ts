/** The whole bench of the operator: set-ups and rounds, each round in a cluster and with a store of its own. */
import { setTimeout as pause } from 'node:timers/promises';
import { peakMiB, residentMiB } from '../process-usage.ts';
import { type Latency, latencyAtRest, latencyUnderLoad } from './latency.ts';
import { measureMemory, type Memory } from './memory.ts';
import { namesOf } from './objects.ts';
import type { OperatorBenchOptions } from './options.ts';
import { fillStore, type Phase, type PhaseName, phaseNames, runPhase } from './phases.ts';
import { openPlace, type Place } from './place.ts';
import { type SetUp, setUps } from './setup.ts';

export interface Round {
  readonly phases: { readonly [P in PhaseName]: Phase };
  /** MiB; of an operator with nothing to do, and the most of it in the three phases. */
  readonly idleMiB: number;
  readonly peakMiB: { readonly operator: number; readonly store: number; readonly apiServer: number };
  readonly atRest: Latency | undefined;
  readonly underLoad: Latency | undefined;
}

export interface Measured {
  readonly name: string;
  readonly objects: number;
  readonly rounds: readonly Round[];
  readonly memory: Memory | undefined;
}

export type Say = (text: string) => void;

const settleMs = 2000;

const runPhases = async (place: Place, names: readonly string[], say: Say): Promise<Round['phases']> => {
  const phases: { [P in PhaseName]?: Phase } = {};
  for (const name of phaseNames) {
    const phase = await runPhase(place, name, names);
    say(`  ${name}: ${phase.seconds.toFixed(1)} s`);
    phases[name] = phase;
  }
  return phases as Round['phases'];
};

const runRound = async (place: Place, { objects, samples }: OperatorBenchOptions, say: Say): Promise<Round> => {
  const names = namesOf('one', objects);
  await fillStore(place, names);
  await pause(settleMs);
  const idleMiB = residentMiB(place.operator().pid);
  const phases = await runPhases(place, names, say);
  const { store, cluster } = place.bed;
  const peaks = {
    operator: peakMiB(place.operator().pid),
    store: peakMiB(store.pid()),
    apiServer: peakMiB(cluster.apiServer.pid()),
  };
  if (samples === 0) return { phases, idleMiB, peakMiB: peaks, atRest: undefined, underLoad: undefined };
  const atRest = await latencyAtRest(place, names, samples);
  const underLoad = await latencyUnderLoad(place, { names, others: namesOf('two', objects), samples });
  return { phases, idleMiB, peakMiB: peaks, atRest, underLoad };
};

const measureSetUp = async (setUp: SetUp, options: OperatorBenchOptions, say: Say): Promise<Measured> => {
  const rounds: Round[] = [];
  let memory: Memory | undefined;
  for (let round = 0; round < options.rounds; round += 1) {
    say(`${setUp.name}, round ${round + 1} …`);
    const place = await openPlace(setUp, options);
    try {
      rounds.push(await runRound(place, options, say));
      const isLast = round + 1 === options.rounds && setUp === setUps.at(-1);
      if (isLast && options.foreign > 0) memory = await measureMemory(place, options.foreign);
    } finally {
      await place.close();
    }
  }
  return { name: setUp.name, objects: options.objects, rounds, memory };
};

export const runOperatorBench = async (options: OperatorBenchOptions, say: Say): Promise<readonly Measured[]> => {
  const measured: Measured[] = [];
  for (const setUp of setUps.filter(({ name }) => name.includes(options.only)))
    measured.push(await measureSetUp(setUp, options, say));
  return measured;
};
