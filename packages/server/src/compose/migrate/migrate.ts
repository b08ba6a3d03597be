/** `coffer operator migrate`: opens two storages and moves a store from one to the other. */
import { CofferError } from '@coffer/schema/errors.ts';
import { realClock } from '../../platform/clock/real.ts';
import { kindOf } from '../../platform/files/read.ts';
import { openLog } from '../../platform/log/standard.ts';
import { abort, environment, harden, output, stayAlive } from '../../platform/process/process.ts';
import type { StorageSettings } from '../configuration/configuration.ts';
import { shownProblem } from '../configuration/problem.ts';
import { readSources } from '../server/sources.ts';
import { isShared, openStorage, type OpenedStorage } from '../server/storage.ts';
import { type Migration, readMigration } from './configuration.ts';
import { copyStore } from './copy.ts';
import { migrateHelp, parseMigrateFlags } from './flags.ts';

const failedExit = 2;
/** Longer than a node of an open store keeps silent. */
const watchMs = 7_000;

const open = (settings: StorageSettings): Promise<OpenedStorage> =>
  openStorage(settings, {
    log: openLog({ level: 'warn', format: 'standard', write: line => output.err(line) }).part('storage'),
    fatal: cause => {
      output.err(`${cause.message}\n`);
      abort(failedExit);
    },
    fsyncDelayMs: 0,
  });

const say = (text: string): void => output.err(`${text}\n`);

/** To open a file that is not there would make it. */
const checkThere = async (source: StorageSettings): Promise<void> => {
  if (source.type === 'sqlite' && (await kindOf(source.path)) !== 'file')
    throw new CofferError('usage', `storage_source: there is no store at ${source.path}`);
};

const run = async ({ source, destination, warnings }: Migration): Promise<void> => {
  for (const warning of warnings) output.err(`[WARN] ${shownProblem(warning)}\n`);
  await checkThere(source);
  const from = await open(source);
  try {
    const to = await open(destination);
    try {
      const parts = { source: from, destination: to, clock: realClock(), say };
      const { records, sha256 } = await copyStore({ ...parts, watchMs: isShared(source) ? watchMs : 0 });
      output.out(
        `Success! ${records} records are in ${destination.type} as they were in ${source.type} (SHA-256 ${sha256}).\nStart the server with the new storage and keep the old one until you have seen it work.\n`,
      );
    } finally {
      await to.close();
    }
  } finally {
    await from.close();
  }
};

/** Answers the exit code. */
export const migrateCommand = async (argv: readonly string[]): Promise<number> => {
  const paths = parseMigrateFlags(argv);
  if (paths === undefined) {
    output.out(migrateHelp());
    return 0;
  }
  harden();
  const migration = readMigration(await readSources(paths), Object.fromEntries(environment()));
  const release = stayAlive();
  try {
    await run(migration);
    return 0;
  } catch (cause) {
    if (!(cause instanceof CofferError) || cause.code === 'usage') throw cause;
    output.err(`${cause.publicMessage}\n`);
    return failedExit;
  } finally {
    release();
  }
};
