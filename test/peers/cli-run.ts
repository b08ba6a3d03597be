/** The command as people start it: a child process through its launcher, with a home of its own. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { leaksIn } from './leaks.ts';

const launcher = path.join(import.meta.dirname, '../../packages/cli/bin/coffer');
const limitMs = 60_000;

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly home: string;
  readonly env?: { readonly [name: string]: string };
  readonly input?: string;
  /** The `coffer` to run; left out, the repository's own. */
  readonly program?: string | undefined;
}

export const runCoffer = (args: readonly string[], options: RunOptions): Promise<Ended> =>
  new Promise((done, failed) => {
    const { home, env = {}, input = '', program = launcher } = options;
    const child = spawn(program, args, {
      cwd: home,
      env: { PATH: process.env['PATH'], HOME: home, ...env },
      timeout: limitMs,
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.once('error', failed);
    child.once('close', code => {
      const leaks = leaksIn(new Map([[`coffer ${args[0] ?? ''}, on standard error`, err]]));
      if (leaks.length > 0) failed(new Error(leaks.join('\n')));
      else done({ code: code ?? -1, out, err });
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
