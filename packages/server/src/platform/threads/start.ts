/** Threads of this process: started from their source files, or from the assets of the single executable. */
import { getAsset, isSea } from 'node:sea';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import type { Channel } from './calls.ts';

export interface Thread {
  readonly name: string;
  /** Its name among the assets of the single executable, where it is bundled into one file. */
  readonly asset: string;
  /** Written out where it is made: publishing renames what stands there. */
  readonly source: URL;
}

/** `data`: what the thread finds as its `workerData`. It gets no environment. */
export const startThread = ({ name, asset, source }: Thread, data: unknown): Worker => {
  const common = { workerData: data, env: {}, execArgv: [], name };
  return isSea() ? new Worker(getAsset(asset, 'utf8'), { ...common, eval: true }) : new Worker(source, common);
};

/** A thread that questions are asked of. */
export interface Started {
  readonly channel: Channel;
  /** It ended, by itself or not: with the name of the error, where it was one. */
  onEnd(take: (error: string | undefined) => void): void;
  terminate(): Promise<unknown>;
}

export const startAsked = (thread: Thread, data: unknown): Started => {
  const worker = startThread(thread, data);
  let failure: string | undefined;
  worker.on('error', error => {
    failure = error instanceof Error ? `${error.name}: ${error.message}` : 'unknown';
  });
  return {
    channel: worker,
    onEnd: take => void worker.on('exit', () => take(failure)),
    terminate: () => worker.terminate(),
  };
};

export interface OwnThread {
  readonly data: unknown;
  readonly channel: Channel;
  /** What is left to do is done, then the thread ends. */
  end(): void;
}

/** Of a thread that another one started: this one. */
export const ownThread = (): OwnThread => {
  if (parentPort === null) throw new TypeError('this is no thread of another');
  const port = parentPort;
  return { data: workerData, channel: port, end: () => port.close() };
};
