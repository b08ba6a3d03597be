/** Answers kept back behind wrapping tokens: what is answered in their place, who opens them, and that it happens once. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { type Ask, type Bed, openBed, type Told } from './bed.ts';
import { openFull, tokenWith } from './places.ts';

const invalid = '{"errors":["wrapping token is not valid or does not exist"]}';
const denied = '{"errors":["permission denied"]}';
const canary = 'canary5f1e0b77d3';
const value = `{"b":8019210420527506405,"a":"${canary}"}`;

let bed: Bed;

before(async () => {
  bed = await openFull();
  await bed.ask('POST', 'one/a', { token: bed.rootToken, raw: value });
});

interface WrapAsk extends Ask {
  readonly of?: Bed;
}

const wrapped = (method: string, path: string, { headers, of = bed, ...more }: WrapAsk = {}): Promise<Told> =>
  of.ask(method, path, { token: of.rootToken, ...more, headers: { 'x-vault-wrap-ttl': '60', ...headers } });

const tokenOf = async (telling: Promise<Told>): Promise<string> => {
  const told = await telling;
  assert.equal(told.status, 200, told.text);
  return told.json.wrap_info.token as string;
};

const unwrap = (token: string | undefined, body: object = {}, of = bed): Promise<Told> =>
  of.ask('POST', 'sys/wrapping/unwrap', { token, body });

const gone = (told: Told, name = ''): void => assert.deepEqual([told.status, told.text], [400, invalid], name);

test('in place of the answer goes a token, and nothing of the answer', async () => {
  for (const [ttl, seconds] of [
    ['60', 60],
    ['60s', 60],
    ['5m', 300],
    ['1h30m', 5400],
    ['300ms', 1],
  ] as const) {
    const told = await wrapped('GET', 'one/a', { headers: { 'x-vault-wrap-ttl': ttl } });
    const { wrap_info, ...rest } = told.json;
    assert.equal(told.status, 200);
    assert.deepEqual(rest, {
      request_id: '',
      lease_id: '',
      renewable: false,
      lease_duration: 0,
      data: null,
      warnings: null,
      auth: null,
      mount_type: '',
    });
    assert.deepEqual(Object.keys(wrap_info), ['token', 'accessor', 'ttl', 'creation_time', 'creation_path']);
    assert.deepEqual([wrap_info.ttl, wrap_info.creation_path], [seconds, 'one/a'], ttl);
    assert.match(wrap_info.token, /^cofs\./);
    assert.equal(Date.parse(wrap_info.creation_time), bed.clock.now());
    assert.ok(!told.text.includes(canary));
  }
});

test('the token is a service token for one use that cannot be renewed, with a policy nobody else has', async () => {
  const told = await wrapped('GET', 'one/a');
  const { accessor, token } = told.json.wrap_info;
  const { data } = (await bed.root('POST', 'auth/token/lookup-accessor', { accessor })).json;
  assert.deepEqual(
    [data.policies, data.num_uses, data.renewable, data.type, data.creation_ttl, data.explicit_max_ttl, data.orphan],
    [['response-wrapping'], 1, false, 'service', 60, 60, true],
  );
  assert.equal(data.path, 'one/a');
  assert.equal((await bed.root('POST', 'auth/token/renew', { token })).status, 400);
});

test('it opens as the calling token or named in the body, byte for byte, once', async () => {
  const policy = 'path "sys/wrapping/unwrap" { capabilities = ["update"] }';
  const reader = await tokenWith(bed, policy);
  for (const open of [
    (token: string) => unwrap(token),
    (token: string) => bed.ask('PUT', 'sys/wrapping/unwrap', { token }),
    (token: string) => unwrap(token, { token }),
    (token: string) => unwrap(reader, { token }),
    (token: string) => unwrap(bed.rootToken, { token }),
    (token: string) => bed.ask('POST', 'sys/wrapping/unwrap', { headers: { authorization: `Bearer ${token}` } }),
  ]) {
    const token = await tokenOf(wrapped('GET', 'one/a'));
    const first = await open(token);
    assert.equal(first.status, 200, first.text);
    assert.ok(first.text.includes(value), 'as it was written');
    assert.match(first.json.request_id, /^[0-9a-f-]{36}$/);
    assert.deepEqual([first.json.wrap_info, first.json.auth, first.json.mount_type], [null, null, 'kv']);
    assert.equal(first.headers.get('Content-Type'), 'application/json');
    gone(await unwrap(token));
    gone(await unwrap(token, { token }));
    gone(await unwrap(bed.rootToken, { token }));
    assert.equal((await bed.ask('GET', 'cubbyhole/response', { token })).status, 403);
  }
});

test('old clients read it in the cubbyhole of the token, once as well', async () => {
  const token = await tokenOf(wrapped('GET', 'one/a'));
  const read = await bed.ask('GET', 'cubbyhole/response', { token });
  assert.equal(JSON.parse(read.json.data.response).data.a, canary);
  assert.deepEqual(Object.keys(read.json.data), ['response']);
  gone(await unwrap(token));
});

test('of a crowd that opens one token at once, one gets it', async () => {
  for (const how of ['own', 'body', 'both'] as const) {
    const token = await tokenOf(wrapped('GET', 'one/a'));
    const crowd = Array.from({ length: 24 }, (_, at) =>
      how === 'own' || (how === 'both' && at % 2 === 0) ? unwrap(token) : unwrap(bed.rootToken, { token }),
    );
    const late = bed.ask('POST', 'sys/wrapping/unwrap', { token, late: Promise.resolve(new Uint8Array()) });
    const told = await Promise.all([...crowd, late]);
    const won = told.filter(({ status }) => status === 200);
    assert.equal(won.length, 1, how);
    for (const one of told) if (one.status !== 200) gone(one, how);
    assert.equal(told.filter(({ text }) => text.includes(canary)).length, 1);
  }
});

test('a new token in the place of one: same answer, path and time; of a crowd one gets it, and no old one opens', async () => {
  const first = await tokenOf(wrapped('GET', 'one/a', { headers: { 'x-vault-wrap-ttl': '5m' } }));
  await bed.clock.advance(100_000);
  const told = await Promise.all(
    Array.from({ length: 12 }, () => bed.root('POST', 'sys/wrapping/rewrap', { token: first })),
  );
  const [won, ...more] = told.filter(({ status }) => status === 200);
  assert.equal(more.length, 0);
  for (const one of told) if (one !== won) gone(one);
  const { token, ttl, creation_path, creation_time } = (won ?? assert.fail('nobody got it')).json.wrap_info;
  assert.deepEqual([ttl, creation_path, Date.parse(creation_time)], [300, 'one/a', bed.clock.now()]);
  assert.equal(won?.json.data, null);
  gone(await unwrap(first));
  await bed.clock.advance(250_000);
  assert.equal((await unwrap(token)).json.data.a, canary);
  gone(await bed.root('POST', 'sys/wrapping/rewrap', { token }));
  gone(await bed.root('POST', 'sys/wrapping/rewrap', { token: bed.rootToken }));
  assert.equal((await bed.root('POST', 'sys/wrapping/rewrap', {})).status, 400);
});

test('looking at a token uses nothing up and needs no other token', async () => {
  const token = await tokenOf(wrapped('GET', 'one/a'));
  for (const told of [
    await bed.ask('POST', 'sys/wrapping/lookup', { body: { token } }),
    await bed.ask('POST', 'sys/wrapping/lookup', { token }),
    await bed.ask('GET', 'sys/wrapping/lookup', { token }),
    await bed.ask('POST', 'sys/wrapping/lookup', { token: bed.rootToken, body: { token } }),
  ]) {
    const { creation_path, creation_time, creation_ttl } = told.json.data;
    assert.deepEqual([creation_path, creation_ttl, Date.parse(creation_time)], ['one/a', 60, bed.clock.now()]);
  }
  assert.equal((await unwrap(token)).status, 200);
  gone(await bed.ask('POST', 'sys/wrapping/lookup', { body: { token } }));
  gone(await bed.ask('GET', 'sys/wrapping/lookup', { token: bed.rootToken }));
  assert.equal((await bed.ask('GET', 'sys/wrapping/lookup')).status, 400);
});

test('what is no wrapping token is refused as one that was opened, and is not used up by that', async () => {
  const limited = await tokenWith(bed, 'path "one/a" { capabilities = ["read"] }', { num_uses: 1 });
  for (const token of ['cofs.none', 'x', ' ', 'eyJ.a.b', 'a'.repeat(9000), 'cofb.AAAA', bed.rootToken, limited])
    gone(await unwrap(bed.rootToken, { token }), token.slice(0, 20));
  for (const token of ['cofs.none', 'x', 'eyJ.a.b', bed.rootToken]) gone(await unwrap(token), token.slice(0, 20));
  assert.equal((await bed.ask('GET', 'one/a', { token: limited })).status, 200);
  for (const raw of ['{"token":1}', '{"token":[]}', '{"token":{}}', '{"token":', '[]'])
    assert.equal((await bed.ask('POST', 'sys/wrapping/unwrap', { token: bed.rootToken, raw })).status, 400, raw);
});

test('who has no right to unwrap, or whose own token has ended, opens nothing and spends nothing', async () => {
  const token = await tokenOf(wrapped('GET', 'one/a'));
  const other = await tokenWith(bed, 'path "other" { capabilities = ["read"] }');
  assert.equal((await unwrap(other, { token })).status, 403);
  assert.deepEqual(
    [(await unwrap('cofs.ended', { token })).status, (await unwrap(undefined, { token })).status],
    [403, 403],
  );
  assert.equal((await unwrap('cofs.ended', { token })).text, denied);
  const second = await tokenOf(wrapped('GET', 'one/a'));
  gone(await unwrap(second, { token }), 'a wrapping token opens nothing but itself');
  assert.equal((await unwrap(token)).status, 200);
  assert.equal((await unwrap(second)).status, 200);
});

test('a wrapping token may do nothing else, and is gone once it tried', async () => {
  for (const [method, path] of [
    ['GET', 'one/a'],
    ['GET', 'auth/token/lookup-self'],
    ['POST', 'cubbyhole/response'],
    ['POST', 'sys/wrapping/rewrap'],
    ['LIST', 'cubbyhole/'],
  ] as const) {
    const token = await tokenOf(wrapped('GET', 'one/a'));
    const told = await bed.ask(method, path, { token, body: method === 'POST' ? { token, a: 1 } : undefined });
    assert.equal(told.status, 403, path);
    assert.ok(!told.text.includes(canary));
    gone(await unwrap(token), path);
  }
});

test('it ends when its time is over, or with its token, and its answer is then nowhere', async () => {
  const own = await openFull();
  await own.ask('POST', 'one/a', { token: own.rootToken, raw: value });
  const cubbyhole = (await own.root('GET', 'sys/mounts')).json.data['cubbyhole/'].uuid as string;
  const left = async () => (await own.storage.range(`1/root/${cubbyhole}/`, { values: false })).length;
  const kept = await tokenOf(wrapped('GET', 'one/a', { of: own }));
  const told = await wrapped('GET', 'one/a', { of: own });
  assert.equal(await left(), 2);
  await own.root('POST', 'auth/token/revoke-accessor', { accessor: told.json.wrap_info.accessor });
  gone(await unwrap(told.json.wrap_info.token, {}, own));
  assert.equal(await left(), 1);
  await own.clock.advance(59_000);
  assert.equal((await own.ask('GET', 'sys/wrapping/lookup', { token: kept })).status, 200);
  await own.clock.advance(1000);
  gone(await unwrap(kept, {}, own));
  await own.clock.advance(62_000);
  assert.equal(await left(), 0);
  const opened = await tokenOf(wrapped('GET', 'one/a', { of: own }));
  await unwrap(opened, {}, own);
  assert.equal(await left(), 0);
  assert.equal((await own.core.storage.range('token/id/', { values: false })).length, 1);
});

test('it outlives the token that asked for it', async () => {
  const maker = await tokenWith(bed, 'path "one/a" { capabilities = ["read"] }');
  const token = await tokenOf(wrapped('GET', 'one/a', { token: maker }));
  await bed.root('POST', 'auth/token/revoke', { token: maker });
  assert.equal((await unwrap(token)).json.data.a, canary);
});

test('an answer that makes a token can be wrapped; the accessor inside is told', async () => {
  const told = await wrapped('POST', 'auth/token/create', { body: { policies: ['default'], ttl: '1h' } });
  const { token, wrapped_accessor, creation_path } = told.json.wrap_info;
  const { auth, warnings } = (await unwrap(token)).json;
  assert.equal(creation_path, 'auth/token/create');
  assert.deepEqual([auth.accessor, auth.policies, auth.lease_duration], [wrapped_accessor, ['default'], 3600]);
  assert.equal(warnings, null);
  assert.equal((await bed.ask('GET', 'auth/token/lookup-self', { token: auth.client_token })).status, 200);
});

test('lists can be wrapped; an answer without content is not', async () => {
  const list = await tokenOf(wrapped('LIST', 'one/'));
  assert.deepEqual((await unwrap(list)).json.data, { keys: ['a'] });
  assert.equal(
    (await bed.ask('GET', 'sys/wrapping/lookup', { token: await tokenOf(wrapped('LIST', 'one')) })).json.data
      .creation_path,
    'one/',
  );
  assert.deepEqual([(await wrapped('LIST', 'one/none')).status, (await wrapped('GET', 'one/none')).status], [404, 404]);
  const written = await wrapped('POST', 'one/b', { body: { a: 'b' } });
  assert.deepEqual([written.status, written.text], [204, '']);
  const refused = await wrapped('GET', 'none/a');
  assert.deepEqual([refused.status, refused.json.wrap_info], [404, undefined]);
});

test('an answer that has content and is none, such as a deleted version, is wrapped with its status', async () => {
  await bed.root('POST', 'secret/data/d', { data: { a: canary } });
  await bed.root('DELETE', 'secret/data/d');
  const token = await tokenOf(wrapped('GET', 'secret/data/d'));
  const told = await unwrap(token);
  assert.deepEqual([told.status, told.json.data.data], [404, null]);
});

test('wrap answers what it is given, and only wrapped', async () => {
  const token = await tokenOf(
    bed.ask('POST', 'sys/wrapping/wrap', { token: bed.rootToken, raw: value, headers: { 'x-vault-wrap-ttl': '1m' } }),
  );
  const told = await unwrap(token);
  assert.ok(told.text.includes(`"data":${value}`));
  assert.deepEqual((await unwrap(await tokenOf(wrapped('POST', 'sys/wrapping/wrap')))).json.data, {});
  for (const headers of [{}, { 'x-vault-wrap-ttl': '0' }, { 'x-vault-wrap-ttl': '0s' }, { 'x-vault-wrap-ttl': '' }]) {
    const plain = await bed.ask('POST', 'sys/wrapping/wrap', { token: bed.rootToken, raw: value, headers });
    const errors = ['endpoint requires response wrapping to be used'];
    assert.deepEqual([plain.status, plain.json.errors], [400, errors]);
  }
});

test('a header that cannot be understood is refused: nothing leaves unwrapped', async () => {
  const bad = [
    '-1',
    '-5m',
    'x',
    '5 minutes',
    '1e3',
    '0x10',
    '9'.repeat(30),
    '99999999999',
    'NaN',
    '5m5',
    `1${'s'.repeat(100)}`,
  ];
  for (const ttl of bad) {
    const told = await wrapped('GET', 'one/a', { headers: { 'x-vault-wrap-ttl': ttl } });
    assert.equal(told.status, 400, ttl);
    assert.match(
      told.json.errors[0],
      ttl.startsWith('-')
        ? /^requested wrap ttl cannot be negative$/
        : /^error parsing X-Vault-Wrap-TTL header: expected/,
    );
  }
  const zero = await wrapped('GET', 'one/a', { headers: { 'x-vault-wrap-ttl': '0s' } });
  assert.equal(zero.json.data.a, canary);
});

test('answers that cannot be wrapped are refused before anything happens', async () => {
  const token = await tokenOf(wrapped('GET', 'one/a'));
  for (const [method, path] of [
    ['POST', 'sys/wrapping/unwrap'],
    ['GET', 'sys/wrapping/lookup'],
    ['GET', 'sys/health'],
    ['GET', 'sys/seal-status'],
    ['GET', 'sys/internal/ui/mounts'],
  ] as const) {
    const told = await wrapped(method, path, method === 'POST' && path.endsWith('unwrap') ? { token } : {});
    assert.equal(told.status, 400, `${method} ${path} ${told.text}`);
    assert.match(told.json.errors[0], /cannot be wrapped/);
  }
  assert.equal((await unwrap(token)).status, 200);
  assert.equal((await wrapped('GET', 'one/a?help=1')).status, 200);
});

test('policies say whether and for how long answers must be wrapped', async () => {
  const policy = 'path "one/a" { capabilities = ["read"] min_wrapping_ttl = "1m" max_wrapping_ttl = "5m" }';
  const token = await tokenWith(bed, policy);
  const ask = (ttl: string) => wrapped('GET', 'one/a', { token, headers: { 'x-vault-wrap-ttl': ttl } });
  for (const ttl of ['', '0', '59s', '301s', '1h']) {
    const told = await ask(ttl);
    assert.equal(told.status, 403, ttl);
    assert.ok(!told.text.includes(canary));
  }
  for (const ttl of ['60', '5m']) assert.equal((await ask(ttl)).status, 200, ttl);
  const sudo = await tokenWith(
    bed,
    'path "auth/token/create*" { capabilities = ["update", "sudo"] min_wrapping_ttl = "1m" }',
  );
  for (const [path, body] of [
    ['auth/token/create', { no_parent: true }],
    ['auth/token/create-orphan', {}],
  ] as const) {
    const made = await wrapped('POST', path, { token: sudo, body });
    assert.equal(made.status, 200, made.text);
    assert.equal((await bed.ask('POST', path, { token: sudo, body })).status, 403);
  }
});

test('S6: a denied path stays denied, wrapped or not', async () => {
  const token = await tokenWith(
    bed,
    'path "*" { capabilities = ["read", "list"] } path "one/a" { capabilities = ["deny"] }',
  );
  assert.equal((await wrapped('GET', 'one/a', { token })).status, 403);
});

test('a full mount: every wrapped answer is small, whatever it holds', async () => {
  const own = await openBed({ bodyLimitBytes: 33_554_432 });
  const raw = JSON.stringify({ data: { a: 'x"'.repeat(300_000) } });
  await own.ask('POST', 'secret/data/big', { token: own.rootToken, raw });
  const told = await wrapped('GET', 'secret/data/big', { of: own });
  assert.ok(told.text.length < 1000);
  assert.equal((await unwrap(told.json.wrap_info.token, {}, own)).json.data.data.a.length, 600_000);
});
