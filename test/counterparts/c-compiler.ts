/** A C compiler, for the library that puts faults between a program and its disk. Linux only: it is preloaded. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Counterpart } from './counterpart.ts';

const names = ['cc', 'gcc', 'clang'];

const inPath = (): string | undefined =>
  (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .flatMap(folder => names.map(name => path.join(folder, name)))
    .find(file => existsSync(file));

export const cCompiler: Counterpart = {
  name: 'a C compiler on Linux',
  getIt: 'Install one (Debian: apt-get install gcc libc6-dev), then run `npm test` again.',
  locate: () => (process.platform === 'linux' ? inPath() : undefined),
};
