/** Functions over paths with slashes, by their text alone: nothing is looked up on a disk. */
import { fixed, string, type TemplateFunction } from '../function.ts';

/** The shortest path of the same meaning; `.` for an empty one. */
export const clean = (path: string): string => {
  const rooted = path.startsWith('/');
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (!rooted) parts.push('..');
  }
  return (rooted ? '/' : '') + parts.join('/') || '.';
};

const withoutSlashes = (path: string): string => {
  let end = path.length;
  while (end > 0 && path.charAt(end - 1) === '/') end--;
  return path.slice(0, end);
};

const base = (path: string): string => {
  if (path === '') return '.';
  const plain = withoutSlashes(path);
  return plain.slice(plain.lastIndexOf('/') + 1) || '/';
};

const dir = (path: string): string => clean(path.slice(0, path.lastIndexOf('/') + 1));

const ext = (path: string): string => {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  return dot === -1 ? '' : name.slice(dot);
};

const onPath = (change: (path: string) => string): TemplateFunction => fixed([string], ([path]) => change(path));

/** Each also under its name for paths of the operating system, which are the same ones here. */
const functions: readonly (readonly [string, string, TemplateFunction])[] = [
  ['base', 'osBase', onPath(base)],
  ['dir', 'osDir', onPath(dir)],
  ['clean', 'osClean', onPath(clean)],
  ['ext', 'osExt', onPath(ext)],
  ['isAbs', 'osIsAbs', fixed([string], ([path]) => path.startsWith('/'))],
];

export const pathFunctions: readonly (readonly [string, TemplateFunction])[] = functions.flatMap(
  ([name, other, run]) => [[name, run] as const, [other, run] as const],
);
