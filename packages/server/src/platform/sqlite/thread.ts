/** The threads of a store. */
import type { Worker } from 'node:worker_threads';
import { startThread, type Thread } from '../threads/start.ts';
import type { CopierOptions, MoverOptions, WriterOptions } from './messages.ts';

const writer: Thread = {
  name: 'sqlite-writer',
  asset: 'sqlite-writer.js',
  source: new URL('./writer.ts', import.meta.url),
};
const copier: Thread = {
  name: 'sqlite-copier',
  asset: 'sqlite-copier.js',
  source: new URL('./copier.ts', import.meta.url),
};

const mover: Thread = {
  name: 'sqlite-mover',
  asset: 'sqlite-mover.js',
  source: new URL('./mover.ts', import.meta.url),
};

/** All there are: each is an asset of the single executable. */
export const threads: readonly Thread[] = [writer, mover, copier];

export const startWriter = (options: WriterOptions): Worker => startThread(writer, options);
export const startCopier = (options: CopierOptions): Worker => startThread(copier, options);
export const startMover = (options: MoverOptions): Worker => startThread(mover, options);
