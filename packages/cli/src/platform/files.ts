/** Files of the person who runs the command. What is written holds secrets: its owner's alone, and never half written. */
import { chmod, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { CofferError } from '@coffer/schema/errors.ts';
import type { Files } from '../io.ts';
import { codeOf, reasonOf } from './reason.ts';

const ownerOnly = 0o600;

const failed = (path: string, what: string, error: unknown): CofferError =>
  new CofferError('usage', `${path}: cannot be ${what} (${reasonOf(error)})`, { cause: error });

const read = async (path: string): Promise<Uint8Array | undefined> => {
  try {
    return await readFile(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw failed(path, 'read', error);
  }
};

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

const behindLinks = async (path: string): Promise<string> => {
  try {
    return await realpath(path);
  } catch (error) {
    throw failed(path, 'written', error);
  }
};

/**
 * Beside the file first, then renamed over it: a reader sees the old file or the new one. A file that is
 * kept may be a link into somebody's collection of settings: the file behind it is replaced.
 */
const write: Files['write'] = async (given, content, access) => {
  const path = access === 'kept' ? await behindLinks(given) : given;
  const beside = `${path}.tmp`;
  try {
    const mode = access === 'kept' ? await modeOf(path) : ownerOnly;
    await rm(beside, { force: true });
    const file = await open(beside, 'wx', ownerOnly);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await chmod(beside, mode);
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw failed(path, 'written', error);
  }
};

const remove = async (path: string): Promise<void> => {
  try {
    await rm(path, { force: true });
  } catch (error) {
    throw failed(path, 'removed', error);
  }
};

export const files: Files = { read, write, remove };
