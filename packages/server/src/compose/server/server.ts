/** `coffer server`: what it is told, what it says, and when it ends. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { LogLevel } from '../../contracts/log.ts';
import { realClock } from '../../platform/clock/real.ts';
import { type OpenLog, openLog } from '../../platform/log/standard.ts';
import { boundMemory } from '../../platform/process/memory.ts';
import { abort, environment, harden, onSignals, output, type Signal } from '../../platform/process/process.ts';
import type { Configuration } from '../configuration/configuration.ts';
import { shownProblem } from '../configuration/problem.ts';
import { readConfiguration } from '../configuration/read.ts';
import { threadsLimit } from '../configuration/threads.ts';
import type { Core } from '../../core/request/core.ts';
import { wireVersion } from '../../core/system/version.ts';
import type { Beside } from '../dev/beside.ts';
import { announceDev, announceEmbedded, announceState } from './announce.ts';
import { type DevKeys, startDev } from './dev.ts';
import { devConfiguration, embeddedConfiguration, embeddedFolder } from './embedded.ts';
import { finishFirstStart, prepareFolder } from './first-start.ts';
import { parseServerFlags, type ServerFlags, serverHelp } from './flags.ts';
import { readSources } from './sources.ts';
import { type Running, startServer } from './start.ts';

const defaultListen = '127.0.0.1:8200';
/** A state in which going on would lose or reveal data. */
const brokenExit = 70;
const startGraceMs = 5000;
const levels: ReadonlySet<string> = new Set(['trace', 'debug', 'info', 'warn', 'error']);

/** Runs until a signal ends it; answers the exit code. */
export const serverCommand = async (argv: readonly string[]): Promise<number> => {
  const flags = parseServerFlags(argv);
  if (flags.has('help')) {
    output.out(serverHelp());
    return 0;
  }
  harden();
  boundMemory();
  const configuration = await configurationOf(flags);
  const log = logOf(configuration);
  const fatal = (reason: string): void => {
    log.write('error', 'the server ends: going on would lose or reveal data', { reason });
    abort(brokenExit);
  };
  const hear = hearSignals();
  const beside = await besideOf(flags, log);
  const started = await startAs(flags, { configuration, log, fatal, readAgain: () => configurationOf(flags) });
  const running = (await beside?.start(started)) ?? started;
  await untilEnd({ running, log, flags }, hear);
  return 0;
};

const besideOf = async (flags: ServerFlags, log: OpenLog): Promise<Beside | undefined> => {
  const kubeconfig = flags.get('kubeconfig');
  if (kubeconfig === undefined) return undefined;
  const folder = embeddedFolder(flags.get('data'));
  // Loaded by those who ask for it: it is larger than the server itself.
  const { openBeside } = await import('../dev/beside.ts');
  return openBeside({ kubeconfig, context: flags.get('context'), isMeant: flags.has('yes'), folder }, log);
};

interface Starting {
  readonly configuration: Configuration;
  readonly log: OpenLog;
  readonly fatal: (reason: string) => void;
  readonly readAgain: () => Promise<Configuration>;
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

/** Each of them is a whole configuration: one that is not in force must not look as if it were. */
const checkKinds = (flags: ServerFlags): void => {
  const given = (['config', 'embedded', 'dev'] as const).filter(name => flags.has(name)).map(name => `-${name}`);
  if (given.length > 1) throw new CofferError('usage', `coffer server: ${given.join(' and ')} exclude each other`);
  if (flags.has('request-threads') && !flags.has('embedded'))
    throw new CofferError(
      'usage',
      'coffer server: -request-threads goes with -embedded; see request_threads for -config',
    );
  const [stray] = (['kubeconfig', 'context', 'yes'] as const).filter(name => flags.has(name));
  if (stray !== undefined && !(flags.has('embedded') && flags.has('kubeconfig')))
    throw new CofferError(
      'usage',
      `coffer server: -${stray} goes with -embedded and -kubeconfig; see coffer dev -help`,
    );
};

const configurationOf = async (flags: ServerFlags): Promise<Configuration> => {
  checkKinds(flags);
  if (isDev(flags)) return devConfiguration(local(flags, devListen(flags)));
  if (flags.has('embedded')) {
    return embeddedConfiguration({
      ...local(flags, flags.get('listen') ?? defaultListen),
      folder: embeddedFolder(flags.get('data')),
      requestThreads: threadsOf(flags),
    });
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

const threadsOf = (flags: ServerFlags): number => {
  const given = flags.get('request-threads') ?? '1';
  const threads = Number(given);
  if (/^\d{1,2}$/.test(given) && threads >= 1 && threads <= threadsLimit) return threads;
  throw new CofferError('usage', `-request-threads: expected 1 to ${threadsLimit}`);
};

const isDev = (flags: ServerFlags): boolean => flags.has('dev') || flags.has('dev-kv-v1');

const devListen = (flags: ServerFlags): string =>
  flags.get('dev-listen-address') ?? fromEnvironment('DEV_LISTEN_ADDRESS') ?? defaultListen;

const fromEnvironment = (name: string): string | undefined => {
  const variables = environment();
  return ['COFFER_', 'BAO_', 'VAULT_'].map(prefix => variables.get(prefix + name)).find(value => value !== undefined);
};

const logOf = ({ logLevel, logFormat }: Configuration): OpenLog =>
  openLog({ level: logLevel, format: logFormat, write: line => output.err(line) });

const startAs = async (flags: ServerFlags, starting: Starting): Promise<Running> => {
  if (isDev(flags)) return startDevelopment(flags, starting);
  if (flags.has('embedded')) return startEmbedded(flags, starting);
  const running = await startServer(starting);
  output.out(`==> Coffer server started! version ${wireVersion}, listening on ${running.addresses.join(', ')}\n`);
  await announceState(output, running);
  return running;
};

const startDevelopment = async (flags: ServerFlags, starting: Starting): Promise<Running> => {
  const rootTokenId = flags.get('dev-root-token-id') ?? fromEnvironment('DEV_ROOT_TOKEN_ID');
  let keys: DevKeys = { rootToken: '', unsealKey: '' };
  const prepare = async (core: Core): Promise<void> => {
    keys = await startDev(core, flags.has('dev-kv-v1') ? '1' : '2');
  };
  const running = await startServer({ ...starting, rootTokenId, prepare });
  await announceDev(output, { running, ...keys, storeToken: !flags.has('dev-no-store-token') });
  return running;
};

const startEmbedded = async (flags: ServerFlags, starting: Starting): Promise<Running> => {
  const first = await prepareFolder(embeddedFolder(flags.get('data')));
  const running = await startServer({
    ...starting,
    rootTokenId: first.rootTokenId,
    prepare: core => finishFirstStart(core, first),
  });
  announceEmbedded(output, { running, folder: first.folder, isNew: first.rootTokenId !== undefined });
  return running;
};

/**
 * Signals are heard from the first moment on. Those that come while the server starts wait until it is up; a start that
 * does not come to an end is given up, and a second signal does not wait. Nothing has been acknowledged by then.
 */
const hearSignals = (): ((react: (signal: Signal) => void) => void) => {
  const early: Signal[] = [];
  let reaction: ((signal: Signal) => void) | undefined;
  onSignals(['SIGHUP', 'SIGINT', 'SIGTERM'], signal => {
    if (reaction !== undefined) return reaction(signal);
    if (signal === 'SIGHUP') return;
    if (early.length > 0) abort(0);
    early.push(signal);
    realClock().after(startGraceMs, () => reaction === undefined && abort(0));
  });
  return react => {
    reaction = react;
    for (const signal of early) react(signal);
  };
};

interface Up {
  readonly running: Running;
  readonly log: OpenLog;
  readonly flags: ServerFlags;
}

const untilEnd = (up: Up, hear: ReturnType<typeof hearSignals>): Promise<void> =>
  new Promise((done, failed) => {
    let ending = false;
    hear(signal => {
      if (signal === 'SIGHUP') void reload(up);
      if (signal === 'SIGHUP') return;
      const drained = up.running.drain();
      if (ending) return;
      ending = true;
      output.out('==> Coffer shutdown triggered\n');
      drained.then(() => up.running.close()).then(done, failed);
    });
  });

/** A configuration that cannot be read keeps nobody from rotating files. */
const reload = async ({ running, log, flags }: Up): Promise<void> => {
  output.out('==> Coffer reload triggered\n');
  const next = await configurationOf(flags).catch((cause: unknown) => {
    log.write('error', 'the configuration cannot be read; what was in force stays in force', {
      error: messageOf(cause),
    });
    return undefined;
  });
  if (next !== undefined) log.setLevel(next.logLevel);
  await running.reload(next);
};

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : 'unknown');
