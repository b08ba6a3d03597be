/** Which test files there are, and in which kind of process each runs. */
import { globSync } from 'node:fs';
import { root } from './environment.ts';

/** Folders of /test whose files share one process with the unit tests: they start no server and change no global. */
const inProcess = ['tidy', 'golden', 'types', 'vectors', 'run', 'counterparts', 'repository'];

const find = (pattern: string): string[] =>
  globSync(pattern, { cwd: root, exclude: name => name === 'node_modules' }).toSorted();

export interface TestFiles {
  readonly unit: readonly string[];
  /** One process each, one after the other. */
  readonly alone: readonly string[];
}

export const findTestFiles = (): TestFiles => {
  const across = find('test/**/*.test.ts');
  const sharing = across.filter(file => inProcess.includes(file.split('/')[1] ?? ''));
  return {
    unit: [...find('packages/*/src/**/*.test.ts'), ...find('scripts/**/*.test.ts'), ...sharing],
    alone: across.filter(file => !sharing.includes(file)),
  };
};
