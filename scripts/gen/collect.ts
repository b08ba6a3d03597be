/** Runs test files with the observer before them, one process each, and leaves what they noted in folders. */
import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const limitMs = 600_000;

const run = (root: string, file: string): string | undefined => {
  const notes = mkdtempSync(path.join(tmpdir(), 'coffer-coverage-'));
  const observer = path.join(root, 'test/coverage/observe.ts');
  const { status } = spawnSync(process.execPath, ['--import', observer, '--test', '--test-isolation=none', file], {
    cwd: root,
    env: { ...process.env, COFFER_COVERAGE_DIR: notes },
    stdio: 'ignore',
    timeout: limitMs,
  });
  return status === 0 ? notes : undefined;
};

/** Folders of notes. What a failing test file used proves nothing: it is named and left out. */
export const collect = (root: string, folders: readonly string[]): readonly string[] =>
  folders
    .flatMap(folder => globSync(`${folder}/**/*.test.ts`, { cwd: root }).toSorted())
    .flatMap(file => {
      const notes = run(root, file);
      process.stderr.write(`${file}${notes === undefined ? ' failed: what it used does not count' : ''}\n`);
      return notes ?? [];
    });
