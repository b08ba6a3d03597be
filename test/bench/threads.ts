/**
 * What a second thread that takes requests in costs and brings: the same store with one and with two, on all cores. The load is
 * more than either can do at once, as threads that wait for work do it in smaller pieces.
 */
import { cpSync } from 'node:fs';
import path from 'node:path';
import { settleDisk } from './machine.ts';
import type { Measured } from './measure.ts';
import { alternate } from './rounds.ts';
import type { Bench } from './setting.ts';
import { type Coffer, initialise, startCoffer } from './target/coffer.ts';
import { prepareKeys, prepareToken } from './target/prepare.ts';
import { workloads } from './workloads.ts';

const choices = [1, 2];
const connections = 256;
const measured = ['kv2-read', 'kv2-write'];

export interface ThreadRow {
  readonly title: string;
  readonly results: readonly (Measured & { readonly threads: number })[];
}

export const runThreads = async (bench: Bench): Promise<readonly ThreadRow[]> => {
  const { folder, generator, options, say } = bench;
  say('preparing a store with one thread and with two …');
  const place = { core: undefined, audit: true };
  const first = path.join(folder, 'threads');
  const prepared = await startCoffer({ ...place, folder: first });
  const root = await initialise(prepared);
  const user = await prepareToken(root);
  await prepareKeys(root, user, generator);
  await prepared.stop();
  const running: Coffer[] = [];
  try {
    for (const threads of choices) {
      const own = `${first}-${threads}`;
      cpSync(first, own, { recursive: true });
      running.push(await startCoffer({ ...place, folder: own, threads }));
    }
    const servers = running.map(({ api, pid }) => ({ ...api, token: user.token, pid }));
    const rows: ThreadRow[] = [];
    for (const workload of workloads.filter(({ name }) => measured.includes(name))) {
      say(`measuring ${workload.name} with one thread and with two …`);
      settleDisk();
      const { seconds, rounds } = options;
      const found = await alternate({ servers, generator, workload: { ...workload, connections }, seconds, rounds });
      rows.push({ title: workload.title, results: found.map((one, at) => ({ threads: choices[at] ?? 0, ...one })) });
    }
    return rows;
  } finally {
    for (const server of running) await server.stop();
  }
};
