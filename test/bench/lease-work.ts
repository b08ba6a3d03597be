/**
 * Leases at work: made, renewed and revoked over HTTP; and many that end in one second, while others read. No engine of the
 * registry gives leases: these are of one that does nothing else, so the figures are of the store alone.
 */
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { measure, type Measured, type Server } from './measure.ts';
import { alternate, type Row } from './rounds.ts';
import type { Bench } from './setting.ts';
import { type Api, call, must } from './target/api.ts';
import { type Coffer, initialise, startCoffer } from './target/coffer.ts';
import type { TakenBack } from './target/lease-main.ts';
import { prepareKeys, prepareToken } from './target/prepare.ts';
import { connections, leaseMount, plan, type Workload, workloads } from './workloads.ts';

const program = path.join(import.meta.dirname, 'target/lease-main.ts');

const makePlan = plan('GET', `${leaseMount}/creds/role`);
const find = '"lease_id":"';

export const leaseWorkloads: readonly Workload[] = [
  { name: 'lease-make', title: 'lease made (durable)', connections, plan: makePlan },
  {
    name: 'lease-renew',
    title: 'lease renew (durable), 5,000 leases in turn',
    connections,
    plan: plan('POST', 'sys/leases/renew', { body: '{"lease_id":"{s}","increment":"1h"}' }),
    stock: { plan: makePlan, find, count: 5000, isUsedUp: false },
  },
  {
    name: 'lease-revoke',
    title: 'lease revoke (durable), each once',
    connections,
    plan: plan('POST', 'sys/leases/revoke', { body: '{"lease_id":"{s}","sync":true}', status: 204 }),
    stock: { plan: makePlan, find, count: 3000, isUsedUp: true },
  },
];

/** Reads while many leases end, against reads before. */
export interface LeaseEnds {
  readonly leases: number;
  /** Medians of windows of a second. */
  readonly quiet: Measured;
  readonly ending: Measured;
  readonly worstP99Ms: number;
  /** From the second in which all end until the last one was taken back. */
  readonly seconds: number;
}

interface Prepared {
  readonly folder: string;
  readonly root: Api;
  readonly user: Api;
}

const start = ({ cores, folder }: Bench, args: readonly string[] = []): Promise<Coffer> =>
  startCoffer({
    folder: path.join(folder, 'lease-work'),
    core: cores.server,
    audit: true,
    program: [program, ...args],
  });

/** Both parts, one after the other, on one store. */
export const runLeaseWork = async (
  bench: Bench,
  names: readonly string[],
  ends: boolean,
): Promise<{ readonly rows: readonly Row[]; readonly ends: LeaseEnds | undefined }> => {
  bench.say('preparing a store with an engine that gives leases …');
  const coffer = await start(bench);
  const root = await initialise(coffer);
  const user = await prepareToken(root);
  await must(root, `POST /v1/sys/mounts/${leaseMount}`, { type: 'bench-leases' });
  if (ends) await prepareKeys(root, user, bench.generator);
  const rows: Row[] = [];
  for (const workload of leaseWorkloads.filter(({ name }) => names.includes(name)))
    rows.push(await leaseRow(bench, { ...user, pid: coffer.pid }, workload));
  await coffer.stop();
  return { rows, ends: ends ? await runLeaseEnds(bench, { folder: bench.folder, root, user }) : undefined };
};

const leaseRow = async ({ options, generator, say }: Bench, server: Server, workload: Workload): Promise<Row> => {
  say(`measuring ${workload.name} …`);
  const { seconds, rounds } = options;
  const found = await alternate({ servers: [server], generator, workload, seconds, rounds });
  return {
    name: workload.name,
    title: workload.title,
    results: found.map(one => ({ target: 'audit on', ...one })),
  };
};

const leadSeconds = 15;
const windowSeconds = 1;
/** Two windows before the end nothing is begun that would reach into it. */
const quietUntilMs = 2000;
const windowsLimit = 120;

const takenBack = (coffer: Coffer): Promise<TakenBack> =>
  new Promise(done => {
    coffer.child.once('message', told => done(told as TakenBack));
    coffer.child.send('how many');
  });

const runLeaseEnds = async (bench: Bench, { root, user }: Prepared): Promise<LeaseEnds> => {
  const { options, generator, say } = bench;
  const leases = options.ending;
  say(`${leases} leases end in one second …`);
  const endsAtSeconds = Math.floor(Date.now() / 1000) + leadSeconds;
  const coffer = await start(bench, [`${leases}`, `${endsAtSeconds}`]);
  try {
    const server: Server = { ...user, port: coffer.port, pid: coffer.pid };
    const workload = workloads.find(({ name }) => name === 'kv2-read');
    if (workload === undefined) throw new Error('there is nothing to read');
    const window = (): Promise<Measured> => measure(server, { generator, workload, seconds: windowSeconds });
    const left = (): number => endsAtSeconds * 1000 - Date.now();
    await window();
    const quiet: Measured[] = [];
    while (left() > quietUntilMs) quiet.push(await window());
    if (quiet.length === 0)
      throw new Error('laying down the leases took until their end: there was no quiet to measure');
    await pause(Math.max(0, left()));
    const ending: Measured[] = [];
    while ((await takenBack(coffer)).count < leases) {
      if (ending.length === windowsLimit) throw new Error('the leases do not end');
      ending.push(await window());
    }
    const { lastAtMs } = await takenBack(coffer);
    await refuseLost({ ...root, port: coffer.port });
    return {
      leases,
      quiet: middle(quiet),
      ending: middle(ending),
      worstP99Ms: Math.max(...ending.map(({ p99Ms }) => p99Ms)),
      seconds: lastAtMs / 1000 - endsAtSeconds,
    };
  } finally {
    await coffer.stop();
  }
};

/** The window in the middle by its p99. */
const middle = (windows: readonly Measured[]): Measured => {
  const sorted = windows.toSorted((a, b) => a.p99Ms - b.p99Ms);
  const found = sorted[(sorted.length - 1) >> 1];
  if (found === undefined) throw new Error('the leases had ended before anything was read');
  return found;
};

const lookTries = 50;
const lookPauseMs = 100;

/** Figures of a store that loses leases are worth nothing. */
const refuseLost = async (root: Api): Promise<void> => {
  for (let tries = lookTries; ; tries--) {
    const { status } = await call(root, `LIST /v1/sys/leases/lookup/${leaseMount}/creds/ending/`);
    if (status === 404) return;
    if (tries === 0) throw new Error(`leases are left (${status})`);
    await pause(lookPauseMs);
  }
};
