/** This process: its environment, signals, output and hygiene. Nothing else reads them. */
import { writeFileSync, writeSync } from 'node:fs';

export type Signal = 'SIGHUP' | 'SIGINT' | 'SIGTERM';

export interface Output {
  out(text: string): void;
  err(text: string): void;
}

const standardOutput = 1;
const standardError = 2;

const fullWaitMs = 10;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

/**
 * What is left of the bytes. A pipe that is full and does not block is waited for, as one that blocks would wait; where
 * nobody reads any more, nothing is left to do: that is no reason to end.
 */
const writeSome = (file: number, bytes: Uint8Array): Uint8Array => {
  try {
    return bytes.subarray(writeSync(file, bytes));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EPIPE') return bytes.subarray(bytes.length);
    if (code !== 'EAGAIN') throw error;
    Atomics.wait(sleeper, 0, 0, fullWaitMs);
    return bytes;
  }
};

/** All of it, whoever reads: one write takes only as much as a pipe has room for. */
const writeAll = (file: number, text: string): void => {
  let left: Uint8Array = new TextEncoder().encode(text);
  while (left.length > 0) left = writeSome(file, left);
};

/** Written at once: what is said before a crash is seen. */
export const output: Output = {
  out: text => writeAll(standardOutput, text),
  err: text => writeAll(standardError, text),
};

export const environment = (): ReadonlyMap<string, string> =>
  new Map(Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined));

/** Calls `heard` for each signal, for as long as the process lives. */
export const onSignals = (signals: readonly Signal[], heard: (signal: Signal) => void): void => {
  for (const signal of signals) process.on(signal, heard);
};

const longMs = 2 ** 30;

/** Keeps the process alive until the answer is called: for one that waits and has nothing open that would. */
export const stayAlive = (): (() => void) => {
  const timer = setInterval(() => undefined, longMs);
  return () => clearInterval(timer);
};

/** Ends the process at once: for states in which going on would lose or reveal data. */
export const abort = (code: number): never => process.exit(code);

/** Linux writes no memory of the process into a core dump then (core(5)); elsewhere there is no such file. */
const forgetMemoryInCoreDumps = (): void => {
  try {
    writeFileSync('/proc/self/coredump_filter', '0');
  } catch {
    // The launcher's `ulimit -c 0` is what is left.
  }
};

/**
 * What a process that holds keys must not do: open a debugger on a signal, write its environment into a report or its
 * memory into a core dump, or let a new file be read by others.
 */
export const harden = (): void => {
  process.on('SIGUSR1', () => {});
  if (process.report !== undefined) {
    process.report.reportOnSignal = false;
    process.report.reportOnFatalError = false;
    process.report.reportOnUncaughtException = false;
  }
  forgetMemoryInCoreDumps();
  process.umask(0o077);
};

export const workingFolder = (): string => process.cwd();
