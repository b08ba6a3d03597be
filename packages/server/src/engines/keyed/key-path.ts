/**
 * Paths as engines that keep records under them take them. Promises that every path it lets through fits into a storage
 * key together with everything an engine puts around it, so that no record can be written that cannot be listed.
 */
import { CofferError } from '@coffer/schema/errors.ts';

/** With the mount's prefix, the engine's own and a version number this stays below the 1,024 bytes of a storage key. */
export const pathLimitBytes = 768;

const utf8 = new TextEncoder();
const refuse = (message: string): never => {
  throw new CofferError('invalid_request', message);
};

const fits = (text: string): boolean =>
  text.length * 3 <= pathLimitBytes || (text.length <= pathLimitBytes && utf8.encode(text).length <= pathLimitBytes);

/** Of a record. */
export const checkPath = (path: string): string => {
  if (path === '') refuse('missing path');
  if (path.endsWith('/')) refuse("a record's path cannot end in '/'");
  if (!path.isWellFormed()) refuse('the path is not well-formed text');
  if (!fits(path)) refuse(`the path is longer than ${pathLimitBytes} bytes`);
  return path;
};

/** Whether a record could lie there. For questions asked before the caller may know why not. */
export const isPath = (path: string): boolean =>
  path !== '' && !path.endsWith('/') && path.isWellFormed() && fits(path);

/** `a/b` → `a/b/`, nothing → ``: what the names inside a folder start with. */
export const folderPrefix = (folder: string | undefined): string => {
  if (folder === undefined || folder === '') return '';
  return `${checkPath(folder.endsWith('/') ? folder.slice(0, -1) : folder)}/`;
};

/** Where a listing goes on. It need not exist, but must be a text that could. */
export const checkAfter = (after: string): string => {
  if (!after.isWellFormed()) refuse('field "after": the text is not well-formed');
  return fits(after) ? after : refuse(`field "after" is longer than ${pathLimitBytes} bytes`);
};
