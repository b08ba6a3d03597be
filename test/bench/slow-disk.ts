/** Writes once more, where each fsync takes longer: what a networked disk does. */
import path from 'node:path';
import { measure, type Measured, medianOf } from './measure.ts';
import type { Row } from './rounds.ts';
import type { Bench } from './setting.ts';
import { initialise, startCoffer } from './target/coffer.ts';
import { prepareKeys, prepareToken } from './target/prepare.ts';
import type { Target } from './target/target.ts';
import { workloads } from './workloads.ts';

const slowProgram = path.join(import.meta.dirname, 'target/slow-main.ts');

export const runSlow = async ({ options, cores, folder, generator, say }: Bench): Promise<Row | undefined> => {
  const workload = workloads.find(({ name }) => name === 'kv2-write');
  if (workload === undefined) return undefined;
  say(`measuring writes with ${options.fsyncDelayMs} ms more for each fsync …`);
  const place = { folder: path.join(folder, 'slow'), core: cores.server, audit: true };
  const coffer = await startCoffer({ ...place, program: [slowProgram, `${options.fsyncDelayMs}`] });
  try {
    const root = await initialise(coffer);
    const user = await prepareToken(root);
    await prepareKeys(root, user, generator);
    const target: Target = { ...user, name: 'audit on', pid: coffer.pid };
    const found: Measured[] = [];
    for (let round = 0; round < options.rounds; round++)
      found.push(await measure(target, { generator, workload, seconds: options.seconds }));
    return { name: 'slow', title: workload.title, results: [{ target: target.name, ...medianOf(found) }] };
  } finally {
    await coffer.stop();
  }
};
