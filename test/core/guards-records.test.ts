/** Which refusals leave a record: all but those that stand in the list, since they are no request of anybody's yet. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ErrorCode, errorFacts } from '@coffer/schema/errors.ts';
import { openFull, tokenWith } from './places.ts';

const unrecorded: readonly ErrorCode[] = [
  'headers_too_large',
  'malformed_target',
  'method_not_allowed',
  'namespace_not_found',
  'not_active',
  'not_initialized',
  'quota_exceeded',
  'sealed',
];

test('these refusals leave no record; a change here is a hole in audit', () => {
  const found = Object.entries(errorFacts).flatMap(([code, { audit }]) => (audit ? [] : [code]));
  assert.deepEqual(found.toSorted(), unrecorded);
});

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly raw?: string;
  readonly headers?: { readonly [name: string]: string };
}

const recorded: readonly (readonly [status: number, asked: Asked])[] = [
  [403, { method: 'GET', path: 'one/denied' }],
  [403, { method: 'POST', path: 'one/denied', raw: '{"k":' }],
  [400, { method: 'POST', path: 'one/mine', raw: '{"k":' }],
  [400, { method: 'POST', path: 'one/mine', raw: '[]' }],
  [400, { method: 'POST', path: 'one/mine/', raw: '{}' }],
  [400, { method: 'POST', path: 'one/mine', raw: '{}' }],
  [404, { method: 'GET', path: 'one/mine' }],
  [405, { method: 'PATCH', path: 'one/mine', raw: '{}' }],
  [404, { method: 'GET', path: 'one2/mine' }],
  [415, { method: 'PATCH', path: 'secret/data/mine', raw: '{}', headers: { 'content-type': 'text/plain' } }],
  [415, { method: 'POST', path: 'one/mine', raw: 'k=v', headers: { 'content-encoding': 'gzip' } }],
  [200, { method: 'GET', path: 'one/mine?help=1' }],
];

/** What is asked cannot be understood: there is no operation yet that could be on record. */
const silent: readonly (readonly [status: number, asked: Asked])[] = [
  [400, { method: 'GET', path: 'one/mine', headers: { 'x-vault-wrap-ttl': '-5m' } }],
  [400, { method: 'OPTIONS', path: 'one/mine' }],
  [400, { method: 'GET', path: 'one/mine?list=perhaps' }],
  [400, { method: 'GET', path: 'one/../x' }],
  [400, { method: 'GET', path: 'one/%00' }],
  [405, { method: 'TRACE', path: 'one/mine' }],
  [404, { method: 'GET', path: 'one/mine', headers: { 'x-vault-namespace': 'none' } }],
];

test('S12: every other refusal leaves a request and a response with its reason and none of its body', async () => {
  const bed = await openFull();
  const words = 'capabilities = ["create", "read", "update", "patch"]';
  const paths = ['one/mine', 'one/mine/', 'one2/*', 'secret/data/mine'];
  const token = await tokenWith(bed, paths.map(path => `path "${path}" { ${words} }`).join('\n'));
  const ask = async ({ method, path, ...more }: Asked) => {
    bed.audited.length = 0;
    const told = await bed.ask(method, path, { token, ...more });
    const lines = bed.audited.map(line => JSON.parse(line) as { type: string; error?: string; request: object });
    return { told, lines };
  };
  for (const [status, asked] of recorded) {
    const { told, lines } = await ask(asked);
    const name = `${asked.method} ${asked.path} ${asked.raw ?? ''}: ${told.text}`;
    assert.equal(told.status, status, name);
    assert.deepEqual(
      lines.map(({ type }) => type),
      ['request', 'response'],
      name,
    );
    const quiet = status === 200 || (status === 404 && asked.path === 'one/mine');
    // The request of a row that ran and failed was on record before: its reason is in the response.
    assert.equal(lines.at(-1)?.error === undefined, quiet, name);
  }
  for (const [status, asked] of silent) {
    const { told, lines } = await ask(asked);
    assert.deepEqual([told.status, lines], [status, []], `${asked.method} ${asked.path}`);
  }
});
