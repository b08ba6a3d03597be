/** What audit devices cost: the same store with none, one, two and three files, and with one that syncs each record. */
import { cpSync, rmSync } from 'node:fs';
import path from 'node:path';
import { settleDisk } from './machine.ts';
import type { Measured } from './measure.ts';
import { alternate } from './rounds.ts';
import type { Bench } from './setting.ts';
import { type AuditFiles, type Coffer, initialise, startCoffer } from './target/coffer.ts';
import { prepareKeys, prepareToken } from './target/prepare.ts';
import { workloads } from './workloads.ts';

interface Choice extends AuditFiles {
  readonly title: string;
}

const choices: readonly Choice[] = [
  { title: 'no device', files: 0 },
  { title: 'one file', files: 1 },
  { title: 'two files', files: 2 },
  { title: 'three files', files: 3 },
  { title: 'one file, `sync = fsync`', files: 1, sync: 'fsync' },
];

/** Reads first: what the disk still has to do for writes would count for them. */
const measured = ['kv2-read', 'kv2-write'];

export interface DeviceRow {
  readonly title: string;
  readonly results: readonly (Measured & { readonly devices: string })[];
}

export const runDevices = async (bench: Bench): Promise<readonly DeviceRow[]> => {
  const { cores, folder, generator, options, say } = bench;
  say('preparing a store for each choice of audit devices …');
  const first = path.join(folder, 'devices');
  const prepared = await startCoffer({ folder: first, core: cores.server, audit: false });
  const root = await initialise(prepared);
  const user = await prepareToken(root);
  await prepareKeys(root, user, generator);
  await prepared.stop();
  const running: Coffer[] = [];
  try {
    for (const [at, choice] of choices.entries()) {
      const own = `${first}-${at}`;
      cpSync(first, own, { recursive: true });
      running.push(await startCoffer({ folder: own, core: cores.server, audit: choice }));
    }
    const servers = running.map(({ api, pid }) => ({ ...api, token: user.token, pid }));
    const rows: DeviceRow[] = [];
    for (const name of measured) {
      const workload = workloads.find(one => one.name === name);
      if (workload === undefined) continue;
      say(`measuring ${name} with audit devices …`);
      settleDisk();
      const { seconds, rounds } = options;
      const found = await alternate({ servers, generator, workload, seconds, rounds });
      const results = found.map((one, at) => ({ devices: choices[at]?.title ?? '', ...one }));
      rows.push({ title: workload.title, results });
    }
    return rows;
  } finally {
    for (const one of running) await one.stop();
    for (const at of choices.keys()) rmSync(`${first}-${at}`, { recursive: true, force: true });
  }
};
