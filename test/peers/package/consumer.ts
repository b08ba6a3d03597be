/** Compiles sources of a user against installed packages: strictly, declarations of the packages included. */
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../../run/environment.ts';

const limitMs = 60_000;
const outputLimitBytes = 4 * 1024 * 1024;

export type Surroundings = 'node' | 'browser';

const strict = { strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, skipLibCheck: false };
const surroundings: { readonly [K in Surroundings]: object } = {
  node: {
    module: 'nodenext',
    target: 'es2022',
    lib: ['es2023'],
    types: ['node'],
    typeRoots: [path.join(root, 'node_modules', '@types')],
  },
  browser: { module: 'esnext', moduleResolution: 'bundler', target: 'es2022', lib: ['es2022', 'dom'], types: [] },
};

const compile = (folder: string): Promise<string> =>
  new Promise(resolve => {
    const args = [path.join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', folder, '--pretty', 'false'];
    const limits = { cwd: folder, timeout: limitMs, maxBuffer: outputLimitBytes };
    execFile(process.execPath, args, limits, (error, stdout, stderr) =>
      resolve(error === null ? '' : `${stdout}${stderr}${error.message}`),
    );
  });

/** What the compiler complains about, empty when nothing. Compiled files lie in out/ below `folder`, which is made. */
export const compileIn = (
  folder: string,
  kind: Surroundings,
  sources: ReadonlyMap<string, string>,
): Promise<string> => {
  mkdirSync(folder, { recursive: true });
  const compilerOptions = { ...strict, ...surroundings[kind], outDir: path.join(folder, 'out'), rootDir: folder };
  writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  for (const [name, text] of sources) writeFileSync(path.join(folder, name), text);
  return compile(folder);
};
