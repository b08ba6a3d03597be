/** What the measurements stand on: the machine, its cores, and how long its disk takes to make a write durable. */
import { spawnSync } from 'node:child_process';
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export interface Cores {
  /** Numbers of cores; undefined where processes cannot be pinned. */
  readonly server: number | undefined;
  readonly client: number | undefined;
}

/** The server gets the last core, the clients the first; without `taskset`, or with one core, nothing is pinned. */
export const findCores = (): Cores => {
  const cores = os.availableParallelism();
  const there = spawnSync('taskset', ['-c', `${cores - 1}`, 'true']).status === 0;
  return there && cores > 1 ? { server: cores - 1, client: 0 } : { server: undefined, client: undefined };
};

const twoCores = 2;

/** This process and all that it starts get no more than two cores: those of the machine where it has no more. */
export const keepToTwoCores = (): Cores => {
  if (os.availableParallelism() <= twoCores) return { server: 1, client: 0 };
  const kept = spawnSync('taskset', ['-a', '-c', '-p', `0-${twoCores - 1}`, `${process.pid}`]).status === 0;
  return kept ? { server: 1, client: 0 } : { server: undefined, client: undefined };
};

/** The command that runs `command` on that core. */
export const pinned = (core: number | undefined, command: readonly string[]): readonly [string, ...string[]] => {
  const [program = '', ...args] = command;
  return core === undefined ? [program, ...args] : ['taskset', '-c', `${core}`, program, ...args];
};

/** What earlier measurements left to be written to disk is written, so that it does not slow the next one down. */
export const settleDisk = (): void => void spawnSync('sync');

export interface Fsync {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const syncs = 200;
const blockBytes = 4096;

/** Appends of one block, each made durable, in `folder`: the file system the store lies on. */
export const measureFsync = (folder: string): Fsync => {
  const file = path.join(folder, 'fsync-probe');
  const handle = openSync(file, 'w');
  const block = Buffer.alloc(blockBytes, 1);
  const times: number[] = [];
  for (let at = 0; at < syncs; at++) {
    writeSync(handle, block);
    const started = performance.now();
    fdatasyncSync(handle);
    times.push(performance.now() - started);
  }
  closeSync(handle);
  rmSync(file);
  times.sort((a, b) => a - b);
  return { p50Ms: times[syncs / 2] ?? 0, p99Ms: times[Math.floor(syncs * 0.99)] ?? 0 };
};

export interface Machine {
  readonly date: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly node: string;
  readonly pinned: boolean;
  readonly loadAverage: number;
}

export const describeMachine = (cores: Cores): Machine => ({
  date: new Date().toISOString().slice(0, 16).replace('T', ' '),
  cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
  cores: os.availableParallelism(),
  memoryGiB: Math.round(os.totalmem() / 2 ** 30),
  kernel: `${os.type()} ${os.release()} ${os.arch()}`,
  node: process.version,
  pinned: cores.server !== undefined,
  loadAverage: os.loadavg()[0] ?? 0,
});
