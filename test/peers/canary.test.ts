/**
 * S11: marked secrets go through a store by command and by HTTP, well and badly formed, and are then looked for where they
 * must not be: server output, audit, refusals, statuses, what commands print, process arguments, the database on disk.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { type Api, apiOf, auditBlock, startConfigured } from './calls.ts';
import { type Ended, runCoffer } from './cli-run.ts';
import { formsOf, found, newMark } from './marks.ts';
import { rawBytes, sendRaw } from './raw.ts';
import { newFolder, type ServerProcess } from './server.ts';

const bigInteger = '8019210420527506405';
const folder = newFolder();
const home = newFolder();
/** name → secret. */
const marks = new Map<string, string>();
/** Refusals, statuses and silent commands: none may show a secret. */
const shown: string[] = [];

let server: ServerProcess;
let api: Api;
let keys: readonly string[] = [];

const marked = (name: string): string => {
  const mark = newMark();
  marks.set(name, mark);
  return mark;
};

before(async () => {
  server = await startConfigured({
    folder,
    more: `${auditBlock(folder)}log_level = "trace"\n`,
    listener: 'disable_unauthed_rekey_endpoints = false\n  disable_unauthed_generate_root_endpoints = false',
  });
  api = apiOf(server.address);
});

after(async () => {
  await server.stop();
});

const told = async (
  method: string,
  target: string,
  more: { body?: string; token?: string; headers?: readonly string[] } = {},
) => {
  const { body, token = api.token ?? '', headers = [] } = more;
  const answer = await sendRaw(
    server.address,
    rawBytes({ method, target: `/v1/${target}`, token, headers, ...(body === undefined ? {} : { body }) }),
  );
  if (answer.status >= 400) shown.push(`${answer.head}\n${answer.body}`);
  return answer;
};

const coffer = async (args: readonly string[], input = '', token = api.token ?? ''): Promise<Ended> =>
  runCoffer(args, { home, input, env: { VAULT_ADDR: server.address, VAULT_TOKEN: token } });

/** A command that may print no secret. */
const silent = async (args: readonly string[], input = '', token?: string): Promise<Ended> => {
  const ended = await coffer(args, input, token);
  shown.push(ended.out, ended.err);
  return ended;
};

test('every form of a mark is found by the search', () => {
  const mark = newMark();
  const all = new Map([['it', mark]]);
  const around = [
    mark,
    Buffer.from(mark).toString('hex'),
    Buffer.from(mark, 'utf16le'),
    encodeURIComponent(mark),
    ...['', 'x', 'xy', 'xyz'].flatMap(text =>
      ['', 'p', 'pq'].map(end => Buffer.from(text + mark + end).toString('base64')),
    ),
    Buffer.from(`ab${mark}`).toString('base64url'),
    JSON.stringify({ value: mark }),
    mark.slice(0, 20),
  ];
  for (const [index, text] of around.entries())
    assert.notDeepEqual(found(all, new Map([['here', text]])), [], `${index}`);
  assert.deepEqual(found(all, new Map([['here', 'nothing of it']])), []);
  assert.ok(formsOf(mark).size >= 15);
});

test('keys and tokens are made, used and misused', async () => {
  const made = await api.call('POST', 'sys/init', { body: { secret_shares: 3, secret_threshold: 2 } });
  keys = made.keys;
  api.token = made.root_token;
  for (const [index, key] of made.keys.entries()) {
    marks.set(`share ${index} in hex`, key);
    marks.set(`share ${index} in base64`, made.keys_base64[index]);
  }
  marks.set('root token', made.root_token);
  await told('POST', 'sys/unseal', { body: `{"key":"${marked('false share')}"}` });
  await told('POST', 'sys/unseal', { body: `{"key":["${keys[0]}"]}` });
  await told('POST', 'sys/unseal', { body: `{"key":"${keys[0]}` });
  await api.call('POST', 'sys/unseal', { body: { reset: true } });
  const ended = await silent(['operator', 'unseal', keys[0] ?? '']);
  assert.equal(ended.code, 0, ended.err);
  await silent(['operator', 'unseal', '-'], keys[1]);
  await api.call('POST', 'sys/unseal', { body: { key: keys[1] } });
  for (const header of ['X-Vault-Token', 'Authorization']) {
    const mark = marked(`wrong token in ${header}`);
    await told('GET', 'sys/mounts', {
      token: '',
      headers: [`${header}: ${header === 'Authorization' ? `Bearer ${mark}` : mark}`],
    });
  }
  const child = await api.call('POST', 'auth/token/create', { body: { policies: ['default'], ttl: '1h' } });
  marks.set('child token', child.auth.client_token);
  const batch = await api.call('POST', 'auth/token/create', { body: { type: 'batch', policies: ['default'] } });
  marks.set('batch token', batch.auth.client_token);
  for (const at of ['lookup', 'renew', 'revoke', 'revoke-orphan']) {
    await told('POST', `auth/token/${at}`, { body: `{"token":"${marked(`unknown token to ${at}`)}"}` });
    await told('POST', `auth/token/${at}`, {
      body: `{"token":["${marked(`list of tokens to ${at}`)}"],"increment":"x"}`,
    });
  }
  await told('POST', 'sys/capabilities', {
    body: `{"token":"${marked('unknown token to capabilities')}","paths":["a"]}`,
  });
  await told('POST', 'auth/token/create', { body: '{}', token: child.auth.client_token });
  const attempt = await api.call('POST', 'sys/generate-root/attempt', { body: {} });
  marks.set('one-time pad', attempt.otp);
  await told('POST', 'sys/generate-root/update', {
    body: `{"nonce":"${attempt.nonce}","key":"${marked('false share to generate-root')}"}`,
  });
  await told('POST', 'sys/decode-token', {
    body: `{"encoded_token":"${marked('encoded token')}","otp":"${marked('otp')}"}`,
  });
});

test('values are stored by HTTP, well and badly formed', async () => {
  await api.call('POST', 'sys/mounts/one', { body: { type: 'kv' }, status: 204 });
  await api.call('POST', 'sys/mounts/two', { body: { type: 'kv', options: { version: '2' } }, status: 204 });
  for (const target of ['one/app', 'cubbyhole/app', 'two/data/app']) {
    const value = { k: marked(`value at ${target}`), deep: [{ list: [marked(`deep value at ${target}`)] }] };
    await told('POST', target, { body: JSON.stringify(target.startsWith('two') ? { data: value } : value) });
    const bad = marked(`bad value at ${target}`);
    for (const body of [
      `{"k":"${bad}"`,
      `{"k":"${bad}"}}`,
      `{"k":"${bad}","k":"${bad}"}`,
      `{"k":"${bad}\\x"}`,
      `{"__proto__":"${bad}"}`,
      `["${bad}"]`,
      `"${bad}"`,
      bad,
      `{"data":"${bad}","options":"${bad}"}`,
      `{"data":{"k":"${bad}"},"options":{"cas":"${bad}"}}`,
      `{"data":{"k":"${bad}"},"options":{"cas":${bigInteger}}}`,
      `{"k":${bigInteger}${bigInteger}x}`,
    ])
      await told('POST', `${target}-bad`, { body });
    await told('POST', target, { body: `{"k":"${bad}"}`, token: marks.get('child token') ?? '' });
    await told('POST', `${target}/`, { body: `{"k":"${bad}"}` });
    await told('POST', target, {
      body: `k=${bad}`,
      headers: ['Content-Type: application/x-www-form-urlencoded', 'Content-Encoding: gzip'],
    });
    await told('GET', `${target}?version=${bad}&list=${bad}`);
    await told('LIST', `${target}?limit=${bad}`);
  }
  await told('PATCH', 'two/data/app', {
    body: `{"data":"${marked('bad patch')}"}`,
    headers: ['Content-Type: application/merge-patch+json'],
  });
  for (const [target, field] of [
    ['auth/token/create', 'ttl'],
    ['auth/token/create', 'num_uses'],
    ['two/config', 'max_versions'],
    ['sys/mounts/one/tune', 'default_lease_ttl'],
    ['two/destroy/app', 'versions'],
  ] as const) {
    await told('POST', target, { body: `{"${field}":"${marked(`value of ${field}`)}"}` });
    await told('POST', target, { body: `{"${field}":${bigInteger}}` });
  }
});

test('values are stored by command: arguments, standard input, files', async () => {
  const put = async (name: string, args: (mark: string) => readonly string[], input?: (mark: string) => string) => {
    const mark = marked(name);
    await silent(args(mark), input?.(mark));
  };
  await put('command argument', mark => ['kv', 'put', '-mount=two', 'cli/a', `k=${mark}`]);
  await put(
    'command input',
    () => ['kv', 'put', '-mount=two', 'cli/b', 'k=-'],
    mark => mark,
  );
  await put(
    'command JSON',
    () => ['kv', 'put', '-mount=two', 'cli/c', '-'],
    mark => `{"k":"${mark}"}`,
  );
  await put(
    'command bad JSON',
    () => ['kv', 'put', '-mount=two', 'cli/d', '-'],
    mark => `{"k":"${mark}"`,
  );
  await put('command bad field', mark => ['write', 'auth/token/create', `ttl=${mark}`]);
  await put('command patch', mark => ['kv', 'patch', '-mount=two', 'cli/a', `k=${mark}`]);
  await put('command write', mark => ['write', 'one/cli', `k=${mark}`]);
  const file = path.join(home, 'value.json');
  writeFileSync(file, `{"k":"${marked('command file')}"}`);
  await silent(['kv', 'put', '-mount=two', 'cli/e', `@${file}`]);
  writeFileSync(file, `{"k":"${marked('command bad file')}",}`);
  await silent(['kv', 'put', '-mount=two', 'cli/e', `@${file}`]);
  await silent(['kv', 'list', 'two/cli']);
  await silent(['kv', 'metadata', 'get', '-mount=two', 'cli/a']);
  await silent(['kv', 'delete', '-mount=two', 'cli/c']);
  await silent(['kv', 'get', '-mount=two', 'none'], '', marked('wrong token of a command'));
  await silent(['login', '-'], marked('wrong token of login'));
  await silent(['token', 'lookup', '-'], marked('wrong token of lookup'));
  await silent(['status']);
  await silent(['secrets', 'list', '-detailed']);
  await silent(['operator', 'unseal', marked('false share of a command')]);
});

test('the secrets are where they belong', async () => {
  const read = await api.call('GET', 'two/data/cli/a');
  assert.equal(read.data.data.k, marks.get('command patch'));
  assert.equal((await coffer(['kv', 'get', '-mount=two', '-field=k', 'cli/b'])).out, marks.get('command input'));
  assert.equal((await api.call('GET', 'one/app')).data.k, marks.get('value at one/app'));
});

test('S11: no secret in output, audit, refusals, statuses, arguments, or on disk, in any form', async () => {
  for (const target of [
    'sys/health',
    'sys/seal-status',
    'sys/leader',
    'sys/mounts',
    'sys/internal/ui/mounts',
    'sys/key-status',
    'sys/internal/specs/openapi',
    'sys/metrics',
    'sys/in-flight-req',
    'sys/host-info',
    'sys/loggers',
  ])
    shown.push(JSON.stringify(await api.call('GET', target)));
  const places = new Map<string, string | Uint8Array>([
    ['refusals, statuses and silent commands', shown.join('\n')],
    ['server output', server.said()],
    ['audit', readFileSync(path.join(folder, 'audit.log'))],
  ]);
  for (const name of ['cmdline', 'environ']) {
    const file = `/proc/${server.pid}/${name}`;
    if (existsSync(file)) places.set(name, readFileSync(file));
  }
  const stored = readdirSync(folder).filter(name => name.startsWith('store.db'));
  for (const name of stored) places.set(name, readFileSync(path.join(folder, name)));
  assert.ok(
    stored.length > 0 && shown.length > 60 && marks.size > 40,
    `${stored.length} ${shown.length} ${marks.size}`,
  );
  assert.deepEqual(found(marks, places), []);
  // Numbers stand readable in audit, as its readers expect; nowhere else.
  places.delete('audit');
  assert.deepEqual(found(new Map([['big integer', bigInteger]]), places), []);
});

test('S11: nor after the store was sealed and the server ended', async () => {
  await api.call('POST', 'sys/seal', { status: 204 });
  await server.stop();
  const places = new Map<string, string | Uint8Array>([['server output', server.said()]]);
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isFile()) places.set(entry.name, readFileSync(path.join(folder, entry.name)));
  assert.deepEqual(found(marks, places), []);
});
