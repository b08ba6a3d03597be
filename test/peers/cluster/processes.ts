/** Programs that run beside a test, and do not outlive it: each has a guard that ends it once the test process is gone. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

const lookEveryMs = 25;
const limitMs = 60_000;
const tailChars = 3000;

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  /** Where both of its streams go, appended. */
  readonly log: string;
}

export interface Running {
  readonly pid: number;
  /** What it said, its last part, once it has ended by itself. */
  failure(): string | undefined;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
}

const ended = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

const end = async (child: ChildProcess): Promise<void> => {
  if (ended(child)) return;
  const gone = new Promise(done => child.once('exit', done));
  child.kill('SIGKILL');
  await gone;
};

/** Its input closes with the process that holds the other end, however that ends. */
const guard = (pid: number): ChildProcess => {
  const child = spawn('/bin/sh', ['-c', `read -r _; kill -9 ${pid}`], { stdio: ['pipe', 'ignore', 'ignore'] });
  child.stdin?.on('error', () => undefined);
  return child;
};

export const start = ({ program, args, log }: Command): Running => {
  const out = openSync(log, 'a', 0o600);
  const child = spawn(program, [...args], { stdio: ['ignore', out, out] });
  closeSync(out);
  let reason: string | undefined;
  child.once('error', error => (reason = error.message));
  const { pid } = child;
  if (pid === undefined) throw new Error(`${program} cannot be started`);
  const guarding = guard(pid);
  const kill = async (): Promise<void> => {
    await end(guarding);
    await end(child);
  };
  const said = (): string => `${program} ended:\n${readFileSync(log, 'utf8').slice(-tailChars)}`;
  return { pid, kill, failure: () => reason ?? (ended(child) ? said() : undefined) };
};

/** Asks until there is an answer. Rejects with what a program said that has ended meanwhile. */
export const until = async <T>(what: string, ask: () => Promise<T | undefined>, programs: readonly Running[] = []) => {
  const endMs = performance.now() + limitMs;
  for (;;) {
    const answer = await ask().catch(() => undefined);
    if (answer !== undefined && answer !== false) return answer;
    for (const program of programs) {
      const failure = program.failure();
      if (failure !== undefined) throw new Error(failure);
    }
    if (performance.now() > endMs) throw new Error(`${what}: not within ${limitMs / 1000} s`);
    await wait(lookEveryMs);
  }
};

export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
