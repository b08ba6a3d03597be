/** A server as a child process on the server's core: started until it says that it listens, stopped by signal. */
import { type ChildProcess, spawn } from 'node:child_process';
import { pinned } from '../machine.ts';

const startLimitMs = 60_000;

export interface ServerChild {
  readonly pid: number;
  readonly port: number;
  readonly child: ChildProcess;
  /** From the start of the process until it said that it listens. */
  readonly startMs: number;
  stop(): Promise<void>;
}

export interface ChildOptions {
  readonly command: readonly string[];
  readonly core: number | undefined;
  readonly folder: string;
}

const listening = /listening on (?:http:\/\/)?[\w.]+:(\d+)/;

export const startChild = ({ command, core, folder }: ChildOptions): Promise<ServerChild> => {
  const [program, ...args] = pinned(core, command);
  const started = performance.now();
  const child = spawn(program, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  const ended = new Promise<void>(done => child.once('close', () => done()));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };
  return new Promise((done, failed) => {
    let said = '';
    const timer = setTimeout(() => failed(new Error(`the server did not start:\n${said}`)), startLimitMs);
    const hear = (chunk: Buffer): void => {
      said = (said + chunk.toString()).slice(-10_000);
      const [, port] = listening.exec(said) ?? [];
      if (port === undefined) return;
      clearTimeout(timer);
      done({ pid: child.pid ?? -1, port: Number(port), child, startMs: performance.now() - started, stop });
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    void ended.then(() => {
      clearTimeout(timer);
      failed(new Error(`the server ended:\n${said}`));
    });
  });
};
