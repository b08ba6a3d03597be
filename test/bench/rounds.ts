/** One kind of request on all servers: they alternate, so that what else the machine does meets all of them. */
import { type Measured, type Measuring, measure, medianOf } from './measure.ts';
import { call } from './target/api.ts';
import { teach } from './target/bare.ts';
import type { ServerChild } from './target/child.ts';
import type { Target } from './target/target.ts';

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

export const runRounds = async ({ targets, bare, rounds, ...measuring }: Rounds): Promise<Row> => {
  const { name, title, plan } = measuring.workload;
  const [first] = targets;
  if (first !== undefined)
    await teach(bare, await call(first, `${plan.method} ${plan.path.replace('{n}', '0')}`, plan.body));
  const seconds = Math.min(warmUpSeconds, measuring.seconds);
  for (const target of targets) await measure(target, { ...measuring, seconds });
  const found = targets.map((): Measured[] => []);
  for (let round = 0; round < rounds; round++)
    for (const [at, target] of targets.entries()) found[at]?.push(await measure(target, measuring));
  return {
    name,
    title,
    results: targets.map((target, at) => ({ target: target.name, ...medianOf(found[at] ?? []) })),
  };
};
