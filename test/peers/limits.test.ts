/** Bad input on a real server: each refusal is clear, nothing of it is kept, and the server goes on serving (S13). */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { type Api, apiOf, startConfigured, initialise } from './calls.ts';
import { type RawAnswer, rawBytes, sendRaw } from './raw.ts';
import type { ServerProcess } from './server.ts';

const mebibyte = 1_048_576;
let server: ServerProcess;
let api: Api;

before(async () => {
  server = await startConfigured({ listener: 'http_read_header_timeout = "1s"\n  http_read_timeout = "2s"' });
  api = apiOf(server.address);
  await initialise(api);
  await api.call('POST', 'sys/mounts/one', { body: { type: 'kv' }, status: 204 });
  await api.call('POST', 'sys/mounts/two', { body: { type: 'kv', options: { version: '2' } }, status: 204 });
});

after(async () => {
  await server.stop();
});

const post = (path: string, body: string | Uint8Array, headers: readonly string[] = []): Promise<RawAnswer> =>
  sendRaw(server.address, rawBytes({ method: 'POST', target: `/v1/${path}`, token: api.token ?? '', body, headers }));

const read = (path: string): Promise<RawAnswer> =>
  sendRaw(server.address, rawBytes({ method: 'GET', target: `/v1/${path}`, token: api.token ?? '' }));

const serves = async (): Promise<void> => {
  const health = await api.call('GET', 'sys/health');
  assert.equal(health.sealed, false);
};

const padded = (length: number): string => {
  const frame = '{"k":""}';
  return `{"k":"${'x'.repeat(length - frame.length)}"}`;
};

test('S13: a body of 1 MiB is taken, one byte more is refused with 413', async () => {
  assert.equal((await post('one/big', padded(mebibyte))).status, 204);
  assert.equal((JSON.parse((await read('one/big')).body).data.k as string).length, mebibyte - 8);
  const refused = await post('one/bigger', padded(mebibyte + 1));
  assert.equal(refused.status, 413);
  assert.match(JSON.parse(refused.body).errors[0], /body/);
  assert.equal((await read('one/bigger')).status, 404);
  await serves();
});

test('S13: a body that only announces too much is refused before it is sent', async () => {
  for (const length of ['33554432', '99999999999', '18446744073709551616']) {
    const head = `POST /v1/one/x HTTP/1.1\r\nHost: h\r\nX-Vault-Token: ${api.token}\r\nContent-Length: ${length}\r\n\r\n`;
    const told = await sendRaw(server.address, [head]);
    assert.ok([400, 413].includes(told.status), `${length}: ${told.head}`);
  }
  const chunks = Array.from({ length: 20 }, () => `10000\r\n${'x'.repeat(65_536)}\r\n`);
  const head = `POST /v1/one/x HTTP/1.1\r\nHost: h\r\nX-Vault-Token: ${api.token}\r\nTransfer-Encoding: chunked\r\n\r\n`;
  const told = await sendRaw(server.address, [head, ...chunks]);
  assert.ok([400, 413].includes(told.status), told.head);
  await serves();
});

const nested = (depth: number): string => `{"k":${'['.repeat(depth)}${']'.repeat(depth)}}`;
const members = (count: number): string =>
  `{${Array.from({ length: count }, (_, index) => `"m${index}":1`).join(',')}}`;

const bombs: readonly (readonly [name: string, body: string | Uint8Array])[] = [
  ['too deep', nested(64)],
  ['far too deep', nested(400_000)],
  ['10,001 members', members(10_001)],
  ['the same member twice', '{"a":"canary-one","a":"canary-two"}'],
  ['the same member twice, once escaped', '{"a":"canary-one","\\u0061":"canary-two"}'],
  ['__proto__', '{"__proto__":{"x":"canary-one"}}'],
  ['__proto__ inside', '{"a":{"b":{"__proto__":"canary-one"}}}'],
  ['__proto__, escaped', '{"\\u005f_proto__":"canary-one"}'],
  ['cut off', '{"a":"canary-one"'],
  ['cut off in an escape', '{"a":"canary-one\\u00'],
  ['something behind it', '{"a":"canary-one"}{"b":1}'],
  ['single quotes', "{'a':'canary-one'}"],
  ['a comment', '{"a":"canary-one"/*x*/}'],
  ['a trailing comma', '{"a":"canary-one",}'],
  ['NaN', '{"a":NaN,"b":"canary-one"}'],
  ['a number with a leading zero', '{"a":012,"b":"canary-one"}'],
  ['a number with a plus', '{"a":+1,"b":"canary-one"}'],
  ['half a surrogate pair', '{"a":"canary-one\\ud800"}'],
  ['bytes that are not UTF-8', Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d])],
  ['a byte order mark', '\ufeff{"a":"canary-one"}'],
  ['UTF-16', Buffer.from('{"a":"canary-one"}', 'utf16le')],
  ['a control character', '{"a":"canary-one\u0001"}'],
  ['a list', '["canary-one"]'],
  ['a text', '"canary-one"'],
  ['a number', '8019210420527506405'],
  ['no JSON', 'canary-one=x'],
  ['gzip', gzipSync('{"a":"canary-one"}')],
];

const openLimitBytes = 65_536;

for (const [name, body] of bombs) {
  test(`S13: JSON with ${name} is refused, without a word of it in the answer`, async () => {
    for (const path of ['one/bomb', 'two/data/bomb', 'cubbyhole/bomb', 'sys/policies/acl/bomb', 'sys/unseal']) {
      const told = await post(path, body);
      // Who needs no token may send little: what is large is refused before it is read.
      const expected = path === 'sys/unseal' && body.length > openLimitBytes ? 413 : 400;
      assert.equal(told.status, expected, `${path}: ${told.head} ${told.body}`);
      const { errors } = JSON.parse(told.body) as { errors: readonly string[] };
      assert.equal(errors.length, 1);
      assert.doesNotMatch(told.body, /canary|8019210420527506405/);
    }
    for (const path of ['one/bomb', 'two/data/bomb', 'cubbyhole/bomb']) assert.equal((await read(path)).status, 404);
  });
}

test('S13: what is just within the limits is taken', async () => {
  assert.equal((await post('one/deep', nested(63))).status, 204);
  assert.equal((await post('one/many', members(10_000))).status, 204);
  assert.equal(
    (await post('one/names', '{"constructor":1,"toString":{"hasOwnProperty":2},"prototype":3}')).status,
    204,
  );
  const { data } = JSON.parse((await read('one/names')).body) as { data: object };
  assert.deepEqual(data, { constructor: 1, toString: { hasOwnProperty: 2 }, prototype: 3 });
});

const numbers = [
  '9007199254740993',
  '8019210420527506405',
  '-9223372036854775808',
  '18446744073709551615',
  '123456789012345678901234567890',
  '0.1',
  '-0',
  '-0.0',
  '1E400',
  '1e-400',
  '1.10',
  '3.141592653589793238462643383279',
  '100000000000000000000e-20',
  '1e5',
];

test('numbers come back digit for digit in kv 1, kv 2 and cubbyhole', async () => {
  const value = `{"list":[${numbers.join(',')}],"deep":{"n":${numbers[1]}}}`;
  for (const [path, body] of [
    ['one/numbers', value],
    ['two/data/numbers', `{"data":${value}}`],
    ['cubbyhole/numbers', value],
  ] as const) {
    assert.ok((await post(path, body)).status < 300);
    assert.ok((await read(path)).body.includes(`"data":${value}`), path);
  }
  const patch = rawBytes({
    method: 'PATCH',
    target: '/v1/two/data/numbers',
    token: api.token ?? '',
    body: `{"data":{"more":${numbers[0]}}}`,
    headers: ['Content-Type: application/merge-patch+json'],
  });
  assert.equal((await sendRaw(server.address, patch)).status, 200);
  const { body } = await read('two/data/numbers');
  for (const number of numbers) assert.ok(body.includes(number), number);
});

test('numbers that a field cannot hold are refused by name and not shown', async () => {
  for (const [path, field] of [
    ['auth/token/create', 'num_uses'],
    ['auth/token/create', 'ttl'],
    ['two/config', 'max_versions'],
    ['sys/rotate/keyring/config', 'max_operations'],
  ] as const) {
    for (const number of ['8019210420527506405', '1e999', '-8019210420527506405', '0.5e-3']) {
      const told = await post(path, `{"${field}":${number}}`);
      if (number === '0.5e-3' && told.status < 300) continue;
      assert.equal(told.status, 400, `${path} ${field} ${number}: ${told.body}`);
      assert.match(told.body, new RegExp(field));
      assert.doesNotMatch(told.body, /8019210420527506405/);
    }
  }
});

test('S13: a body that says it is compressed is refused, not opened', async () => {
  const bomb = gzipSync(`{"k":"${'x'.repeat(5_000_000)}"}`);
  for (const coding of ['gzip', 'deflate', 'br', 'zstd', 'x-gzip']) {
    const told = await post('one/zipped', bomb, [`Content-Encoding: ${coding}`]);
    assert.ok([400, 415].includes(told.status), `${coding}: ${told.head}`);
  }
  assert.equal((await read('one/zipped')).status, 404);
});

test('S13: heads beyond the limits are refused', async () => {
  const told = async (headers: readonly string[], target = '/v1/sys/health') =>
    (await sendRaw(server.address, rawBytes({ method: 'GET', target, headers }))).status;
  assert.ok([400, 431].includes(await told([`X-Long: ${'x'.repeat(200_000)}`])));
  assert.ok([400, 431].includes(await told(Array.from({ length: 5000 }, (_, index) => `X-${index}: y`))));
  assert.ok([400, 414, 431].includes(await told([], `/v1/${'a/'.repeat(60_000)}`)));
  assert.equal(await told([], `/v1/one/x?${'a=b&'.repeat(1001)}`), 400);
  await serves();
});

test('S13: slow clients are cut off and hold up nobody', async () => {
  const { port } = new URL(server.address);
  const slow = ['G', 'POST /v1/one/slow HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n{"k":'];
  const sockets = Array.from({ length: 50 }, (_, index) => {
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('error', () => {});
    socket.on('connect', () => socket.write(slow[index % slow.length] ?? ''));
    return socket;
  });
  const closed = sockets.map(socket => new Promise<void>(done => socket.once('close', () => done()).resume()));
  await pause(50);
  await serves();
  await Promise.all(closed);
  assert.equal((await read('one/slow')).status, 404);
  await serves();
});

test('a form is read as fields, twice the same name as a list', async () => {
  const told = await post('auth/token/create', 'policies=a&policies=b&ttl=1h', [
    'Content-Type: application/x-www-form-urlencoded',
  ]);
  assert.equal(told.status, 200);
  assert.deepEqual(JSON.parse(told.body).auth.policies, ['a', 'b', 'default']);
});
