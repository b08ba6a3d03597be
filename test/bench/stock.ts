/** Makes what requests name, such as tokens that are to be revoked: before each measurement where they are used up. */
import type { Generator } from './load/generator.ts';
import type { Server } from './measure.ts';
import type { Workload } from './workloads.ts';

const fillConnections = 64;

export const makeStock = async (
  { host, port, token }: Server,
  generator: Generator,
  { stock }: Workload,
): Promise<readonly string[] | undefined> => {
  if (stock === undefined) return undefined;
  const { plan, find: collect, count } = stock;
  const made = await generator.run({ host, port, token, connections: fillConnections, plan, count, collect });
  return made.collected;
};

/** The stock of each server. */
export class Stocks {
  readonly #generator: Generator;
  readonly #workload: Workload;
  readonly #kept = new Map<Server, readonly string[]>();

  constructor(generator: Generator, workload: Workload) {
    this.#generator = generator;
    this.#workload = workload;
  }

  async for(server: Server): Promise<readonly string[] | undefined> {
    const kept = this.#kept.get(server);
    if (kept !== undefined && this.#workload.stock?.isUsedUp === false) return kept;
    const made = await makeStock(server, this.#generator, this.#workload);
    if (made !== undefined) this.#kept.set(server, made);
    return made;
  }
}
