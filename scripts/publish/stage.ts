/**
 * Stages dist/<package>: what would be published, complete, with a package.json of its own. Nothing is uploaded.
 *
 *     npm run stage [-- FOLDER]
 */
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { faultsOf, type Staged } from './check.ts';
import { emit, root } from './emit.ts';
import { manifestOf } from './manifest.ts';
import { type Published, published } from './plan.ts';
import { rewriteSpecifiers } from './specifiers.ts';

const executable = 0o755;

const readRoot = (file: string): string => readFileSync(path.join(root, file), 'utf8');

/** `emitted` is the folder that holds <package>/src for each package. */
const assemble = (entry: Published, emitted: string): Staged => {
  const manifest = manifestOf(JSON.parse(readRoot(`packages/${entry.folder}/package.json`)) as object, entry);
  const sources = path.join(emitted, entry.folder, 'src');
  const files = new Map([
    ['package.json', `${JSON.stringify(manifest, undefined, 2)}\n`],
    ['LICENSE', readRoot('LICENSE')],
    ['README.md', readRoot(`packages/${entry.folder}/README.md`)],
    ...Object.values(entry.bin ?? {}).map((file): [string, string] => [file, readRoot('scripts/publish/launcher.cjs')]),
  ]);
  for (const file of globSync('**/*.{js,d.ts}', { cwd: sources }).toSorted()) {
    files.set(`lib/${file}`, rewriteSpecifiers(readFileSync(path.join(sources, file), 'utf8')));
  }
  return { manifest, files };
};

const write = (folder: string, { files }: Staged): void => {
  rmSync(folder, { recursive: true, force: true });
  for (const [name, text] of files) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text, name.startsWith('bin/') ? { mode: executable } : {});
  }
};

const assembleAll = async (work: string): Promise<readonly Staged[]> => {
  const configs = [...new Set(published.map(({ config }) => config))];
  const folderOf = (config: string): string => path.join(work, String(configs.indexOf(config)));
  for (const config of configs) await emit(config, folderOf(config));
  return published.map(entry => assemble(entry, folderOf(entry.config)));
};

/** Answers the folders, in the order of the plan. Rejects, and writes nothing, where the packages do not hold together. */
export const stage = async (into: string): Promise<readonly string[]> => {
  const work = mkdtempSync(path.join(tmpdir(), 'coffer-emit-'));
  try {
    const packages = await assembleAll(work);
    const faults = faultsOf(packages);
    if (faults.length > 0) throw new Error(`nothing is staged:\n${faults.join('\n')}`);
    const folders = published.map(({ folder }) => path.join(into, folder));
    for (const [at, staged] of packages.entries()) write(folders[at] ?? into, staged);
    return folders;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
};

const say = async (into: string): Promise<void> => {
  try {
    for (const folder of await stage(into)) process.stdout.write(`${folder}\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
};

if (import.meta.main) await say(path.resolve(root, process.argv[2] ?? 'dist'));
