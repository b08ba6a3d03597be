/**
 * The programs of PostgreSQL where the user they run as can reach them, and a data folder to begin with. PostgreSQL refuses
 * to run as root: there its processes become `nobody`, with folders of their own below the machine's temporary folder.
 */
import { execFile } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const nobody = 65_534;

export const superuser = 'coffer';
/** Shows up nowhere: what prints it is a finding. */
export const password = 'canary-Kq7/pg@pass:word';

/** What a child process is spawned with. */
export const unprivileged: { readonly uid?: number; readonly gid?: number } =
  process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};

/** The folder of a test run is closed to others, and so is that of `root`. */
const openFolder = (): string => {
  const base = unprivileged.uid === undefined ? tmpdir() : '/tmp';
  const folder = mkdtempSync(path.join(base, 'coffer-pg-'));
  if (unprivileged.uid !== undefined) chmodSync(folder, 0o755);
  return folder;
};

const giveAway = (place: string): void => {
  if (unprivileged.uid === undefined) return;
  chownSync(place, nobody, nobody);
  if (lstatSync(place).isDirectory()) for (const name of readdirSync(place)) giveAway(path.join(place, name));
};

export class PostgresPlace {
  readonly folder: string = openFolder();
  readonly #native: string;
  #made = 0;
  #ready: Promise<string> | undefined;

  constructor(native: string) {
    this.#native = unprivileged.uid === undefined ? native : path.join(this.folder, 'native');
    if (this.#native !== native) cpSync(native, this.#native, { recursive: true, verbatimSymlinks: true });
    process.once('exit', () => this.remove());
  }

  program(name: 'postgres' | 'initdb' | 'pg_ctl'): string {
    return path.join(this.#native, 'bin', name);
  }

  /** A folder that PostgreSQL may write to. */
  newFolder(): string {
    const folder = path.join(this.folder, `at-${++this.#made}`);
    mkdirSync(folder, { mode: 0o700 });
    giveAway(folder);
    return folder;
  }

  /** A new data folder: initdb runs once. */
  async newData(): Promise<string> {
    this.#ready ??= this.#initdb();
    return this.copyData(await this.#ready);
  }

  /** Of a server that does not run. */
  copyData(from: string): string {
    const data = path.join(this.newFolder(), 'data');
    cpSync(from, data, { recursive: true, verbatimSymlinks: true });
    giveAway(data);
    chmodSync(data, 0o700);
    return data;
  }

  /** Writes a file that PostgreSQL may read. */
  write(file: string, text: string): string {
    writeFileSync(file, text, { mode: 0o600 });
    giveAway(file);
    return file;
  }

  async #initdb(): Promise<string> {
    const folder = this.newFolder();
    const data = path.join(folder, 'data');
    const passwordFile = this.write(path.join(folder, 'password'), password);
    const args = ['-D', data, '-U', superuser, '-A', 'scram-sha-256', '--pwfile', passwordFile];
    await run(this.program('initdb'), [...args, '-E', 'UTF8', '--locale=C', '--no-sync'], {
      ...unprivileged,
      env: {},
      cwd: folder,
    });
    return data;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
