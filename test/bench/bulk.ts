/** A store with many secrets: how fast they go in, what they take on disk and in memory, how long starts and lists take. */
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Generator } from './load/generator.ts';
import { type Measured, measure, medianOf } from './measure.ts';
import { residentMegabytes } from './process-usage.ts';
import type { Row } from './rounds.ts';
import { measureStartUp, type Starts } from './start-up.ts';
import { type Coffer, initialise, startCoffer } from './target/coffer.ts';
import { mountKv, prepareToken } from './target/prepare.ts';
import type { Target } from './target/target.ts';
import { bodyV2, bulkMount, fillPlan, listWorkload } from './workloads.ts';

export interface Bulk {
  readonly secrets: number;
  readonly perSecond: number;
  readonly diskMB: number;
  readonly rssMB: number;
  readonly start: Starts;
  readonly list: Row;
}

export interface BulkOptions {
  readonly generator: Generator;
  readonly core: number | undefined;
  readonly folder: string;
  readonly secrets: number;
  readonly rounds: number;
  readonly seconds: number;
}

const fillConnections = 64;

export const runBulk = async (options: BulkOptions): Promise<Bulk> => {
  const { generator, core, folder, secrets } = options;
  const coffer = await startCoffer({ folder, core, audit: true });
  const root = await initialise(coffer);
  const user = await prepareToken(root);
  await mountKv(root, bulkMount, '2');
  const plan = fillPlan(`${bulkMount}/data/key-{n}`, bodyV2, secrets);
  const filled = await generator.run({ ...user, connections: fillConnections, plan, count: secrets });
  const rssMB = residentMegabytes(coffer.pid);
  await coffer.stop();
  return {
    secrets,
    perSecond: filled.requests / filled.seconds,
    diskMB: storeBytes(folder) / 1e6,
    rssMB,
    start: await measureStartUp({ folder, core }),
    list: await listRow(options, user.token),
  };
};

const storeBytes = (folder: string): number =>
  readdirSync(folder)
    .filter(name => name.startsWith('store.db'))
    .reduce((sum, name) => sum + statSync(path.join(folder, name)).size, 0);

/** Audit is a matter of configuration here: the same store is started with and without. */
const listRow = async (options: BulkOptions, token: string): Promise<Row> => {
  const { generator, core, folder, secrets, rounds, seconds } = options;
  const workload = listWorkload(secrets);
  const results: (Measured & { readonly target: Target['name'] })[] = [];
  for (const audit of [true, false]) {
    const coffer: Coffer = await startCoffer({ folder, core, audit });
    const target: Target = {
      name: audit ? 'audit on' : 'audit off',
      host: coffer.api.host,
      port: coffer.port,
      token,
      pid: coffer.pid,
    };
    const found: Measured[] = [];
    for (let round = 0; round < rounds; round++) found.push(await measure(target, { generator, workload, seconds }));
    results.push({ target: target.name, ...medianOf(found) });
    await coffer.stop();
  }
  return { name: workload.name, title: workload.title, results };
};
