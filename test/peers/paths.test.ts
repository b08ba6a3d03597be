/**
 * S5 end to end: for each trick, the path the router took, the path the policy judged, the path on record in audit and the
 * key in storage are one and the same, or the request is refused with 400 and nothing happens.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { type Api, apiOf, auditBlock, initialise, startConfigured } from './calls.ts';
import { type RawAnswer, rawBytes, sendRaw } from './raw.ts';
import { newFolder, type ServerProcess } from './server.ts';

const folder = newFolder();
let server: ServerProcess;
let api: Api;

before(async () => {
  server = await startConfigured({ folder, more: auditBlock(folder) });
  api = apiOf(server.address);
  await initialise(api);
  await api.call('POST', 'sys/mounts/one', { body: { type: 'kv' }, status: 204 });
  await api.call('POST', 'sys/mounts/two', { body: { type: 'kv', options: { version: '2' } }, status: 204 });
});

after(async () => {
  await server.stop();
});

interface Trick {
  readonly name: string;
  /** What stands below the mount, as bytes of the request target. */
  readonly raw: string;
  /** The one path it means; undefined where it is refused. */
  readonly means?: string;
}

const tricks: readonly Trick[] = [
  { name: 'a dot segment', raw: 'a/./b' },
  { name: 'a dot segment at the end', raw: 'a/.' },
  { name: 'going up', raw: 'a/../b' },
  { name: 'going up out of the mount', raw: '../sys/policies/acl/x' },
  { name: 'going up, encoded', raw: 'a/%2e%2e/b' },
  { name: 'going up, encoded in upper case', raw: 'a/%2E%2E/b' },
  { name: 'going up, half encoded', raw: 'a/.%2e/b' },
  { name: 'going up behind an encoded slash', raw: 'a%2f..%2fb' },
  { name: 'a dot, encoded', raw: 'a/%2e/b' },
  { name: 'two slashes', raw: 'a//b' },
  { name: 'two slashes, one encoded', raw: 'a/%2fb' },
  { name: 'a slash first', raw: '/a' },
  { name: 'NUL', raw: 'a%00b' },
  { name: 'a line break', raw: 'a%0d%0ab' },
  { name: 'a tab', raw: 'a%09b' },
  { name: 'DEL', raw: 'a%7fb' },
  { name: 'overlong dots', raw: 'a/%c0%ae%c0%ae/b' },
  { name: 'bytes that are not UTF-8', raw: 'a%ff' },
  { name: 'half a surrogate pair', raw: 'a%ed%a0%80' },
  { name: 'a zero-width space', raw: 'a%e2%80%8bb' },
  { name: 'a right-to-left override', raw: 'a%e2%80%aeb' },
  { name: 'a byte order mark', raw: '%ef%bb%bfa' },
  { name: 'a no-break space', raw: 'a%c2%a0b' },
  { name: 'a percent sign alone', raw: 'a%' },
  { name: 'a percent sign before other letters', raw: 'a%zz' },
  { name: 'a fragment', raw: 'a#b' },
  { name: 'too long', raw: 'a'.repeat(4097) },
  { name: 'an encoded slash', raw: 'a%2fb', means: 'a/b' },
  { name: 'letters that need no encoding', raw: '%61%62', means: 'ab' },
  { name: 'encoded twice', raw: 'a%252e%252e%252fb', means: 'a%2e%2e%2fb' },
  { name: 'a semicolon', raw: 'a;b=c/d', means: 'a;b=c/d' },
  { name: 'a semicolon before dots', raw: 'a/..;/b', means: 'a/..;/b' },
  { name: 'three dots', raw: 'a/.../b', means: 'a/.../b' },
  { name: 'a name that begins with dots', raw: '..a/.b', means: '..a/.b' },
  { name: 'a backslash', raw: 'a\\b', means: 'a\\b' },
  { name: 'a backslash going up', raw: 'a\\..\\b', means: 'a\\..\\b' },
  { name: 'an encoded backslash', raw: 'a%5c..%5cb', means: 'a\\..\\b' },
  { name: 'a plus', raw: 'a+b', means: 'a+b' },
  { name: 'a star', raw: 'a*', means: 'a*' },
  { name: 'a question mark, encoded', raw: 'a%3flist=true', means: 'a?list=true' },
  { name: 'a fragment, encoded', raw: 'a%23b', means: 'a#b' },
  { name: 'a space', raw: 'a%20b', means: 'a b' },
  { name: 'an umlaut', raw: '%c3%a4', means: 'ä' },
  { name: 'an umlaut in two characters', raw: 'a%cc%88', means: 'a\u0308' },
  { name: 'an umlaut as raw bytes', raw: '\xc3\xa4' },
  { name: 'wide letters', raw: '%ef%bd%81', means: 'ａ' },
  { name: 'upper case', raw: 'A', means: 'A' },
  { name: 'a key', raw: '%f0%9f%94%91', means: '🔑' },
  { name: '__proto__', raw: '__proto__/constructor', means: '__proto__/constructor' },
  { name: 'braces', raw: '{{identity.entity.id}}', means: '{{identity.entity.id}}' },
];

const send = (method: string, target: string, more: { token?: string; body?: string } = {}): Promise<RawAnswer> =>
  sendRaw(server.address, rawBytes({ method, target, token: more.token ?? api.token ?? '', ...more }));

const auditText = (): string => readFileSync(path.join(folder, 'audit.log'), 'utf8');

interface AuditLine {
  readonly type: string;
  readonly error?: string;
  readonly request: { readonly path: string; readonly operation: string };
}

const auditedSince = (length: number): readonly AuditLine[] =>
  auditText()
    .slice(length)
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as AuditLine);

/** Every leaf of a mount, as storage has it. */
const leaves = async (mount: string): Promise<readonly string[]> => {
  const answer = await send('SCAN', `/v1/${mount}`);
  return answer.status === 404 ? [] : (JSON.parse(answer.body).data.keys as readonly string[]);
};

/** A token whose policy grants this path and nothing else. */
const only = async (granted: string, verbs = '"create", "update", "read", "delete"'): Promise<string> => {
  const policy = `path ${JSON.stringify(granted)} { capabilities = [${verbs}] }`;
  await api.call('PUT', 'sys/policies/acl/only', { body: { policy }, status: 204 });
  const made = await api.call('POST', 'auth/token/create', { body: { policies: ['only'], no_default_policy: true } });
  return made.auth.client_token;
};

const mounts = [
  { write: 'one', list: 'one', body: '{"k":"v"}', done: 204 },
  { write: 'two/data', list: 'two/metadata', body: '{"data":{"k":"v"}}', done: 200 },
  { write: 'cubbyhole', list: 'cubbyhole', body: '{"k":"v"}', done: 204 },
] as const;

for (const { name, raw, means } of tricks.filter(trick => trick.means === undefined)) {
  test(`S5: ${name} is refused, by every method, and leaves nothing`, async () => {
    assert.equal(means, undefined);
    for (const { write, list, body } of mounts) {
      const known = await leaves(list);
      const length = auditText().length;
      for (const method of ['POST', 'GET', 'DELETE', 'LIST', 'SCAN', 'PATCH', 'HEAD']) {
        const told = await send(method, `/v1/${write}/${raw}`, method === 'POST' || method === 'PATCH' ? { body } : {});
        assert.equal(told.status, 400, `${method} ${told.head} ${told.body}`);
        if (method === 'HEAD') continue;
        const { errors } = JSON.parse(told.body) as { errors: readonly string[] };
        assert.match(errors[0] ?? '', /path|target|segment|percent|UTF-8|byte|request line/);
      }
      assert.deepEqual(auditedSince(length), []);
      assert.deepEqual(await leaves(list), known);
    }
  });
}

for (const { name, raw, means } of tricks) {
  if (means === undefined) continue;
  test(`S5: ${name} is one path for router, policy, audit and storage`, async () => {
    for (const { write, list, body, done } of mounts) {
      const known = await leaves(list);
      const granted = pattern(`${write}/${means}`);
      const token = list === 'cubbyhole' || granted === undefined ? (api.token ?? '') : await only(granted);
      const length = auditText().length;
      assert.equal((await send('POST', `/v1/${write}/${raw}`, { token, body })).status, done);
      const records = auditedSince(length).filter(({ request }) => request.path.startsWith(write));
      assert.deepEqual([...new Set(records.map(({ request }) => request.path))], [`${write}/${means}`]);
      const added = (await leaves(list)).filter(key => !known.includes(key));
      assert.deepEqual(added, [means]);
      const read = await send('GET', `/v1/${write}/${encodeURIComponent(means)}`, { token });
      assert.equal(read.status, 200, 'read back under its canonical name');
      await send('DELETE', `/v1/${list}/${raw}`);
      assert.deepEqual(await leaves(list), known);
    }
  });
}

/** A policy path that means exactly this; undefined where the path has characters that policies read otherwise. */
const pattern = (exact: string): string | undefined => (/[*+]|\{\{/.test(exact) ? undefined : exact);

test('S5: a rule that denies a path denies every way to write it', async () => {
  await api.call('POST', 'one/deny/me', { body: { k: 'v' }, status: 204 });
  const policy = 'path "one/*" { capabilities = ["read", "list"] }\npath "one/deny/me" { capabilities = ["deny"] }';
  await api.call('PUT', 'sys/policies/acl/most', { body: { policy }, status: 204 });
  const made = await api.call('POST', 'auth/token/create', { body: { policies: ['most'] } });
  const token: string = made.auth.client_token;
  const ways = ['deny/me', 'deny%2fme', '%64eny/me', 'deny/%6d%65', 'deny/me/', 'deny/me?help=0', 'deny/me?x=/../y'];
  const refused = ['deny//me', 'deny/./me', 'x/../deny/me', 'deny/me/.', 'deny/me%00', 'deny/me%20%0a', '%2fdeny/me'];
  for (const way of ways) assert.equal((await send('GET', `/v1/one/${way}`, { token })).status, 403, way);
  for (const way of refused) assert.equal((await send('GET', `/v1/one/${way}`, { token })).status, 400, way);
  for (const way of ['deny/me;', 'deny/me\\', 'Deny/me', 'deny/me%20x', 'deny%5cme', 'deny/%2564'])
    assert.equal((await send('GET', `/v1/one/${way}`, { token })).status, 404, `${way} is another path`);
});

test('S5: the prefix of the API cannot be written in other ways', async () => {
  for (const target of [
    '/v1/../v1/sys/health',
    '//v1/sys/health',
    '/%76%31/sys/health',
    '/V1/sys/health',
    '/v1',
    '/v2/x',
  ])
    assert.ok([400, 404].includes((await send('GET', target)).status), target);
  for (const target of ['v1/sys/health', '*', 'http://localhost/v1/sys/health?', 'http://evil/v1/../sys/health']) {
    const told = await send('GET', target);
    assert.ok([400, 404, 200].includes(told.status), `${target}: ${told.head}`);
    if (told.status === 200) assert.match(target, /^http:\/\/localhost\/v1\/sys\/health/);
  }
});

test('S5: a mount cannot be made at a path that no request could name', async () => {
  for (const raw of ['a/./b', 'a/../b', 'a//b', 'a%00b', 'a%e2%80%8b', '%2e%2e'])
    assert.equal((await send('POST', `/v1/sys/mounts/${raw}`, { body: '{"type":"kv"}' })).status, 400, raw);
  for (const to of ['a/../b', './a', 'a//b', 'a\u0000', 'a\u200b', '..', ''])
    assert.equal(
      (await send('POST', '/v1/sys/remount', { body: JSON.stringify({ from: 'one', to }) })).status,
      400,
      to,
    );
});
