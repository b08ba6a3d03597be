/** Starts the threads of a store: from their source files, or from the assets of the single executable. */
import { getAsset, isSea } from 'node:sea';
import { Worker } from 'node:worker_threads';
import type { CopierOptions, WriterOptions } from './messages.ts';

export interface Thread {
  readonly name: string;
  /** Its name among the assets of the single executable, where it is bundled into one file. */
  readonly asset: string;
  /** Written out where it is made: publishing renames what stands there. */
  readonly source: URL;
}

const start = ({ name, asset, source }: Thread, workerData: WriterOptions | CopierOptions): Worker => {
  const common = { workerData, env: {}, execArgv: [], name: `sqlite-${name}` };
  return isSea() ? new Worker(getAsset(asset, 'utf8'), { ...common, eval: true }) : new Worker(source, common);
};

const writer: Thread = { name: 'writer', asset: 'sqlite-writer.js', source: new URL('./writer.ts', import.meta.url) };
const copier: Thread = { name: 'copier', asset: 'sqlite-copier.js', source: new URL('./copier.ts', import.meta.url) };

/** All there are: each is an asset of the single executable. */
export const threads: readonly Thread[] = [writer, copier];

export const startWriter = (options: WriterOptions): Worker => start(writer, options);
export const startCopier = (options: CopierOptions): Worker => start(copier, options);
