/** The files of the repository as the rules see them: what git tracks or would track, read once. */
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { blankOut } from './blank.ts';

export const root: string = path.resolve(import.meta.dirname, '..', '..', '..');

export interface Source {
  /** From the root, with `/`. */
  readonly path: string;
  readonly text: string;
  /** The text with comments and quoted parts blanked, see `blank.ts`. */
  readonly code: string;
}

const lineLimit = 100_000;

const listed = (): string[] => {
  try {
    const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
    return execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\0');
  } catch {
    // An unpacked archive has no git: everything outside node_modules then.
    return globSync('**/*', { cwd: root, exclude: name => name === 'node_modules' || name === '.cache' });
  }
};

export const isFile = (name: string): boolean => {
  try {
    return name !== '' && statSync(path.join(root, name)).isFile();
  } catch {
    return false;
  }
};

export const repositoryFiles: readonly string[] = [...new Set(listed())].filter(isFile).toSorted();

export const readText = (name: string): string => readFileSync(path.join(root, name), 'utf8');

export const sourceOf = (name: string, text: string): Source => ({ path: name, text, code: blankOut(text) });

const isCode = (name: string): boolean =>
  /^(?:packages\/[^/]+\/src|scripts|test)\/.*\.ts$/.test(name) &&
  !name.endsWith('.gen.ts') &&
  !/^test\/types\/(?:pass|fail)\//.test(name);

/** Every TypeScript file written by hand, tests included. */
export const sources: readonly Source[] = repositoryFiles.filter(isCode).map(name => sourceOf(name, readText(name)));

export const isTest = (name: string): boolean => name.endsWith('.test.ts') || name.startsWith('test/');

export const lineAt = (text: string, offset: number): number => {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset && line < lineLimit; at = text.indexOf('\n', at + 1))
    line += 1;
  return line;
};
