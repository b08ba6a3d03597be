/**
 * `npm run bench:profile`: what each hot path spends its time on. A store is put under the load of the bench with V8's profiler
 * on, and its samples are told by whose work they are; other threads by the time that the kernel counted for them.
 */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { root as repository } from '../../run/environment.ts';
import { Generator } from '../load/generator.ts';
import { defaultShape } from '../load/plan.ts';
import { describeMachine, findCores, settleDisk } from '../machine.ts';
import { initialise, runtimeFlags, startCoffer } from '../target/coffer.ts';
import { prepareKeys, prepareToken } from '../target/prepare.ts';
import { type Workload, workloads } from '../workloads.ts';
import { byArea } from './areas.ts';
import { monotonicUs, readStacks, type Window } from './samples.ts';
import { between, type ThreadTimes, threadMicroseconds } from './threads.ts';

const usage = `npm run bench:profile -- [options]

  --only NAME     only hot paths whose name contains NAME (see docs/bench.md)
  --seconds N     how long each is under load (default 5)
  --audit-off     without an audit device
  --keep FOLDER   lay the profiles down there, for a viewer of V8's CPU profiles
`;

const definition = {
  only: { type: 'string', default: '' },
  seconds: { type: 'string', default: '5' },
  'audit-off': { type: 'boolean', default: false },
  keep: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

const samplingUs = 1000;
const warmUpSeconds = 5;

interface Measured {
  readonly workload: Workload;
  readonly requests: number;
  readonly window: Window;
  readonly threads: ThreadTimes;
}

/** As `bin/coffer` does, with the profiler on. */
const writeLauncher = (folder: string, profiles: string): string => {
  const launcher = path.join(folder, 'profiled');
  const flags = `${runtimeFlags.join(' ')} --cpu-prof --cpu-prof-dir='${profiles}' --cpu-prof-interval=${samplingUs}`;
  const main = path.join(repository, 'packages/cli/src/main.ts');
  writeFileSync(launcher, `#!/bin/sh\nexec '${process.execPath}' ${flags} '${main}' "$@"\n`, { mode: 0o700 });
  return launcher;
};

const profileAll = async (folder: string, profiles: string, options: typeof values): Promise<readonly Measured[]> => {
  const cores = findCores();
  const generator = new Generator(cores.client, defaultShape);
  const launcher = writeLauncher(folder, profiles);
  const coffer = await startCoffer({ folder, core: cores.server, audit: !options['audit-off'], launcher });
  const measured: Measured[] = [];
  try {
    const root = await initialise(coffer);
    const user = await prepareToken(root);
    await prepareKeys(root, user, generator);
    for (const workload of workloads.filter(({ name }) => name.includes(options.only))) {
      process.stderr.write(`${workload.name} …\n`);
      const load = { ...user, connections: workload.connections, plan: workload.plan };
      settleDisk();
      await generator.run({ ...load, seconds: warmUpSeconds });
      const before = threadMicroseconds(coffer.pid);
      const fromUs = monotonicUs();
      const { requests } = await generator.run({ ...load, seconds: Number(options.seconds) });
      const window = { fromUs, untilUs: monotonicUs() };
      measured.push({ workload, requests, window, threads: between(before, threadMicroseconds(coffer.pid)) });
    }
  } finally {
    await coffer.stop();
    generator.stop();
  }
  return measured;
};

const table = (file: string, { workload, requests, window, threads }: Measured): string => {
  const areas = byArea(readStacks(file, window));
  const busyUs = areas.reduce((sum, [, microseconds]) => sum + microseconds, 0);
  const line = (name: string, microseconds: number): string =>
    `| ${name} | ${(microseconds / requests).toFixed(1)} | ${Math.round((100 * microseconds) / busyUs)} % |`;
  const others = [...threads]
    .filter(([name, microseconds]) => name !== 'main' && microseconds / requests >= 0.1)
    .toSorted(([, one], [, other]) => other - one)
    .map(([name, microseconds]) => `${name} ${(microseconds / requests).toFixed(1)} µs`);
  return [
    `### ${workload.title}`,
    '',
    '| main thread | µs each | of it |',
    '|---|--:|--:|',
    ...areas.map(([name, microseconds]) => line(name, microseconds)),
    '',
    `CPU by thread, each: main ${((threads.get('main') ?? 0) / requests).toFixed(1)} µs${others.map(text => `, ${text}`).join('')}.`,
    '',
  ].join('\n');
};

const { values } = parseArgs({ options: definition });
if (values.help) process.stdout.write(usage);
else {
  const folder = mkdtempSync(path.join(repository, '.cache', 'profile-'));
  try {
    const profiles = values.keep === undefined ? path.join(folder, 'profiles') : path.resolve(values.keep);
    const measured = await profileAll(folder, profiles, values);
    const [name] = readdirSync(profiles)
      .filter(file => file.endsWith('.cpuprofile'))
      .toSorted()
      .toReversed();
    if (name === undefined) throw new Error('the store has left no profile behind');
    const { date, cpu, cores, node } = describeMachine(findCores());
    process.stdout.write(
      `${date}, ${cores} cores of ${cpu}, Node ${node}, audit ${values['audit-off'] ? 'off' : 'on'}.\n\n`,
    );
    for (const one of measured) process.stdout.write(`${table(path.join(profiles, name), one)}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
