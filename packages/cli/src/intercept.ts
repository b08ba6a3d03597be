/**
 * Requests that are shown and not sent: as a curl command, or as the policy that they need. The token is never part of
 * what is shown.
 */
import type { Transport, WireRequest } from '@coffer/client/transport.ts';

/** Thrown in place of sending: what to print. */
export class Shown extends Error {
  override readonly name = 'Shown';
  readonly text: string;

  constructor(text: string) {
    super('the request was shown, not sent');
    this.text = text;
  }
}

const utf8 = new TextDecoder('utf-8');
const quiet: ReadonlySet<string> = new Set(['x-vault-token', 'content-type', 'x-vault-index']);

const doubleQuoted = (value: string): string => `"${value.replace(/["\\$`]/g, '\\$&')}"`;
const singleQuoted = (value: string): string => `'${value.replaceAll("'", "'\\''")}'`;

const headerName = (name: string): string =>
  name
    .split('-')
    .map(word => word.charAt(0).toUpperCase() + word.slice(1))
    .join('-');

export const curlCommand = (request: WireRequest): string => {
  const words = ['curl'];
  if (request.method !== 'GET') words.push(`-X ${request.method}`);
  for (const [name, value] of request.headers) {
    if (!quiet.has(name)) words.push(`-H ${doubleQuoted(`${headerName(name)}: ${value}`)}`);
  }
  if (request.headers.has('x-vault-token')) words.push('-H "X-Vault-Token: $(coffer print token)"');
  if (request.method === 'PATCH') words.push('-H "Content-Type: application/merge-patch+json"');
  if (request.body !== undefined) words.push(`-d ${singleQuoted(utf8.decode(request.body))}`);
  words.push(doubleQuoted(request.url));
  return words.join(' ');
};

const capabilities: ReadonlyMap<string, readonly string[]> = new Map([
  ['GET', ['read']],
  ['LIST', ['list']],
  ['SCAN', ['scan']],
  ['PUT', ['create', 'update']],
  ['POST', ['create', 'update']],
  ['PATCH', ['patch']],
  ['DELETE', ['delete']],
]);

/** Paths that ask for `sudo` beside the capability, below `sys/`. */
const sudoPaths =
  /^sys\/(?:auth(?:\/|$)|audit(?:\/|$)|raw(?:\/|$)|remount$|rotate(?:$|\/keyring$|\/root$)|config\/(?:cors$|auditing\/|ui\/headers\/)|plugins\/catalog\/|revoke-prefix\/|revoke-force\/|leases(?:$|\/revoke-prefix\/|\/revoke-force\/|\/lookup\/)|seal$|step-down$)/;

const operation = (request: WireRequest, query: URLSearchParams): string => {
  if (query.get('list') === 'true') return 'LIST';
  return query.get('scan') === 'true' ? 'SCAN' : request.method;
};

export const neededPolicy = (request: WireRequest): string => {
  const url = new URL(request.url);
  const path = decodeURIComponent(url.pathname.replace(/^\/v1\//, ''));
  const needed = [...(capabilities.get(operation(request, url.searchParams)) ?? [])];
  if (sudoPaths.test(path)) needed.push('sudo');
  const listed = needed.map(one => JSON.stringify(one)).join(', ');
  return `path ${JSON.stringify(path)} {\n  capabilities = [${listed}]\n}`;
};

export const showing =
  (show: (request: WireRequest) => string): Transport =>
  request => {
    throw new Shown(show(request));
  };
