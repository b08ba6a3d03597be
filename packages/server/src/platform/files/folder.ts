/**
 * Makes a folder and those above it. One at a time: Node's own recursive way never ends where a file system answers that
 * what it was just asked to make does not exist (`/proc`).
 */
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

const isThere = (path: string): boolean => statSync(path, { throwIfNoEntry: false }) !== undefined;

/** `mode` is given to the folders that are made. Throws what the file system answers. */
export const makeFolders = (path: string, mode: number): void => {
  const missing: string[] = [];
  for (let at = path; !isThere(at); at = dirname(at)) missing.push(at);
  for (const folder of missing.toReversed()) {
    try {
      mkdirSync(folder, { mode });
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    }
  }
};
