/** hvac 2.4.0, the Python client, in a virtual environment of its own. `path` is that environment's python. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Counterpart } from './counterpart.ts';

const version = '2.4.0';
const limitMs = 300_000;
const tailChars = 1500;
const packages = path.join(import.meta.dirname, 'python-packages.txt');
const run = promisify(execFile);

const folderIn = (cache: string): string => path.join(cache, 'counterparts', `hvac-${version}`);
const pythonIn = (cache: string): string => path.join(folderIn(cache), 'bin', 'python');
/** Written last, so that an installation that was cut off is not taken for a whole one. */
const markIn = (cache: string): string => path.join(folderIn(cache), 'complete');

const step = async (what: string, program: string, args: readonly string[]): Promise<void> => {
  try {
    await run(program, args, { timeout: limitMs });
  } catch (error) {
    const { code, stderr = '' } = error as { code?: unknown; stderr?: string };
    throw new Error(`${what} failed (${String(code)}): ${stderr.trim().slice(-tailChars)}`, { cause: error });
  }
};

const newEnough = 'import sys; sys.exit(0 if sys.version_info >= (3, 10) else "python3 is older than 3.10")';

const install = async (cache: string): Promise<void> => {
  const folder = folderIn(cache);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(path.dirname(folder), { recursive: true });
  await step('looking for Python 3.10 or newer', 'python3', ['-c', newEnough]);
  await step('python3 -m venv (on Debian it needs the package python3-venv)', 'python3', ['-m', 'venv', folder]);
  const wheelsOnly = ['--only-binary', ':all:', '--require-hashes', '--no-deps', '--disable-pip-version-check'];
  await step('pip install', pythonIn(cache), ['-m', 'pip', 'install', '--quiet', ...wheelsOnly, '-r', packages]);
  await step('import hvac', pythonIn(cache), ['-c', 'import hvac']);
  writeFileSync(markIn(cache), '');
};

export const hvac: Counterpart = {
  name: `hvac ${version} (Python)`,
  getIt:
    'Install Python 3.10 or newer with venv and pip (Debian: apt-get install python3 python3-venv), then run `npm test` again.',
  locate: cache => (existsSync(markIn(cache)) && existsSync(pythonIn(cache)) ? pythonIn(cache) : undefined),
  install: {
    what: `hvac==${version} and its 5 dependencies from the Python package index that pip is set up with, checked against their hashes`,
    run: install,
  },
};
