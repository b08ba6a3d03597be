/** A PostgreSQL server of its own for a test: started, killed, stopped, stilled and woken as the test says. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { password, type PostgresPlace, superuser, unprivileged } from './programs.ts';

const readyMs = 60_000;
const outputLimitChars = 20_000;

export type ServerSettings = { readonly [name: string]: string };

const freePort = async (): Promise<number> => {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  return port;
};

/** Of a process: they do not follow its group. */
const childrenOf = (parent: number): number[] =>
  readdirSync('/proc').flatMap(name => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const fields = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      return Number(fields[1]) === parent ? [Number(name)] : [];
    } catch {
      return [];
    }
  });

const send = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already.
  }
};

interface At {
  readonly port: number;
  readonly data: string;
}

export class PostgresServer {
  readonly port: number;
  readonly data: string;
  readonly #place: PostgresPlace;
  readonly #settings: ServerSettings;
  #child: ChildProcess | undefined;
  #output = '';
  readonly #atExit = (): void => this.#signal('SIGKILL');

  constructor(place: PostgresPlace, at: At, settings: ServerSettings) {
    this.#place = place;
    this.port = at.port;
    this.data = at.data;
    this.#settings = settings;
  }

  /** As an application is given it; `query` is appended. */
  url(query = 'sslmode=disable'): string {
    return `postgresql://${superuser}:${encodeURIComponent(password)}@127.0.0.1:${this.port}/postgres?${query}`;
  }

  get output(): string {
    return this.#output;
  }

  async start(): Promise<void> {
    const options = {
      ...this.#settings,
      port: `${this.port}`,
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
    };
    const args = Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const child = spawn(this.#place.program('postgres'), ['-D', this.data, ...args], {
      ...unprivileged,
      env: {},
      cwd: path.dirname(this.data),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child = child;
    this.#output = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#output = (this.#output + text).slice(-outputLimitChars);
    });
    process.on('exit', this.#atExit);
    for (let waitedMs = 0; !/database system is ready to accept/.test(this.#output); waitedMs += 20) {
      if (child.exitCode !== null || waitedMs > readyMs) throw new Error(`PostgreSQL did not start:\n${this.#output}`);
      await wait(20);
    }
  }

  /** `SIGINT` ends sessions and shuts down; `SIGQUIT` and `SIGKILL` leave what a crash leaves. */
  async stop(signal: 'SIGINT' | 'SIGQUIT' | 'SIGKILL' = 'SIGINT'): Promise<void> {
    const child = this.#child;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const left = childrenOf(child.pid);
    const gone = once(child, 'exit');
    send(child.pid, signal);
    if (signal === 'SIGKILL') for (const pid of left) send(pid, 'SIGKILL');
    await gone;
    process.off('exit', this.#atExit);
    while (left.some(pid => existsSync(`/proc/${pid}`))) await wait(10);
  }

  /** Nothing of it answers until `wake`. */
  still(): void {
    this.#signal('SIGSTOP');
  }

  wake(): void {
    this.#signal('SIGCONT');
  }

  #signal(signal: NodeJS.Signals): void {
    const pid = this.#child?.pid;
    if (pid === undefined || this.#child?.exitCode !== null) return;
    const all = [pid, ...childrenOf(pid)];
    for (const one of all) send(one, signal);
  }
}

/** Started on a new data folder, or on the one that is given. */
export const startPostgres = async (
  place: PostgresPlace,
  settings: ServerSettings = {},
  data?: string,
): Promise<PostgresServer> => {
  const { port = await freePort(), ...others } = settings;
  const at = { port: Number(port), data: data ?? (await place.newData()) };
  const server = new PostgresServer(place, at, others);
  await server.start();
  return server;
};
