/** One run of the simulation: a world of a seed, three nodes, some clients, and things that go wrong; then the history is judged. */
import { judge } from './check.ts';
import { Clients } from './clients.ts';
import { Cluster, type ClusterOptions } from './cluster.ts';
import { calmMs, Nemesis } from './nemesis.ts';
import { World } from './world.ts';

export interface SimulationOptions extends ClusterOptions {
  readonly seed: number;
  readonly operations?: number;
}

export interface Outcome {
  readonly seed: number;
  /** What is wrong, in words; empty where nothing is. */
  readonly wrong: readonly string[];
  readonly told: readonly string[];
  readonly fingerprint: string;
}

const defaultOperations = 60;
const clients = ['ada', 'ben', 'cid', 'dot'];
const limitMs = 600_000;
const watchMs = 1_000;

const live = async (
  world: World,
  { operations = defaultOperations, bend }: SimulationOptions,
): Promise<readonly string[]> => {
  const cluster = new Cluster(world, { bend });
  await cluster.open();
  const acting = new Clients(world, cluster, operations);
  const nemesis = new Nemesis(world, cluster);
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
  const world = new World(options.seed);
  const wrong = await live(world, options).catch((cause: unknown) => [
    cause instanceof Error ? (cause.stack ?? cause.message) : String(cause),
  ]);
  return { seed: options.seed, wrong, told: world.told, fingerprint: world.fingerprint };
};
