/** A real server as its users start it: a child process on a free port, with a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { logsIn, refuseLeaks } from './leaks.ts';
import { listening } from './listening.ts';

const launcher = path.join(import.meta.dirname, '../../packages/cli/bin/coffer');
const stopLimitMs = 20_000;

export interface ServerProcess {
  readonly address: string;
  readonly folder: string;
  readonly pid: number;
  /** Everything it has said. */
  said(): string;
  /** Resolves with the exit code, or the signal's name. Rejects where it told a secret (S11). */
  stop(signal?: NodeJS.Signals): Promise<number | string>;
}

export const newFolder = (): string => mkdtempSync(path.join(tmpdir(), 'coffer-test-'));

const environment = (folder: string): NodeJS.ProcessEnv => ({ ...process.env, HOME: folder });

export interface StartOptions {
  readonly args: readonly string[];
  readonly folder?: string;
  /** Finds the address in what the server says. */
  readonly ready: RegExp;
  /** Left out: `server`. */
  readonly command?: 'server' | 'dev';
  /** The `coffer` to start; left out, the repository's own. */
  readonly program?: string | undefined;
}

export const startServer = async (options: StartOptions): Promise<ServerProcess> => {
  const { args, folder = newFolder(), ready, command = 'server', program = launcher } = options;
  const child = spawn(program, [command, ...args], {
    cwd: folder,
    env: environment(folder),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { address, said, ended } = await listening(child, ready);
  const stopped = async (signal?: NodeJS.Signals): Promise<number | string> => {
    const code = await stop(child, ended, signal);
    refuseLeaks(new Map([['what the server said', said()], ...logsIn(folder)]));
    return code;
  };
  return { address, folder, pid: child.pid ?? -1, said, stop: stopped };
};

const stop = async (child: ChildProcess, ended: Promise<number | string>, signal: NodeJS.Signals = 'SIGTERM') => {
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), stopLimitMs);
  const code = await ended;
  clearTimeout(timer);
  return code;
};

/** In memory, unsealed, root token `root`, `secret/` mounted. */
export const startDevServer = (program?: string): Promise<ServerProcess> =>
  startServer({
    program,
    args: ['-dev', '-dev-root-token-id=root', '-dev-listen-address=127.0.0.1:0', '-dev-no-store-token'],
    ready: /Api Address: (http:\/\/[^\s]+)[\s\S]*must not be used in production/,
  });

/** SQLite and Shamir, not initialised. */
export const startFreshServer = (folder = newFolder(), program?: string): Promise<ServerProcess> => {
  const file = path.join(folder, 'coffer.hcl');
  writeFileSync(
    file,
    `listener "tcp" {\n  address = "127.0.0.1:0"\n  tls_disable = true\n}\nstorage "sqlite" {\n  path = "${folder}/store.db"\n}\n`,
  );
  return startServer({ program, args: [`-config=${file}`], folder, ready: /listening on (http:\/\/[^\s,]+)/ });
};
