/** What audit and log say of wrapped answers: which token, hashed as whoever opens it shows it, and never what is inside. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Bed, openBed } from './bed.ts';
import { formsOf } from '../peers/marks.ts';

const mark = 'canary64d2a90f1b7c';
const wrap = { 'x-vault-wrap-ttl': '60' };

interface Line {
  readonly type: string;
  readonly error?: string;
  readonly auth: { readonly client_token?: string; readonly policies?: readonly string[] };
  readonly request: { readonly path: string; readonly wrap_ttl?: number; readonly data?: object };
  readonly response?: {
    readonly data?: { readonly [name: string]: unknown };
    readonly auth?: { readonly [name: string]: unknown };
    readonly wrap_info?: { readonly [name: string]: unknown };
  };
}

const linesOf = async (bed: Bed, act: () => Promise<unknown>): Promise<readonly Line[]> => {
  bed.audited.length = 0;
  await act();
  return bed.audited.map(line => JSON.parse(line) as Line);
};

const hashOf = (bed: Bed, text: string): string => bed.core.audit.devices()[0]?.format.hash(text) ?? '';

test('the token is told by its hash, the answer by the hashes it would have had', async () => {
  const bed = await openBed();
  await bed.root('POST', 'secret/data/a', { data: { k: mark } });
  let token = '';
  const wrapping = await linesOf(bed, async () => {
    const told = await bed.ask('GET', 'secret/data/a', { token: bed.rootToken, headers: wrap });
    token = told.json.wrap_info.token;
  });
  assert.deepEqual(
    wrapping.map(({ type, request }) => [type, request.wrap_ttl]),
    [
      ['request', 60],
      ['response', 60],
    ],
  );
  const { wrap_info, data } = wrapping[1]?.response ?? {};
  assert.deepEqual(
    [wrap_info?.['token'], wrap_info?.['ttl'], wrap_info?.['creation_path']],
    [hashOf(bed, token), 60, 'secret/data/a'],
  );
  assert.match(String(wrap_info?.['accessor']), /^hmac-sha256:/);
  assert.match(String(wrap_info?.['creation_time']), /^2026-/);
  assert.deepEqual(data?.['data'], { k: hashOf(bed, mark) });
  const opening = await linesOf(bed, () => bed.ask('POST', 'sys/wrapping/unwrap', { token }));
  assert.equal(opening[0]?.auth.client_token, hashOf(bed, token));
  assert.deepEqual(opening[0]?.auth.policies, ['response-wrapping']);
  assert.deepEqual(opening[1]?.response?.data?.['data'], { k: hashOf(bed, mark) });
  const second = await linesOf(bed, () => bed.root('POST', 'sys/wrapping/unwrap', { token }));
  assert.equal(second.at(-1)?.error, 'wrapping token is not valid or does not exist');
  assert.deepEqual(second[0]?.request.data, { token: hashOf(bed, token) });
});

test('a token inside, its accessor and a JWT around a token are hashed; who it is for is readable', async () => {
  const bed = await openBed();
  const headers = { ...wrap, 'x-vault-wrap-format': 'jwt' };
  let jwt = '';
  let inner = '';
  const wrapping = await linesOf(bed, async () => {
    const body = { policies: ['default'], meta: { team: 'x' } };
    const told = await bed.ask('POST', 'auth/token/create', { token: bed.rootToken, body, headers });
    jwt = told.json.wrap_info.token;
  });
  const opening = await linesOf(bed, async () => {
    inner = (await bed.ask('POST', 'sys/wrapping/unwrap', { token: jwt })).json.auth.client_token;
  });
  const info = wrapping[1]?.response?.wrap_info;
  assert.equal(info?.['token'], opening[0]?.auth.client_token);
  assert.match(String(info?.['wrapped_accessor']), /^hmac-sha256:/);
  for (const line of [wrapping[1], opening[1]]) {
    const auth = line?.response?.auth;
    assert.deepEqual([auth?.['client_token'], auth?.['metadata']], [hashOf(bed, inner), { team: 'x' }]);
    assert.deepEqual(auth?.['policies'], ['default']);
  }
});

test('S11: nothing of it is in the log, in audit or in the storage, however it is opened, refused or ends', async () => {
  const bed = await openBed();
  const raw = `{"n":"${mark}","list":["${mark}"],"keys":["${mark}"]}`;
  const tokens: string[] = [];
  for (let count = 0; count < 5; count++) {
    const told = await bed.ask('POST', 'sys/wrapping/wrap', { token: bed.rootToken, raw, headers: wrap });
    tokens.push(told.json.wrap_info.token);
  }
  const [one = '', two = '', three = '', four = ''] = tokens;
  await bed.ask('POST', 'sys/wrapping/unwrap', { token: one });
  await bed.ask('POST', 'sys/wrapping/unwrap', { token: one });
  await bed.root('POST', 'sys/wrapping/unwrap', { token: two });
  await bed.ask('GET', 'cubbyhole/response', { token: three });
  await bed.root('POST', 'sys/wrapping/rewrap', { token: four });
  await bed.ask('POST', 'sys/wrapping/lookup', { body: { token: four } });
  const stored = await bed.storage.range('');
  await bed.clock.advance(200_000);
  const text = Buffer.concat([
    Buffer.from([...bed.logged, ...bed.audited].join('\n')),
    ...stored.flatMap(({ key, value }) => [Buffer.from(key), Buffer.from(value)]),
  ]);
  for (const secret of [mark, ...tokens.map(token => token.slice('cofs.'.length))])
    for (const [form, bytes] of formsOf(secret)) assert.ok(!text.includes(bytes), form);
});

test('F3: where audit cannot take the request, the token is not spent; where it cannot take the answer, it does not leave', async () => {
  let failing: (lines: readonly string[]) => boolean = () => false;
  const bed = await openBed({
    sink: {
      write: async lines => {
        if (failing(lines)) throw new Error('full');
      },
    },
  });
  const ask = () => bed.ask('POST', 'sys/wrapping/wrap', { token: bed.rootToken, body: { k: mark }, headers: wrap });
  const { token } = (await ask()).json.wrap_info;
  failing = () => true;
  assert.equal((await bed.ask('POST', 'sys/wrapping/unwrap', { token })).status, 500);
  assert.equal((await bed.root('POST', 'sys/wrapping/unwrap', { token })).status, 500);
  const tokens = async () => (await bed.core.storage.range('token/id/', { values: false })).length;
  const before = await tokens();
  assert.equal((await bed.ask('GET', 'sys/mounts', { token: bed.rootToken, headers: wrap })).status, 500);
  assert.equal(
    await tokens(),
    before,
    'what is not on record is not stored, also where the row itself changes nothing',
  );
  failing = lines => lines.some(line => line.includes('"type":"response"'));
  const unsaid = await ask();
  assert.deepEqual([unsaid.status, unsaid.json.wrap_info], [500, undefined]);
  failing = () => false;
  assert.equal((await bed.ask('POST', 'sys/wrapping/unwrap', { token })).json.data.k, mark);
});
