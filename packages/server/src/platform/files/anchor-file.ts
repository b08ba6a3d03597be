/** An anchor in a file of its own, on another disk than the store. */
import { readFile } from 'node:fs/promises';
import { CofferError } from '@coffer/schema/errors.ts';
import type { AnchorPlace } from '../../contracts/anchor.ts';
import { writePrivate } from './write.ts';

const utf8 = new TextEncoder();

export const anchorFile = (path: string): AnchorPlace => ({
  name: path,
  read: async () => {
    try {
      return await readFile(path, 'utf8');
    } catch (cause) {
      const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
      if (code === 'ENOENT') return undefined;
      throw new CofferError('storage_failed', `the anchor ${path} cannot be read: ${code}`, { cause });
    }
  },
  write: async text => {
    try {
      await writePrivate(path, utf8.encode(text));
    } catch (cause) {
      throw new CofferError('storage_failed', `the anchor ${cause instanceof Error ? cause.message : path}`, { cause });
    }
  },
});
