/**
 * Manifests on disk. Reading never leaves the folder that was given, whatever links say; everything is bounded, and what is
 * not read is named. Writing makes files of their owner's alone, in folders of its own, and follows no link (S21).
 */
import { constants, type Dirent } from 'node:fs';
import { lstat, mkdir, open, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { CofferError } from '@coffer/schema/errors.ts';
import type { Listing, ManifestFile, ManifestFiles } from '../manifests/files.ts';
import { codeOf, reasonOf } from './reason.ts';

const fileLimitBytes = 32 * 1024 * 1024;
const filesLimit = 100_000;
const depthLimit = 32;
const manifestName = /\.(?:ya?ml|json)$/i;

const fail = (what: string, reason: string, cause?: unknown): never => {
  throw new CofferError('usage', `${what}: ${reason}`, { cause });
};

/** `O_NONBLOCK`: a pipe in the folder must not hold the import up. */
const readBounded = async (file: string, shown: string): Promise<Uint8Array> => {
  try {
    await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const facts = await handle.stat();
    if (!facts.isFile()) fail(shown, 'not a regular file');
    if (facts.size > fileLimitBytes) fail(shown, `larger than ${fileLimitBytes} bytes: split it`);
    const buffer = new Uint8Array(facts.size + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length);
      length += bytesRead;
      if (length > facts.size) fail(shown, 'it grew while it was read');
      if (bytesRead === 0) return buffer.subarray(0, length);
    }
  } catch (error) {
    if (error instanceof CofferError) throw error;
    return fail(shown, `cannot be read (${reasonOf(error)})`, error);
  }
};

class Walk {
  readonly #root: string;
  readonly #shownRoot: string;
  readonly files: ManifestFile[] = [];
  readonly refused: { source: string; reason: string }[] = [];
  hidden = 0;
  otherNames = 0;

  constructor(root: string, shownRoot: string) {
    this.#root = root;
    this.#shownRoot = shownRoot;
  }

  async folder(folder: string, depth: number): Promise<void> {
    if (depth > depthLimit) return this.#refuse(folder, `folders more than ${depthLimit} deep`);
    let entries: Dirent[];
    try {
      entries = await readdir(folder, { withFileTypes: true });
    } catch (error) {
      return this.#refuse(folder, `cannot be opened (${reasonOf(error)})`);
    }
    for (const entry of entries.toSorted((left, right) => (left.name < right.name ? -1 : 1))) {
      await this.#entry(entry, path.join(folder, entry.name), depth);
    }
  }

  async #entry(entry: Dirent, full: string, depth: number): Promise<void> {
    if (entry.name.startsWith('.')) this.hidden += 1;
    else if (entry.isDirectory()) await this.folder(full, depth + 1);
    else if (!manifestName.test(entry.name)) this.otherNames += 1;
    else if (entry.isSymbolicLink()) await this.#link(full);
    else if (entry.isFile()) this.#file(full, full);
    else this.#refuse(full, 'not a regular file');
  }

  async #link(full: string): Promise<void> {
    try {
      const target = await realpath(full);
      if (!target.startsWith(`${this.#root}${path.sep}`)) return this.#refuse(full, 'a link out of the folder');
      if (!(await stat(target)).isFile()) return this.#refuse(full, 'a link to what is no regular file');
      this.#file(target, full);
    } catch (error) {
      this.#refuse(full, `a link that leads nowhere (${reasonOf(error)})`);
    }
  }

  #file(full: string, shownAs: string): void {
    if (this.files.length >= filesLimit) fail(this.#shownRoot, `more than ${filesLimit} manifests`);
    const shown = this.#shown(shownAs);
    this.files.push({ shown, read: () => readBounded(full, shown) });
  }

  #shown(full: string): string {
    return path.join(this.#shownRoot, path.relative(this.#root, full));
  }

  #refuse(full: string, reason: string): void {
    this.refused.push({ source: this.#shown(full), reason });
  }
}

const list = async (given: string): Promise<Listing> => {
  let real: string;
  try {
    real = await realpath(given);
    if (!(await stat(real)).isDirectory()) {
      return { files: [{ shown: given, read: () => readBounded(real, given) }], refused: [], hidden: 0, otherNames: 0 };
    }
  } catch (error) {
    return fail(
      given,
      codeOf(error) === 'ENOENT' ? 'no such file or folder' : `cannot be read (${reasonOf(error)})`,
      error,
    );
  }
  const walk = new Walk(real, given);
  await walk.folder(real, 0);
  return walk;
};

const checkSegment = (name: string): void => {
  if (name === '' || name.startsWith('.') || /[/\\\0]/.test(name)) fail(name, 'not a name for a file');
};

const isMissing = async (folder: string): Promise<boolean> => {
  try {
    await stat(folder);
    return false;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return true;
    return fail(folder, `cannot be written (${reasonOf(error)})`, error);
  }
};

/** One at a time: Node's recursive way never ends on file systems such as `/proc`. */
const makeFolders = async (folder: string): Promise<void> => {
  const missing: string[] = [];
  for (let at = path.resolve(folder); await isMissing(at); at = path.dirname(at)) missing.push(at);
  for (const one of missing.toReversed()) {
    try {
      await mkdir(one, { mode: 0o700 });
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') fail(one, `cannot be made (${reasonOf(error)})`, error);
    }
  }
};

/** A folder of ours, never what a link leads to. */
const ownFolder = async (folder: string): Promise<void> => {
  await makeFolders(folder);
  if (!(await lstat(folder)).isDirectory()) fail(folder, 'not a folder');
};

const place: ManifestFiles['place'] = async (root, [folderName, fileName], content) => {
  checkSegment(folderName);
  checkSegment(fileName);
  await makeFolders(root);
  const folder = path.join(root, folderName);
  const target = path.join(folder, fileName);
  const beside = path.join(folder, `.${fileName.slice(0, 200)}.tmp`);
  try {
    await ownFolder(folder);
    await rm(beside, { force: true });
    await using handle = await open(beside, 'wx', 0o600);
    await handle.writeFile(content);
    await rename(beside, target);
  } catch (error) {
    if (error instanceof CofferError) throw error;
    await rm(beside, { force: true });
    fail(target, `cannot be written (${reasonOf(error)})`, error);
  }
};

export const manifestFiles: ManifestFiles = { list, place };
