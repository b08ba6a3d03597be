/** One run of the simulation: a world of a seed, three nodes, some clients, and things that go wrong; then the history is judged. */
import { judge } from './check.ts';
import { Clients } from './clients.ts';
import { Cluster, type ClusterOptions } from './cluster.ts';
import { calmMs, Nemesis } from './nemesis.ts';
import { World } from './world.ts';

export interface SimulationOptions extends ClusterOptions {
  readonly seed: number;
  readonly operations?: number;
  /** Numbers of faults that are left out. */
  readonly without?: ReadonlySet<number>;
}

export interface Outcome {
  readonly seed: number;
  /** What is wrong, in words; empty where nothing is. */
  readonly wrong: readonly string[];
  readonly told: readonly string[];
  readonly fingerprint: string;
  /** How many there were, with those that were left out. */
  readonly faults: number;
}

export const defaultOperations = 60;
const clients = ['ada', 'ben', 'cid', 'dot'];
const limitMs = 600_000;
const watchMs = 1_000;

interface Stage {
  readonly world: World;
  readonly cluster: Cluster;
  readonly nemesis: Nemesis;
}

const live = async ({ world, cluster, nemesis }: Stage, operations: number): Promise<readonly string[]> => {
  await cluster.open();
  const acting = new Clients(world, cluster, operations);
  nemesis.start();
  for (const client of clients) acting.start(client);
  const watch = (): void => {
    cluster.watch();
    world.after(watchMs, watch);
  };
  world.after(watchMs, watch);
  if (!(await world.run(limitMs, () => acting.running === 0))) return ['a client waits for ever'];
  if (acting.surprises.length > 0) return acting.surprises;
  nemesis.stop();
  await world.run(calmMs);
  const last = { isDone: false };
  const reading = acting.readAll().finally(() => (last.isDone = true));
  reading.catch(() => undefined);
  if (!(await world.run(limitMs, () => last.isDone))) return ['a node does not answer although all is well'];
  await reading;
  return [...acting.surprises, ...judge(acting.history)];
};

export const simulate = async (options: SimulationOptions): Promise<Outcome> => {
  const { seed, operations = defaultOperations, without } = options;
  const world = new World(seed);
  const cluster = new Cluster(world, options);
  const nemesis = new Nemesis(world, cluster, without);
  const wrong = await live({ world, cluster, nemesis }, operations).catch((cause: unknown) => [
    cause instanceof Error ? (cause.stack ?? cause.message) : String(cause),
  ]);
  return { seed, wrong, told: world.told, fingerprint: world.fingerprint, faults: nemesis.faults };
};
