/** This process: its environment, signals, output and hygiene. Nothing else reads them. */
import { writeSync } from 'node:fs';

export type Signal = 'SIGHUP' | 'SIGINT' | 'SIGTERM';

export interface Output {
  out(text: string): void;
  err(text: string): void;
}

const standardOutput = 1;
const standardError = 2;

/** Written at once: what is said before a crash is seen. */
export const output: Output = {
  out: text => void writeSync(standardOutput, text),
  err: text => void writeSync(standardError, text),
};

/** For text of any length, to a reader who may be slow: resolves when all of it is on its way. */
export const print = (text: string): Promise<void> =>
  new Promise(resolve => {
    process.stdout.write(text, () => resolve());
  });

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

/**
 * What a process that holds keys must not do: open a debugger on a signal, write its environment into a report, or let
 * a new file be read by others.
 */
export const harden = (): void => {
  process.on('SIGUSR1', () => {});
  if (process.report !== undefined) {
    process.report.reportOnSignal = false;
    process.report.reportOnFatalError = false;
    process.report.reportOnUncaughtException = false;
  }
  process.umask(0o077);
};

export const workingFolder = (): string => process.cwd();
