/**
 * Notes which operations a test used with success, for `coverage.json`: calls of its own, or what the audit file of the
 * server it ran says was asked by a client in another process. Notes only where COFFER_COVERAGE_DIR names a folder; then
 * `npm run gen -- --coverage FOLDER` takes the notes up.
 */
import { appendFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import type { UsedOperation } from '../../scripts/gen/used.ts';
import { root } from '../run/environment.ts';

/** What `node:test` hands to a test. */
export interface TestNamed {
  readonly filePath?: string | undefined;
  readonly fullName: string;
}

export interface Call {
  readonly method: string;
  /** Path with query, from `/v1/` on. */
  readonly target: string;
  readonly status: number;
}

const folder = process.env['COFFER_COVERAGE_DIR'];

const verbs: ReadonlyMap<string, string> = new Map([
  ['GET', 'read'],
  ['POST', 'write'],
  ['PUT', 'write'],
  ['PATCH', 'patch'],
  ['DELETE', 'delete'],
  ['LIST', 'list'],
  ['SCAN', 'scan'],
  ['read', 'read'],
  ['create', 'write'],
  ['update', 'write'],
  ['patch', 'patch'],
  ['delete', 'delete'],
  ['list', 'list'],
  ['scan', 'scan'],
]);

const nameOf = ({ filePath, fullName }: TestNamed): string =>
  `${path.relative(root, filePath ?? root).replaceAll('\\', '/')}: ${fullName}`;

const write = (used: readonly UsedOperation[]): void => {
  if (folder === undefined || used.length === 0) return;
  mkdirSync(folder, { recursive: true });
  appendFileSync(path.join(folder, `${process.pid}.ndjson`), used.map(one => `${JSON.stringify(one)}\n`).join(''));
};

export const noteCall = (test: TestNamed, { method, target, status }: Call): void => {
  const url = new URL(target, 'http://localhost');
  const flag = ['list', 'scan'].find(name => url.searchParams.get(name) === 'true');
  const verb = method === 'GET' ? (flag ?? 'read') : verbs.get(method);
  if (verb === undefined || status >= 300 || !url.pathname.startsWith('/v1/')) return;
  write([{ test: nameOf(test), verb, path: decodeURIComponent(url.pathname.slice('/v1/'.length)) }]);
};

interface AuditLine {
  readonly type?: string;
  readonly error?: string;
  readonly request?: {
    readonly operation?: string;
    readonly path?: string;
    readonly mount_point?: string;
    readonly mount_type?: string;
  };
}

/** `text`: lines of an audit file. */
export const noteAudit = (test: TestNamed, text: string): void => {
  const lines = text.split('\n').filter(line => line.startsWith('{'));
  const records = lines.map(line => JSON.parse(line) as AuditLine);
  write(
    records.flatMap(({ type, error, request }) => {
      const verb = verbs.get(request?.operation ?? '');
      if (type !== 'response' || error !== undefined || verb === undefined || request?.path === undefined) return [];
      return [{ test: nameOf(test), verb, path: request.path, mount: request.mount_point }];
    }),
  );
};

/** `fetch` that notes what it asked. */
export const noting =
  (test: TestNamed, inner: typeof fetch = fetch): typeof fetch =>
  async (input, options) => {
    const answer = await inner(input, options);
    const request = new Request(input, options);
    const { pathname, search } = new URL(request.url);
    noteCall(test, { method: request.method, target: pathname + search, status: answer.status });
    return answer;
  };
