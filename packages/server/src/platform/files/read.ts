/** Reading files: whole, and never more than asked for. */
import { open, readdir, stat } from 'node:fs/promises';
import { CofferError } from '@coffer/schema/errors.ts';

const reasons: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['EACCES', 'this user may not read it'],
  ['EISDIR', 'it is a folder'],
]);

const problem = (path: string, cause: unknown): CofferError => {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
  return new CofferError('usage', `${path} cannot be read: ${reasons.get(code) ?? code}`, { cause });
};

/** The whole file. Throws `usage` where it cannot be read or is larger than `limitBytes`. */
export const readWhole = async (path: string, limitBytes: number): Promise<Uint8Array> => {
  try {
    const handle = await open(path, 'r');
    try {
      const buffer = new Uint8Array(limitBytes + 1);
      let length = 0;
      for (;;) {
        const { bytesRead } = await handle.read(buffer, length, buffer.length - length);
        length += bytesRead;
        if (bytesRead === 0 || length > limitBytes) break;
      }
      if (length > limitBytes) throw new CofferError('usage', `${path} is larger than ${limitBytes} bytes`);
      return buffer.slice(0, length);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (cause instanceof CofferError) throw cause;
    throw problem(path, cause);
  }
};

/** `folder`, `file` or `none`. */
export const kindOf = async (path: string): Promise<'folder' | 'file' | 'none'> => {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return 'none';
    throw problem(path, cause);
  }
};

/** Names in a folder, sorted. */
export const namesIn = async (path: string): Promise<readonly string[]> => {
  try {
    return (await readdir(path)).toSorted();
  } catch (cause) {
    throw problem(path, cause);
  }
};
