/** Starts the writer thread: from its source file, or from the assets of the single executable. */
import { getAsset, isSea } from 'node:sea';
import { Worker } from 'node:worker_threads';
import type { WriterOptions } from './messages.ts';

/** Name of the bundled writer among the assets of the single executable. */
export const writerAsset = 'sqlite-writer.js';

export const startWriter = (options: WriterOptions): Worker => {
  const common = { workerData: options, env: {}, execArgv: [], name: 'sqlite-writer' };
  return isSea()
    ? new Worker(getAsset(writerAsset, 'utf8'), { ...common, eval: true })
    : new Worker(new URL('./writer.ts', import.meta.url), common);
};
