/** A Node older than the project's own, as applications that use @coffer/client may have. `path` is its program. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { root } from '../run/environment.ts';
import type { Counterpart } from './counterpart.ts';

/** What packages/client/package.json promises, and the first that is not old. */
const oldestMajor = 20;
const ownMajor = 26;
const limitMs = 10_000;

export const isOldNode = (version: string): boolean => {
  const major = Number(/^v(\d+)\.\d+\.\d+\s*$/.exec(version)?.[1] ?? 0);
  return major >= oldestMajor && major < ownMajor;
};

const versionOf = (program: string): string =>
  spawnSync(program, ['--version'], { encoding: 'utf8', timeout: limitMs, env: {} }).stdout ?? '';

/** Each `node` in PATH but those of the repository itself. */
const programs = (searchPath: string): readonly string[] =>
  searchPath
    .split(path.delimiter)
    .filter(folder => path.isAbsolute(folder) && !folder.startsWith(path.join(root, 'node_modules')))
    .map(folder => path.join(folder, 'node'))
    .filter(program => existsSync(program));

export const findOldNode = (searchPath: string): string | undefined =>
  programs(searchPath).find(program => isOldNode(versionOf(program)));

export const oldNode: Counterpart = {
  name: `Node ${oldestMajor} (or another before ${ownMajor})`,
  getIt: `Put a Node from ${oldestMajor} to ${ownMajor - 1} into PATH as \`node\` (nodejs.org/en/download/archive, or a version manager: \`nvm install ${oldestMajor}\`), then run \`npm test\` again.`,
  locate: () => findOldNode(process.env['PATH'] ?? ''),
};
