/** Why the file system refused, in words; the code of the system where there are none. */
const words: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'no such file or folder'],
  ['EACCES', 'permission denied'],
  ['EPERM', 'not permitted'],
  ['EISDIR', 'it is a folder'],
  ['ENOTDIR', 'a part of its path is not a folder'],
  ['ENOSPC', 'no space left on the disk'],
  ['EROFS', 'the file system is read-only'],
]);

/** `ENOENT`; `unknown failure` where the system named none. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown failure';

/** `no such file or folder`. */
export const reasonOf = (error: unknown): string => words.get(codeOf(error)) ?? codeOf(error);
