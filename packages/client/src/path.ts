/**
 * API paths as callers write them (`secret/data/app`) → the path of a URL. Each segment is percent-encoded by itself, so
 * that no name can become another path. `.` and `..` are refused: URL parsers fold them, also in their encoded form, and
 * the request would reach a path that nobody asked for.
 */
import { CofferError } from '@coffer/schema/errors.ts';

const pathLimit = 8192;

const refuse = (reason: string): never => {
  throw new CofferError('usage', `path: ${reason}`);
};

const isControl = (code: number): boolean => code < 0x20 || code === 0x7f;

const checkSegment = (segment: string): void => {
  if (segment === '.' || segment === '..') refuse('a segment cannot be "." or ".."');
  for (let at = 0; at < segment.length; at += 1) {
    if (isControl(segment.charCodeAt(at))) refuse('control characters are not allowed');
  }
};

/** Without slashes at the start; one at the end is kept, since it means a folder. */
export const cleanPath = (given: string): string => {
  let start = 0;
  while (given.charAt(start) === '/') start += 1;
  return given.slice(start);
};

export const encodePath = (given: string): string => {
  const path = cleanPath(given);
  if (path === '') refuse('expected a path such as "secret/data/app"');
  if (path.length > pathLimit) refuse(`longer than ${pathLimit} characters`);
  if (!path.isWellFormed()) refuse('not valid Unicode');
  const segments = path.split('/');
  segments.forEach(checkSegment);
  return segments.map(encodeURIComponent).join('/');
};

export type Query = ReadonlyMap<string, string | readonly string[]>;

export const encodeQuery = (query: Query): string => {
  const pairs: string[] = [];
  for (const [name, value] of query) {
    for (const one of typeof value === 'string' ? [value] : value) {
      pairs.push(`${encodeURIComponent(name)}=${encodeURIComponent(one)}`);
    }
  }
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
};

const slashesAtEnd = (text: string): number => {
  let end = text.length;
  while (end > 0 && text.charAt(end - 1) === '/') end -= 1;
  return end;
};

/** The address without a slash at its end. Throws where it is no http or https URL, or carries a password. */
export const checkAddress = (given: string): string => {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new CofferError('usage', 'address: expected a URL such as https://coffer.example:8200');
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new CofferError('usage', 'address: a user name, query or fragment is not allowed');
  }
  const text = url.href;
  return text.slice(0, slashesAtEnd(text));
};
