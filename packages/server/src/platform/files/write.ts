/** Writing files that only their owner may read, whole or not at all. */
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CofferError } from '@coffer/schema/errors.ts';
import { makeFolders } from './folder.ts';

const ownerOnlyFile = 0o600;
const ownerOnlyFolder = 0o700;

const problem = (path: string, cause: unknown): CofferError => {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
  return new CofferError('usage', `${path} cannot be written: ${code}`, { cause });
};

/** Makes the folder and those above it. */
export const makePrivateFolder = (path: string): void => {
  try {
    makeFolders(path, ownerOnlyFolder);
  } catch (cause) {
    throw problem(path, cause);
  }
};

/** Durable when it resolves: file and folder are synced. Replaces what was there. */
export const writePrivate = async (path: string, content: Uint8Array): Promise<void> => {
  const unfinished = `${path}.tmp`;
  try {
    await rm(unfinished, { force: true });
    const handle = await open(unfinished, 'wx', ownerOnlyFile);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(unfinished, path);
    const folder = await open(dirname(path), 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch (cause) {
    await rm(unfinished, { force: true });
    throw problem(path, cause);
  }
};

/** Nothing happens where there is no such file. */
export const removeFile = async (path: string): Promise<void> => {
  try {
    await rm(path, { force: true });
  } catch (cause) {
    throw problem(path, cause);
  }
};
