/** One child process with a time limit, its output kept to a bound, and nothing of its process group left behind. */
import { spawn } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { root } from './environment.ts';

const outputLimitChars = 40_000;
const leaveMs = 3000;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last part of what it wrote, both streams in the order they came. */
  readonly output: string;
  readonly timedOut: boolean;
  /** It ended while processes it had started still ran; they are gone now. */
  readonly leftRunning: boolean;
}

export interface ChildRequest {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly limitSeconds: number;
}

const groupLives = (group: number): boolean => {
  try {
    process.kill(-group, 0);
    return true;
  } catch {
    return false;
  }
};

const killGroup = (group: number): void => {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // Gone already, which is what was wanted.
  }
};

/** Children of a finished process may need a moment to follow it. */
const waitForGroup = async (group: number): Promise<boolean> => {
  for (let waitedMs = 0; waitedMs < leaveMs; waitedMs += 50) {
    if (!groupLives(group)) return false;
    await wait(50);
  }
  return groupLives(group);
};

const running = new Set<number>();

/** Ends every child that still runs: for the moment the run itself is told to stop. */
export const killRunning = (): void => {
  for (const group of running) killGroup(group);
};

export const runChild = async ({ program, args, env, limitSeconds }: ChildRequest): Promise<Ended> => {
  const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const group = child.pid;
  let output = '';
  const keep = (chunk: string): void => {
    output = (output + chunk).slice(-outputLimitChars);
  };
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);
  if (group !== undefined) running.add(group);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    if (group !== undefined) killGroup(group);
  }, limitSeconds * 1000);
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>(resolve => {
    child.on('error', error => {
      keep(String(error));
      resolve([null, null]);
    });
    child.on('exit', (exitCode, exitSignal) => resolve([exitCode, exitSignal]));
  });
  clearTimeout(timer);
  const leftRunning = group !== undefined && !timedOut && (await waitForGroup(group));
  if (group !== undefined) {
    killGroup(group);
    running.delete(group);
  }
  return { code, signal, output, timedOut, leftRunning };
};
