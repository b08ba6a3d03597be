/** `coffer server`: what it is told, what it says, and when it ends. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Log, LogLevel } from '../../contracts/log.ts';
import { openLog } from '../../platform/log/standard.ts';
import { abort, environment, harden, onSignals, output, workingFolder } from '../../platform/process/process.ts';
import type { Configuration } from '../configuration/configuration.ts';
import { shownProblem } from '../configuration/problem.ts';
import { readConfiguration } from '../configuration/read.ts';
import { wireVersion } from '../../core/system/version.ts';
import { announceDev, announceEmbedded } from './announce.ts';
import { startDev } from './dev.ts';
import { devConfiguration, embeddedConfiguration } from './embedded.ts';
import { firstStart, prepareFolder } from './first-start.ts';
import { parseServerFlags, type ServerFlags, serverHelp } from './flags.ts';
import { readSources } from './sources.ts';
import { type Running, startServer } from './start.ts';

const defaultListen = '127.0.0.1:8200';
const defaultFolder = 'coffer-data';
/** A state in which going on would lose or reveal data. */
const brokenExit = 70;
const levels: ReadonlySet<string> = new Set(['trace', 'debug', 'info', 'warn', 'error']);

/** Runs until a signal ends it; answers the exit code. */
export const serverCommand = async (argv: readonly string[]): Promise<number> => {
  const flags = parseServerFlags(argv);
  if (flags.has('help')) {
    output.out(serverHelp());
    return 0;
  }
  harden();
  const configuration = await configurationOf(flags);
  const log = logOf(configuration);
  const fatal = (reason: string): void => {
    log.write('error', 'the server ends: going on would lose or reveal data', { reason });
    abort(brokenExit);
  };
  const running = await startAs(flags, { configuration, log, fatal });
  await untilSignal(running, log);
  return 0;
};

interface Starting {
  readonly configuration: Configuration;
  readonly log: Log;
  readonly fatal: (reason: string) => void;
}

const local = (flags: ServerFlags, listen: string) => ({
  listen,
  logLevel: levelOf(flags, 'info'),
  logFormat: flags.get('log-format') === 'json' ? ('json' as const) : ('standard' as const),
});

const levelOf = (flags: ServerFlags, otherwise: LogLevel): LogLevel => {
  const given = flags.get('log-level');
  if (given === undefined) return otherwise;
  if (!levels.has(given)) throw new CofferError('usage', `-log-level: expected ${[...levels].join(', ')}`);
  return given as LogLevel;
};

const embeddedFolder = (flags: ServerFlags): string => {
  const given = flags.get('data') ?? defaultFolder;
  return given.startsWith('/') ? given : `${workingFolder()}/${given}`;
};

const configurationOf = async (flags: ServerFlags): Promise<Configuration> => {
  if (isDev(flags)) return devConfiguration(local(flags, devListen(flags)));
  if (flags.has('embedded')) {
    const folder = embeddedFolder(flags);
    await prepareFolder(folder);
    return embeddedConfiguration({ ...local(flags, flags.get('listen') ?? defaultListen), folder });
  }
  const paths = flags.all('config');
  if (paths.length === 0)
    throw new CofferError(
      'usage',
      'Must specify at least one config path using -config; or -embedded for a store in one folder, or -dev to try things out',
    );
  const { configuration, warnings } = readConfiguration(await readSources(paths), Object.fromEntries(environment()));
  for (const warning of warnings) output.err(`[WARN] ${shownProblem(warning)}\n`);
  const logLevel = levelOf(flags, configuration.logLevel);
  return { ...configuration, logLevel };
};

const isDev = (flags: ServerFlags): boolean => flags.has('dev') || flags.has('dev-kv-v1');

const devListen = (flags: ServerFlags): string =>
  flags.get('dev-listen-address') ?? fromEnvironment('DEV_LISTEN_ADDRESS') ?? defaultListen;

const fromEnvironment = (name: string): string | undefined => {
  const variables = environment();
  return ['COFFER_', 'BAO_', 'VAULT_'].map(prefix => variables.get(prefix + name)).find(value => value !== undefined);
};

const logOf = ({ logLevel, logFormat }: Configuration): Log =>
  openLog({ level: logLevel, format: logFormat, write: line => output.err(line) });

const startAs = async (flags: ServerFlags, starting: Starting): Promise<Running> => {
  if (isDev(flags)) {
    const asked = flags.get('dev-root-token-id') ?? fromEnvironment('DEV_ROOT_TOKEN_ID');
    const running = await startServer({ ...starting, rootTokenId: asked });
    const made = await startDev(running.core, flags.has('dev-kv-v1') ? '1' : '2');
    await announceDev(output, { running, ...made, storeToken: !flags.has('dev-no-store-token') });
    return running;
  }
  const running = await startServer(starting);
  if (flags.has('embedded')) {
    const folder = embeddedFolder(flags);
    announceEmbedded(output, { running, folder, isNew: await firstStart(running.core, folder) });
  } else {
    output.out(`==> Coffer server started! version ${wireVersion}, listening on ${running.addresses.join(', ')}\n`);
  }
  return running;
};

const untilSignal = (running: Running, log: Log): Promise<void> =>
  new Promise((done, failed) => {
    const stop = onSignals(['SIGHUP', 'SIGINT', 'SIGTERM'], signal => {
      if (signal === 'SIGHUP') {
        output.out('==> Coffer reload triggered\n');
        running.reload().catch((cause: unknown) => {
          log.write('error', 'the reload failed; what was in force stays in force', { error: messageOf(cause) });
        });
        return;
      }
      stop();
      output.out('==> Coffer shutdown triggered\n');
      running.close().then(done, failed);
    });
  });

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : 'unknown');
