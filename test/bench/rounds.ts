/** One kind of request on all servers: they alternate, so that what else the machine does meets all of them. */
import { type Measured, type Measuring, measure, medianOf, type Server } from './measure.ts';
import { Stocks } from './stock.ts';
import { type Api, call, type Told } from './target/api.ts';
import { teach } from './target/bare.ts';
import type { ServerChild } from './target/child.ts';
import type { Target } from './target/target.ts';
import type { Workload } from './workloads.ts';

export interface Row {
  readonly name: string;
  readonly title: string;
  readonly results: readonly (Measured & { readonly target: Target['name'] })[];
}

export interface Rounds extends Measuring {
  readonly targets: readonly Target[];
  readonly bare: ServerChild;
  readonly rounds: number;
}

/** Long enough that each of the keys is likely to have been asked for. */
const warmUpSeconds = 2;

/** The answer that the bare server learns. */
const firstAnswer = (first: Api, { plan }: Workload, piece: string): Promise<Told> =>
  call(first, `${plan.method} ${plan.path.replace('{n}', '0')}`, {
    body: plan.body?.replace('{s}', piece),
    headers: plan.headers,
  });

export const runRounds = async ({ targets, bare, rounds, ...measuring }: Rounds): Promise<Row> => {
  const { generator, workload } = measuring;
  const { name, title } = workload;
  const stocks = new Stocks(generator, workload);
  const [first] = targets;
  let lent: readonly string[] | undefined;
  if (first !== undefined) {
    lent = await stocks.for(first);
    await teach(bare, await firstAnswer(first, workload, lent?.[0] ?? ''));
  }
  // The bare server makes nothing: it is asked about what the first one made.
  const stockOf = (target: Target) => (target.name === 'limit' ? lent : stocks.for(target));
  const one = async (target: Target, seconds: number): Promise<Measured> =>
    measure(target, { ...measuring, seconds, stock: await stockOf(target) });
  for (const target of targets) await one(target, Math.min(warmUpSeconds, measuring.seconds));
  const found = targets.map((): Measured[] => []);
  for (let round = 0; round < rounds; round++)
    for (const [at, target] of targets.entries()) found[at]?.push(await one(target, measuring.seconds));
  return {
    name,
    title,
    results: targets.map((target, at) => ({ target: target.name, ...medianOf(found[at] ?? []) })),
  };
};

export interface Alternating extends Measuring {
  readonly servers: readonly Server[];
  readonly rounds: number;
}

/** The same for servers of ours alone: a median for each. */
export const alternate = async ({ servers, rounds, ...measuring }: Alternating): Promise<readonly Measured[]> => {
  const stocks = new Stocks(measuring.generator, measuring.workload);
  const one = async (server: Server, seconds: number): Promise<Measured> =>
    measure(server, { ...measuring, seconds, stock: await stocks.for(server) });
  for (const server of servers) await one(server, Math.min(warmUpSeconds, measuring.seconds));
  const found = servers.map((): Measured[] => []);
  for (let round = 0; round < rounds; round++)
    for (const [at, server] of servers.entries()) found[at]?.push(await one(server, measuring.seconds));
  return found.map(medianOf);
};
