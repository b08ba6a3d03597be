/** Type-checks a list of files under the project's own strict options, apart from the rest of the tree. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../run/environment.ts';

export interface TypeFault {
  /** From the root of the repository. */
  readonly file: string;
  readonly line: number;
  /** As `TS2322`. */
  readonly code: string;
  readonly text: string;
}

export interface Compiled {
  readonly faults: readonly TypeFault[];
  readonly seconds: number;
}

const limitMs = 120_000;
const outputLimitBytes = 16 * 1024 * 1024;
const fault = /^(.+?)\((\d+),\d+\): error (TS\d+): (.*)$/;

/** Runs `task` with a folder for generated sources: inside the repository, because imports are resolved from there. */
export const inScratch = async <T>(task: (folder: string) => Promise<T>): Promise<T> => {
  const base = path.join(root, '.cache', 'types');
  mkdirSync(base, { recursive: true });
  const folder = mkdtempSync(path.join(base, 'run-'));
  try {
    return await task(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const readFaults = (output: string): TypeFault[] =>
  output.split('\n').flatMap(line => {
    const [, file, number, code, text] = fault.exec(line) ?? [];
    if (file === undefined || code === undefined) return [];
    return [{ file: path.posix.normalize(file), line: Number(number), code, text: text ?? '' }];
  });

/** `files` from the root; the configuration is written to `folder`. Rejects when the compiler itself could not run. */
export const compile = async (folder: string, files: readonly string[]): Promise<Compiled> => {
  const config = path.join(folder, 'tsconfig.json');
  const absolute = files.map(file => path.join(root, file));
  writeFileSync(config, JSON.stringify({ extends: path.join(root, 'tsconfig.json'), files: absolute, include: [] }));
  const args = [path.join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', config, '--pretty', 'false'];
  const startedMs = performance.now();
  const output = await new Promise<string>((resolve, reject) => {
    execFile(
      process.execPath,
      args,
      { cwd: root, timeout: limitMs, maxBuffer: outputLimitBytes },
      (error, stdout, stderr) => {
        // 2 says that there are faults, and the output has them.
        if (error === null || (error.code !== undefined && readFaults(stdout).length > 0)) resolve(stdout);
        else reject(new Error(`tsc could not run: ${stderr}${stdout}`, { cause: error }));
      },
    );
  });
  return { faults: readFaults(output), seconds: (performance.now() - startedMs) / 1000 };
};
