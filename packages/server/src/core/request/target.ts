/**
 * The one canonicaliser (D3.3): a request target becomes an `ApiPath` here, decoded exactly once, or is refused. Router,
 * policies, audit and storage keys use only what comes out, so no later step can read a path differently (S5).
 *
 * Promises: an accepted path has no empty, `.` or `..` segment and no character that does not print; decoding it again
 * is never needed. `;`, `\` and `%` (from `%25`) are ordinary characters; `%2F` is a separator like `/`.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { ApiPath } from '../../contracts/path.ts';
import { decodeOnce } from './percent.ts';
import { parseQuery } from './query.ts';

export interface Target {
  readonly path: ApiPath;
  readonly query: ReadonlyMap<string, readonly string[]>;
  readonly version: 'v1';
}

export const pathBytesLimit = 4096;
export const queryBytesLimit = 65_536;

const prefix = '/v1/';
const noQuery: ReadonlyMap<string, readonly string[]> = new Map();

/** Everything Unicode does not print, noncharacters and unassigned included; of the spaces only U+0020 prints. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]|(?! )\p{Zs}/u;
const text = new TextEncoder();

const slash = 0x2f;
const dot = 0x2e;
const question = 0x3f;
const plain = 0;
const encoded = 1;
const refused = 2;
const structural = 3;

/** byte of a raw target → what the scan of a path does with it */
const kinds = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte <= 0x20 || byte === 0x7f || byte === 0x23) return refused;
  if (byte >= 0x80 || byte === 0x25) return encoded;
  return byte === slash || byte === dot || byte === question ? structural : plain;
});

const malformed = (message: string): CofferError => new CofferError('malformed_target', message);
const unprintableText = 'the path contains a character that cannot be printed';
const segmentText = 'the path contains an empty, "." or ".." segment';
const lengthText = `the path is longer than ${pathBytesLimit} bytes`;
const byteText = 'the request target contains a byte that is not allowed';

/** Parses a raw target, one character for each byte as it came. Throws `malformed_target`, or `not_found` outside `/v1/`. */
export function parseTarget(rawTarget: string): Target {
  if (rawTarget.charCodeAt(0) !== slash) throw malformed('the request target must be an absolute path');
  if (!rawTarget.startsWith(prefix)) throw new CofferError('not_found', '');
  const end = plainEnd(rawTarget);
  if (end >= 0) return target(rawTarget.slice(prefix.length, end) as ApiPath, rawTarget, end);
  const mark = rawTarget.indexOf('?');
  const pathEnd = mark < 0 ? rawTarget.length : mark;
  return target(apiPath(decodedPath(rawTarget.slice(prefix.length, pathEnd))), rawTarget, pathEnd);
}

/** The path `decoded` stands for: text that was never encoded, as a mount path or a policy's. Throws `malformed_target`. */
export function apiPath(decoded: string): ApiPath {
  if (decoded.length > pathBytesLimit || text.encode(decoded).length > pathBytesLimit) throw malformed(lengthText);
  if (decoded === '') throw new CofferError('not_found', '');
  if (unprintable.test(decoded)) throw malformed(unprintableText);
  if (hasRefusedSegment(decoded)) throw malformed(segmentText);
  return decoded as ApiPath;
}

/** The path a listing asks for: with its trailing `/`, whether or not the caller wrote it. */
export const listPath = (path: ApiPath): ApiPath => (path.endsWith('/') ? path : (`${path}/` as ApiPath));

function target(path: ApiPath, rawTarget: string, pathEnd: number): Target {
  if (pathEnd >= rawTarget.length) return { path, query: noQuery, version: 'v1' };
  if (rawTarget.length - pathEnd - 1 > queryBytesLimit)
    throw malformed(`the query is longer than ${queryBytesLimit} bytes`);
  return { path, query: parseQuery(rawTarget.slice(pathEnd + 1)), version: 'v1' };
}

/** Where the path ends if it needs no decoding and breaks no rule; -1 sends it the slow way, which knows the reason. */
function plainEnd(rawTarget: string): number {
  const stop = Math.min(rawTarget.length, prefix.length + pathBytesLimit + 1);
  let index = prefix.length;
  let segment = index;
  for (; index < stop; index++) {
    const code = rawTarget.charCodeAt(index);
    const kind = kinds[code] ?? refused;
    if (kind === plain) continue;
    if (kind !== structural) return -1;
    if (code === question) break;
    if (code === dot) {
      if (index === segment) return -1;
    } else if (index === segment) return -1;
    else segment = index + 1;
  }
  const length = index - prefix.length;
  return length === 0 || length > pathBytesLimit ? -1 : index;
}

function decodedPath(raw: string): string {
  if (raw.length > 3 * pathBytesLimit) throw malformed(lengthText);
  for (let index = 0; index < raw.length; index++) {
    if ((kinds[raw.charCodeAt(index)] ?? refused) === refused) throw malformed(byteText);
  }
  return decodeOnce(raw);
}

/** A single trailing `/` is no empty segment: it is part of the name. */
function hasRefusedSegment(decoded: string): boolean {
  let start = 0;
  while (start < decoded.length) {
    const next = decoded.indexOf('/', start);
    const end = next < 0 ? decoded.length : next;
    const length = end - start;
    if (length === 0 || (length <= 2 && decoded.charCodeAt(start) === dot && decoded.charCodeAt(end - 1) === dot))
      return true;
    start = end + 1;
  }
  return false;
}
