/** The directory and files of a store, made for their owner alone. */
import { chmodSync, closeSync, fsyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { CofferError } from '@coffer/schema/errors.ts';
import { makeFolders } from '../files/folder.ts';

const directoryMode = 0o700;
const fileMode = 0o600;

const makeFile = (path: string): void => {
  closeSync(openSync(path, 'a', fileMode));
  chmodSync(path, fileMode);
};

/** The name of a new file survives power loss only once its directory is synced. */
const syncDirectory = (path: string): void => {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
};

/** Makes what is missing. SQLite gives its other files the mode of the first. */
export const preparePlace = (path: string): void => {
  try {
    makeFolders(dirname(path), directoryMode);
    makeFile(`${path}.lock`);
    makeFile(path);
    syncDirectory(dirname(path));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const kind = code === 'ENOSPC' ? 'storage_full' : 'storage_failed';
    throw new CofferError(kind, `The store ${path} cannot be opened for writing (${code}).`, { cause: error });
  }
};
