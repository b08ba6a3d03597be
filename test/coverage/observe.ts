/**
 * Notes which operations each test used with success, for `coverage.json`. Loaded before test files with `--import`, as
 * `npm run gen -- --tests FOLDER` does: every HTTP request of the process is seen, whichever client makes it, and told
 * apart by the test that runs. Without COFFER_COVERAGE_DIR nothing is noted.
 */
import { appendFileSync, mkdirSync } from 'node:fs';
import diagnostics from 'node:diagnostics_channel';
import path from 'node:path';
import { getTestContext } from 'node:test';
import type { UsedOperation } from '../../scripts/gen/used.ts';
import { root } from '../run/environment.ts';

export interface Call {
  readonly method: string;
  /** Path with query, from `/v1/` on. */
  readonly target: string;
  readonly status: number;
  /** The engine that answers, as `kv-v2/`, where the path does not show it. */
  readonly engine?: string;
}

const verbs: ReadonlyMap<string, string> = new Map([
  ['GET', 'read'],
  ['POST', 'write'],
  ['PUT', 'write'],
  ['PATCH', 'patch'],
  ['DELETE', 'delete'],
  ['LIST', 'list'],
  ['SCAN', 'scan'],
]);

/** The operation that was asked for; undefined for what is no operation. */
const askedBy = ({ method, target, engine }: Omit<Call, 'status'>): Omit<UsedOperation, 'test'> | undefined => {
  const url = URL.parse(target, 'http://localhost');
  // Help is told about an operation, which is not run.
  if (url === null || !url.pathname.startsWith('/v1/') || url.searchParams.has('help')) return undefined;
  const flag = ['list', 'scan'].find(name => url.searchParams.get(name) === 'true');
  const verb = method === 'GET' ? (flag ?? 'read') : verbs.get(method);
  if (verb === undefined) return undefined;
  const place = engine === undefined ? {} : { engine };
  return { verb, path: decodeURIComponent(url.pathname.slice('/v1/'.length)), ...place };
};

/** The operation of a call that was answered well; undefined for what is no operation or was refused. */
export const usedBy = (call: Call): Omit<UsedOperation, 'test'> | undefined =>
  call.status < 300 ? askedBy(call) : undefined;

type Context = ReturnType<typeof getTestContext>;

const note = (operation: Omit<UsedOperation, 'test'> | undefined, context: Context): void => {
  const folder = process.env['COFFER_COVERAGE_DIR'];
  // What is asked outside a test, to prepare for it, is nobody's proof.
  if (folder === undefined || context === undefined || context.fullName === '<root>') return;
  if (operation === undefined) return;
  const file = path.relative(root, context.filePath ?? root).replaceAll('\\', '/');
  const line: UsedOperation = { test: `${file}: ${context.fullName}`, ...operation };
  mkdirSync(folder, { recursive: true });
  appendFileSync(path.join(folder, `${process.pid}.ndjson`), `${JSON.stringify(line)}\n`);
};

export const noteCall = (call: Call, context: Context = getTestContext()): void => note(usedBy(call), context);

/**
 * For an operation that only ever refuses, such as showing backups that are never kept: a test has checked its refusal.
 * It is counted as that, never as success.
 */
export const noteRefused = (call: Omit<Call, 'status'>): void => {
  const asked = askedBy(call);
  note(asked === undefined ? undefined : { ...asked, refused: true }, getTestContext());
};

interface Seen {
  readonly request: { readonly method: string; readonly path: string };
  readonly response: { readonly statusCode: number };
}

/** Who asked: known when a request is made. Its answer comes in the context of whoever opened the connection. */
const askers = new WeakMap<object, Context>();

for (const channel of ['http.client.request.created', 'undici:request:create']) {
  diagnostics.subscribe(channel, message => void askers.set((message as Seen).request, getTestContext()));
}
for (const channel of ['http.client.response.finish', 'undici:request:headers']) {
  diagnostics.subscribe(channel, message => {
    const { request, response } = message as Seen;
    const call = { method: request.method, target: request.path, status: response.statusCode };
    noteCall(call, askers.get(request));
  });
}
