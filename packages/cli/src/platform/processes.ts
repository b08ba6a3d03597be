/** Starting a process with the caller's streams, and the signals that are handed on to it. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Child, Ended, Processes, StartFailure } from '../running/surroundings.ts';

const passed = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH'] as const;
/** A terminal sends these to every process in front of it, the child included: handed on they would come twice. */
const fromTerminal: ReadonlySet<string> = new Set(['SIGINT', 'SIGQUIT', 'SIGWINCH']);

const failureOf = (error: NodeJS.ErrnoException): StartFailure =>
  error.code === 'ENOENT' ? 'not_found' : 'not_executable';

const start: Processes['start'] = ([file = '', ...args], env) =>
  new Promise(resolve => {
    const child = spawn(file, args, { stdio: 'inherit', env: Object.fromEntries(env) });
    const ended = new Promise<Ended>(done => {
      child.once('exit', (code, signal) => done({ code, signal }));
    });
    const handle: Child = { kill: signal => void child.kill(signal as NodeJS.Signals), ended };
    child.once('spawn', () => resolve(handle));
    child.once('error', error => resolve(failureOf(error)));
  });

const onSignal: Processes['onSignal'] = take => {
  const hear = (signal: NodeJS.Signals): void => {
    if (!process.stdin.isTTY || !fromTerminal.has(signal)) take(signal);
  };
  for (const signal of passed) process.on(signal, hear);
  return () => {
    for (const signal of passed) process.off(signal, hear);
  };
};

const numbers: ReadonlyMap<string, number> = new Map(Object.entries(constants.signals));

export const processes: Processes = {
  start,
  onSignal,
  signalExit: signal => 128 + (numbers.get(signal) ?? 0),
};
