/**
 * How long requests take at half of what a server can do: they come at a steady rate, and each counts from when it came. Reads,
 * writes, and writes on a disk whose fsync is slow.
 */
import path from 'node:path';
import { measure, type Measured, medianOf } from './measure.ts';
import type { Bench } from './setting.ts';
import { initialise, startCoffer } from './target/coffer.ts';
import { prepareKeys, prepareToken } from './target/prepare.ts';
import type { Target } from './target/target.ts';
import { workloads } from './workloads.ts';

export interface HalfLoad {
  readonly title: string;
  readonly most: Measured;
  readonly half: Measured;
}

const slowProgram = path.join(import.meta.dirname, 'target/slow-main.ts');
const warmUpSeconds = 2;

const measureBoth = async (target: Target, name: string, { options, generator }: Bench): Promise<HalfLoad[]> => {
  const workload = workloads.find(one => one.name === name);
  if (workload === undefined) return [];
  const { seconds, rounds } = options;
  await measure(target, { generator, workload, seconds: Math.min(warmUpSeconds, seconds) });
  const most: Measured[] = [];
  for (let round = 0; round < rounds; round++) most.push(await measure(target, { generator, workload, seconds }));
  const perSecond = medianOf(most).perSecond / 2;
  const half: Measured[] = [];
  for (let round = 0; round < rounds; round++)
    half.push(await measure(target, { generator, workload, seconds, perSecond }));
  return [{ title: workload.title, most: medianOf(most), half: medianOf(half) }];
};

const onServer = async (bench: Bench, fsyncDelayMs: number, names: readonly string[]): Promise<HalfLoad[]> => {
  const { cores, folder, generator } = bench;
  const place = { folder: path.join(folder, `half-${fsyncDelayMs}`), core: cores.server, audit: true };
  const program = [slowProgram, `${fsyncDelayMs}`] as const;
  const coffer = await startCoffer(fsyncDelayMs === 0 ? place : { ...place, program });
  try {
    const root = await initialise(coffer);
    const user = await prepareToken(root);
    await prepareKeys(root, user, generator);
    const target: Target = { ...user, name: 'audit on', pid: coffer.pid };
    const found: HalfLoad[] = [];
    for (const name of names) found.push(...(await measureBoth(target, name, bench)));
    return found.map(one => (fsyncDelayMs === 0 ? one : { ...one, title: `${one.title}, fsync + ${fsyncDelayMs} ms` }));
  } finally {
    await coffer.stop();
  }
};

export const runHalfLoad = async (bench: Bench): Promise<readonly HalfLoad[]> => {
  bench.say('measuring at half of the most …');
  const plain = await onServer(bench, 0, ['kv2-read', 'kv2-write']);
  return [...plain, ...(await onServer(bench, bench.options.fsyncDelayMs, ['kv2-read', 'kv2-write']))];
};
