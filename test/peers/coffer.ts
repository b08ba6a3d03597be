/** The command as its users start it: a child process with its own home, its output collected. */
import { spawn } from 'node:child_process';
import path from 'node:path';

const launcher = path.join(import.meta.dirname, '../../packages/cli/bin/coffer');

export interface Ended {
  readonly code: number | string;
  readonly out: string;
  readonly err: string;
}

export interface Started {
  readonly pid: number;
  /** What it has said so far, both streams. */
  said(): string;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<Ended>;
}

export interface Surroundings {
  readonly env: { readonly [name: string]: string };
  readonly cwd: string;
  readonly input?: string | Uint8Array;
}

export const startCoffer = (args: readonly string[], { env, cwd, input }: Surroundings): Started => {
  const child = spawn(launcher, [...args], { cwd, env: { ...process.env, ...env }, stdio: 'pipe' });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input ?? '');
  const ended = new Promise<Ended>(done =>
    child.once('close', (code, signal) => done({ code: code ?? signal ?? 'unknown', out, err })),
  );
  return { pid: child.pid ?? -1, said: () => out + err, kill: signal => void child.kill(signal), ended };
};

export const runCoffer = (args: readonly string[], surroundings: Surroundings): Promise<Ended> =>
  startCoffer(args, surroundings).ended;
