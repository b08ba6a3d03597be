/** Starts the threads of a store: from their source files, or from the assets of the single executable. */
import { getAsset, isSea } from 'node:sea';
import { Worker } from 'node:worker_threads';
import type { CopierOptions, WriterOptions } from './messages.ts';

/** Names of the bundled threads among the assets of the single executable. */
export const writerAsset = 'sqlite-writer.js';
export const copierAsset = 'sqlite-copier.js';

const start = (name: string, asset: string, workerData: WriterOptions | CopierOptions): Worker => {
  const common = { workerData, env: {}, execArgv: [], name: `sqlite-${name}` };
  return isSea()
    ? new Worker(getAsset(asset, 'utf8'), { ...common, eval: true })
    : new Worker(new URL(`./${name}.ts`, import.meta.url), common);
};

export const startWriter = (options: WriterOptions): Worker => start('writer', writerAsset, options);
export const startCopier = (options: CopierOptions): Worker => start('copier', copierAsset, options);
