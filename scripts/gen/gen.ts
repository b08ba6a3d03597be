/**
 * Writes everything that is derived from the rows: the typed API, OpenAPI, reference, coverage. `--tests FOLDER` runs the
 * tests of a folder and takes up what they used, `--coverage FOLDER` what a run before has noted; `--check` writes nothing
 * and fails where a file differs.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { readCoverageJson } from '@coffer/schema/derive/coverage-page.ts';
import { collect } from './collect.ts';
import { outputs } from './outputs.ts';
import { described } from './rows.ts';
import { mergeUsed, readNotes, standingUsed, usedIn } from './used.ts';

const root = path.resolve(import.meta.dirname, '../..');

const textOf = (file: string): string | undefined => {
  try {
    return readFileSync(path.join(root, file), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};

/** What the files should be; `notes` are folders of what tests noted. */
export const wanted = (notes: readonly string[] = []): ReadonlyMap<string, string> => {
  const before = readCoverageJson(textOf('coverage.json') ?? '[]');
  const found = usedIn(described, notes.flatMap(readNotes));
  const used = standingUsed(mergeUsed(before, found), file => existsSync(path.join(root, file)));
  const peer = textOf('test/golden/peer-paths.txt') ?? '';
  return outputs({ described, peer, used });
};

/** Files that are not what they should be. */
export const differing = (files: ReadonlyMap<string, string>): readonly string[] =>
  [...files].filter(([file, text]) => textOf(file) !== text).map(([file]) => file);

const writeAll = (files: ReadonlyMap<string, string>): void => {
  for (const file of differing(files)) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), files.get(file) ?? '');
    process.stdout.write(`wrote ${file}\n`);
  }
};

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      check: { type: 'boolean' },
      coverage: { type: 'string', multiple: true },
      tests: { type: 'string', multiple: true },
    },
  });
  const files = wanted([...(values.coverage ?? []), ...collect(root, values.tests ?? [])]);
  if (values.check === true) {
    const stale = differing(files);
    for (const file of stale) process.stderr.write(`${file} is not what the rows say: npm run gen\n`);
    process.exitCode = stale.length === 0 ? 0 : 1;
  } else writeAll(files);
}
