/**
 * Files for one process: their owner's alone, made new and never through a link, gone when this process ends in any way but
 * SIGKILL. Names without a folder go to a folder in memory where there is one (XDG_RUNTIME_DIR, /dev/shm).
 */
import { constants, rmdirSync, rmSync } from 'node:fs';
import { lstat, mkdir, mkdtemp, open, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CofferError } from '@coffer/schema/errors.ts';
import type { PrivateFiles } from '../running/surroundings.ts';
import { codeOf, reasonOf } from './reason.ts';

const ownerOnly = 0o600;
const makeNew = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW;

const fail = (file: string, reason: string, cause?: unknown): never => {
  throw new CofferError('usage', `${file}: ${reason}`, { cause });
};

const isFolder = async (folder: string | undefined): Promise<boolean> => {
  if (folder === undefined || !path.isAbsolute(folder)) return false;
  try {
    return (await stat(folder)).isDirectory();
  } catch {
    return false;
  }
};

const memoryFolder = async (): Promise<string> => {
  for (const folder of [process.env['XDG_RUNTIME_DIR'], '/dev/shm']) {
    if (folder !== undefined && (await isFolder(folder))) return folder;
  }
  return tmpdir();
};

const writeNew = async (file: string, content: Uint8Array): Promise<void> => {
  await using handle = await open(file, makeNew, ownerOnly);
  await handle.chmod(ownerOnly);
  await handle.writeFile(content);
};

const quietly = (act: () => void): void => {
  try {
    act();
  } catch {
    // Somebody else removed it, or put something of their own into the folder.
  }
};

class OwnFiles implements PrivateFiles {
  readonly #replace: boolean;
  readonly #files = new Set<string>();
  /** Those made here, outer ones first. */
  readonly #folders: string[] = [];
  #own: Promise<string> | undefined;

  constructor(replace: boolean) {
    this.#replace = replace;
    process.once('exit', () => this.remove());
  }

  async place(name: string): Promise<string> {
    if (!path.isAbsolute(name)) return this.#relative(name);
    if (path.normalize(name) !== name || name.endsWith('/')) fail(name, 'not a plain path for a file');
    await this.#folder(path.dirname(name));
    return name;
  }

  async write(file: string, content: Uint8Array): Promise<void> {
    try {
      if (this.#files.has(file)) await this.#again(file, content);
      else await this.#first(file, content);
    } catch (error) {
      if (error instanceof CofferError) throw error;
      fail(file, `cannot be written (${reasonOf(error)})`, error);
    }
  }

  remove(): void {
    for (const file of this.#files) quietly(() => rmSync(file, { force: true }));
    for (const folder of this.#folders.toReversed()) quietly(() => rmdirSync(folder));
    this.#files.clear();
    this.#folders.length = 0;
  }

  async #relative(name: string): Promise<string> {
    if (name.startsWith('.') || name.includes('/')) fail(name, 'give an absolute path, or a name without a folder');
    this.#own ??= this.#ownFolder();
    return path.join(await this.#own, name);
  }

  async #ownFolder(): Promise<string> {
    const folder = await mkdtemp(path.join(await memoryFolder(), 'coffer-run-'));
    this.#folders.push(folder);
    return folder;
  }

  async #folder(folder: string): Promise<void> {
    try {
      const first = await mkdir(folder, { recursive: true, mode: 0o700 });
      if (first === undefined) return;
      const below = path.relative(first, folder).split(path.sep);
      this.#folders.push(first);
      let made = first;
      for (const name of below.filter(part => part !== '')) this.#folders.push((made = path.join(made, name)));
    } catch (error) {
      fail(folder, `cannot be made (${reasonOf(error)})`, error);
    }
  }

  async #first(file: string, content: Uint8Array): Promise<void> {
    if (this.#replace) await this.#removeOld(file);
    try {
      await writeNew(file, content);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
      fail(file, 'exists already; remove it, or let -replace-files do it', error);
    }
    this.#files.add(file);
  }

  /** Left by a run that was killed. Never anything but a file. */
  async #removeOld(file: string): Promise<void> {
    try {
      if ((await lstat(file)).isFile()) await rm(file, { force: true });
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
    }
  }

  /** Beside it, then renamed over it: a reader sees the old content or the new one. */
  async #again(file: string, content: Uint8Array): Promise<void> {
    const beside = path.join(path.dirname(file), `.${path.basename(file)}.coffer-new`);
    await rm(beside, { force: true });
    this.#files.add(beside);
    await writeNew(beside, content);
    await rename(beside, file);
    this.#files.delete(beside);
  }
}

export const openFiles = (replace: boolean): PrivateFiles => new OwnFiles(replace);
