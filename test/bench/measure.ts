/** One measurement of one server, and the median of several. */
import type { Generator } from './load/generator.ts';
import { cpuMicroseconds, residentMegabytes } from './process-usage.ts';
import type { Target } from './target/target.ts';
import type { Workload } from './workloads.ts';

export interface Measured {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU time of the server's process for each request; NaN where it cannot be seen. */
  readonly cpuUs: number;
  readonly rssMB: number;
}

export interface Measuring {
  readonly generator: Generator;
  readonly workload: Workload;
  readonly seconds: number;
  /** As of a load order. */
  readonly perSecond?: number;
  /** What the requests name. */
  readonly stock?: readonly string[] | undefined;
}

/** A server as the load meets it. */
export type Server = Omit<Target, 'name'>;

export const measure = async (
  target: Server,
  { generator, workload, seconds, perSecond, stock }: Measuring,
): Promise<Measured> => {
  const { host, port, token, pid } = target;
  const { connections, plan } = workload;
  const before = cpuMicroseconds(pid);
  const result = await generator.run({
    host,
    port,
    token,
    connections,
    plan,
    seconds,
    perSecond,
    ...(stock === undefined ? {} : { stock }),
    ...(stock !== undefined && workload.stock?.isUsedUp === true ? { count: stock.length } : {}),
  });
  return {
    perSecond: result.requests / result.seconds,
    p50Ms: result.p50Us / 1000,
    p99Ms: result.p99Us / 1000,
    cpuUs: (cpuMicroseconds(pid) - before) / result.requests,
    rssMB: residentMegabytes(pid),
  };
};

const names = ['perSecond', 'p50Ms', 'p99Ms', 'cpuUs', 'rssMB'] as const;

export const medianOf = (all: readonly Measured[]): Measured => {
  const middle = (name: (typeof names)[number]): number =>
    all.map(one => one[name]).toSorted((a, b) => a - b)[(all.length - 1) >> 1] ?? Number.NaN;
  return Object.fromEntries(names.map(name => [name, middle(name)])) as unknown as Measured;
};
