/** The whole bench: what is measured on what, in which order. */
import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { root as repository } from '../run/environment.ts';
import { compileManyRows } from '../types/many-rows.ts';
import { type Bulk, runBulk } from './bulk.ts';
import { type EventsMeasured, measureEvents } from './events.ts';
import { runDevices } from './devices.ts';
import { runHalfLoad } from './half-load.ts';
import { type LeaseEnds, leaseWorkloads, runLeaseWork } from './lease-work.ts';
import { type LeaseStart, measureLeaseStart } from './leases.ts';
import { Generator } from './load/generator.ts';
import { describeMachine, findCores, measureFsync, settleDisk } from './machine.ts';
import type { BenchOptions } from './options.ts';
import type { Report } from './report.ts';
import { type Row, runRounds } from './rounds.ts';
import type { Bench } from './setting.ts';
import { runSlowCrypto } from './slow-crypto.ts';
import { runSlow } from './slow-disk.ts';
import { measureStartUp, type Starts } from './start-up.ts';
import { initialise, startCoffer } from './target/coffer.ts';
import { openTargets } from './targets.ts';
import { runThreads } from './threads.ts';
import { stockWorkloads, workloads } from './workloads.ts';

export const runBench = async (options: BenchOptions, say: (text: string) => void): Promise<Report> => {
  const cores = findCores();
  const folder = mkdtempSync(path.join(repository, '.cache', 'bench-'));
  const bench: Bench = { options, cores, folder, generator: new Generator(cores.client, options.shape), say };
  try {
    const machine = describeMachine(cores);
    const fsync = measureFsync(folder);
    const rows = await runWorkloads(bench);
    const devices = wanted(options, 'devices') ? await runDevices(bench) : undefined;
    const threads = wanted(options, 'threads') ? await runThreads(bench) : undefined;
    const leaseWork = await runLeaseWorkPart(bench);
    const half = wanted(options, 'half') ? await runHalfLoad(bench) : undefined;
    const slow = wanted(options, 'slow') ? await runSlow(bench) : undefined;
    const slowCrypto = wanted(options, 'slow-crypto') ? await runSlowCrypto(bench) : undefined;
    const bulk = wanted(options, 'bulk') ? await runBulkPart(bench) : undefined;
    const start = wanted(options, 'start') ? await emptyStart(bench) : undefined;
    const leaseStart = wanted(options, 'leases') ? await runLeasePart(bench) : undefined;
    const events = wanted(options, 'events') ? await runEventsPart(bench) : undefined;
    const typesSeconds = wanted(options, 'types') ? (await compileManyRows()).seconds : undefined;
    return {
      machine,
      shape: options.shape,
      fsync,
      rows: [...rows, ...leaseWork.rows],
      devices,
      threads,
      leaseEnds: leaseWork.ends,
      half,
      slow,
      slowDelayMs: options.fsyncDelayMs,
      slowCrypto,
      bulk,
      start,
      leaseStart,
      events,
      typesSeconds,
    };
  } finally {
    bench.generator.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
};

const wanted = ({ only }: BenchOptions, name: string): boolean => name.includes(only);

const runWorkloads = async (bench: Bench): Promise<readonly Row[]> => {
  const { options, generator, say } = bench;
  const chosen = [...workloads, ...stockWorkloads].filter(({ name }) => wanted(options, name));
  if (chosen.length === 0) return [];
  const opened = await openTargets(bench);
  const rows: Row[] = [];
  try {
    for (const workload of chosen) {
      say(`measuring ${workload.name} …`);
      settleDisk();
      const { seconds, rounds } = options;
      rows.push(await runRounds({ ...opened, generator, workload, seconds, rounds }));
    }
  } finally {
    await opened.close();
  }
  return rows;
};

const runBulkPart = async ({ options, generator, cores, folder, say }: Bench): Promise<Bulk | undefined> => {
  const { bulk: secrets, rounds, seconds } = options;
  if (secrets === 0) return undefined;
  say(`writing ${secrets} secrets …`);
  return runBulk({ generator, core: cores.server, folder: path.join(folder, 'bulk'), secrets, rounds, seconds });
};

const runLeasePart = async ({ options, cores, folder, say }: Bench): Promise<LeaseStart | undefined> => {
  if (options.leases === 0) return undefined;
  say(`laying down ${options.leases} leases …`);
  return measureLeaseStart({ folder: path.join(folder, 'leases'), core: cores.server }, options.leases);
};

const runEventsPart = async ({ options, cores, folder, say }: Bench): Promise<EventsMeasured | undefined> => {
  const { followers, seconds } = options;
  if (followers === 0) return undefined;
  say(`telling ${followers} followers …`);
  const place = { folder: path.join(folder, 'events'), core: cores.server, clientCore: cores.client };
  return measureEvents({ ...place, followers, seconds });
};

const runLeaseWorkPart = async (
  bench: Bench,
): Promise<{ readonly rows: readonly Row[]; readonly ends: LeaseEnds | undefined }> => {
  const { options } = bench;
  const names = leaseWorkloads.map(({ name }) => name).filter(name => wanted(options, name));
  const ends = options.ending > 0 && wanted(options, 'lease-ends');
  return names.length === 0 && !ends ? { rows: [], ends: undefined } : runLeaseWork(bench, names, ends);
};

/** A store that was initialised, and holds nothing of its users. */
const emptyStart = async ({ cores, folder }: Bench): Promise<Starts> => {
  const place = { folder: path.join(folder, 'empty'), core: cores.server };
  const coffer = await startCoffer({ ...place, audit: false });
  await initialise(coffer);
  await coffer.stop();
  return measureStartUp(place);
};
