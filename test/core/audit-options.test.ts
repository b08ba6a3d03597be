/** What a device's options change of its records, and that nothing leaves in clear unless `log_raw` says so. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditSink } from '../../packages/server/src/contracts/audit.ts';
import type { AuditStanza } from '../../packages/server/src/core/audit/devices.ts';
import { type Bed, openBed } from './bed.ts';

const canary = 'canary-7f3e-päss"word';

interface Tried {
  readonly bed: Bed;
  readonly lines: string[];
  readonly accessor: string;
  readonly token: string;
}

/** The same requests under a device with these options, beside the one that has none. */
const tried = async (options: { readonly [name: string]: string }): Promise<Tried> => {
  const lines: string[] = [];
  const open = async ({ path, type }: AuditStanza): Promise<AuditSink> => ({
    path,
    type,
    write: async records => void (path === 'own/' && lines.push(...records)),
    reopen: async () => undefined,
    close: async () => undefined,
  });
  const bed = await openBed({ openAudit: open, auditPrefixes: true });
  const made = await bed.root('PUT', 'sys/audit/own', { type: 'file', options: { file_path: 'discard', ...options } });
  assert.equal(made.status, 204, made.text);
  await bed.root('POST', 'secret/data/a', { data: { password: canary, port: 1 } });
  await bed.root('GET', 'secret/data/a');
  await bed.root('POST', 'sys/mounts/secret/tune', { audit_non_hmac_request_keys: 'owner' });
  await bed.root('GET', 'secret/metadata?list=true');
  const { client_token: token, accessor } = (await bed.root('POST', 'auth/token/create', { policies: ['app'] })).json
    .auth;
  await bed.ask('GET', 'auth/token/lookup-self', { token });
  await bed.ask('GET', 'secret/data/a', { token: `${token}x` });
  return { bed, lines, accessor, token };
};

const has = ({ lines }: Tried, text: string): boolean => lines.join('\n').includes(JSON.stringify(text).slice(1, -1));

const records = ({ lines }: Tried) => lines.map(line => JSON.parse(line));

test('no value, token or accessor leaves in clear, whatever else a device is asked for', async () => {
  for (const options of [
    {},
    { log_raw: 'false', hmac_accessor: 'true' },
    { elide_list_responses: 'true', prefix: '@cee: ', format: 'json' },
  ]) {
    const run = await tried(options);
    assert.ok(run.lines.length >= 12);
    for (const text of [canary, run.token, run.accessor, run.bed.rootToken]) assert.equal(has(run, text), false, text);
  }
});

test('hmac_accessor = false shows accessors, and nothing else', async () => {
  const run = await tried({ hmac_accessor: 'false' });
  assert.equal(has(run, run.accessor), true);
  for (const text of [canary, run.token, run.bed.rootToken]) assert.equal(has(run, text), false, text);
  const made = records(run).find(({ response }) => response?.auth !== undefined);
  assert.equal(made.response.auth.accessor, run.accessor);
  assert.match(made.response.auth.client_token, /^hmac-sha256:/);
  const wrapped = await run.bed.ask('GET', 'secret/data/a', {
    token: run.bed.rootToken,
    headers: { 'x-vault-wrap-ttl': '60' },
  });
  const { wrap_info } = records(run).at(-1).response;
  assert.equal(wrap_info.accessor, wrapped.json.wrap_info.accessor);
  assert.match(wrap_info.token, /^hmac-sha256:/);
});

test('log_raw shows what was sent and answered, still one inert line of JSON each', async () => {
  const run = await tried({ log_raw: 'true' });
  for (const text of [canary, run.token, run.accessor, run.bed.rootToken]) assert.equal(has(run, text), true, text);
  const evil = 'x\r\n\u001b[31m\u2028\u202e';
  await run.bed.root('POST', 'secret/data/b', { data: { [evil]: evil } });
  const request = records(run).findLast(({ type }) => type === 'request');
  assert.equal(request.request.data.data[evil], evil);
  for (const line of run.lines)
    for (const mark of ['\n', '\r', '\u001b', '\u2028', '\u202e']) assert.equal(line.includes(mark), false);
  const hashed = await run.bed.root('POST', 'sys/audit-hash/own', { input: 'value' });
  assert.match(hashed.json.data.hash, /^hmac-sha256:/);
});

test('elide_list_responses records how many names a list has, also a long one, and only of lists', async () => {
  const run = await tried({ elide_list_responses: 'true' });
  const listed = records(run).filter(({ type, request }) => type === 'response' && request.operation === 'list');
  assert.deepEqual(
    listed.map(({ response }) => response.data),
    [{ keys: 1 }],
  );
  for (let at = 0; at < 600; at++) await run.bed.root('POST', `cubbyhole/n${at}`, { a: 1 });
  run.lines.length = 0;
  assert.equal((await run.bed.root('GET', 'cubbyhole/?list=true')).json.data.keys.length, 600);
  assert.deepEqual(records(run).at(-1).response.data, { keys: 600 });
});

test('a prefix stands before each record', async () => {
  const run = await tried({ prefix: '@cee: ' });
  for (const line of run.lines) assert.match(line, /^@cee: \{"time":/);
});
