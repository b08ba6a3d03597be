/** The imports of a file, and the file of the repository each one means. */
import path from 'node:path';
import { lineAt, type Source } from './tree.ts';

export interface Import {
  readonly specifier: string;
  readonly line: number;
  /** `import(…)`: reached only when that line runs. */
  readonly dynamic: boolean;
  /** The file in the repository; undefined for `node:` and packages of others. */
  readonly target: string | undefined;
}

const statement = /(?:(?<=[\w$}*]\s*)\bfrom|(?<![.\w$])import\s*(\()?)\s*(['"])( *)\2/g;
const workspace = /^(@coffer\/(schema|client|server)|coffer)(?:\/(.+))?$/;

const targetOf = (from: string, specifier: string): string | undefined => {
  if (specifier.startsWith('.')) return path.posix.join(path.posix.dirname(from), specifier);
  const match = workspace.exec(specifier);
  if (match === null) return undefined;
  const name = match[2] ?? 'cli';
  return `packages/${name}/src/${match[3] ?? `${name}.ts`}`;
};

export const importsOf = (source: Source): Import[] =>
  [...source.code.matchAll(statement)].map(match => {
    const end = match.index + match[0].length - 1;
    const specifier = source.text.slice(end - (match[3]?.length ?? 0), end);
    return {
      specifier,
      line: lineAt(source.text, match.index),
      dynamic: match[1] !== undefined,
      target: targetOf(source.path, specifier),
    };
  });
