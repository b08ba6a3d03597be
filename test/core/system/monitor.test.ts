/** `sys/monitor`: the log as it is written. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WireAnswer } from '../../../packages/server/src/contracts/wire.ts';
import {
  endings,
  Monitor,
  waitingBytesLimit,
  waitingLinesLimit,
} from '../../../packages/server/src/core/monitor/monitor.ts';
import { monitorsLimit } from '../../../packages/server/src/core/monitor/monitors.ts';
import { pipeline } from '../../../packages/server/src/core/request/pipeline.ts';
import { noteCall } from '../../coverage/observe.ts';
import { type Bed, openBed } from '../bed.ts';
import { tokenWith } from '../places.ts';

const utf8 = new TextDecoder();

class Followed {
  readonly answer: WireAnswer;
  readonly #pieces: AsyncIterator<Uint8Array>;

  constructor(answer: WireAnswer) {
    const { body } = answer;
    assert.ok(body !== undefined && !(body instanceof Uint8Array), 'the answer is a stream');
    this.answer = answer;
    this.#pieces = body[Symbol.asyncIterator]();
  }

  /** What can be read now; undefined at the end. */
  async read(): Promise<string | undefined> {
    const { done, value } = await this.#pieces.next();
    return done === true ? undefined : utf8.decode(value);
  }

  async leave(): Promise<void> {
    await this.#pieces.return?.();
  }
}

const asked = (bed: Bed, token: string, query = ''): Promise<WireAnswer> =>
  pipeline(bed.core)({
    method: 'GET',
    rawTarget: `/v1/sys/monitor${query}`,
    headers: new Map([['x-vault-token', token]]),
    peer: { address: '127.0.0.1', port: 1, secure: false },
    body: () => new Uint8Array(),
    pieces: () => assert.fail('not asked for'),
  });

const follow = async (bed: Bed, query = '', token = bed.rootToken): Promise<Followed> => {
  const answer = await asked(bed, token, query);
  assert.equal(answer.status, 200);
  noteCall({ method: 'GET', target: '/v1/sys/monitor', status: answer.status });
  const followed = new Followed(answer);
  assert.equal(await followed.read(), '', 'its head leaves before there is a line');
  return followed;
};

test('lines of its level and above are told as they are written, in the form that was asked for', async () => {
  const bed = await openBed();
  const plain = await follow(bed);
  const debug = await follow(bed, '?log_level=debug&log_format=json');
  assert.deepEqual(plain.answer.headers.find(([name]) => name === 'Content-Type')?.[1], 'text/plain; charset=utf-8');
  bed.core.log.write('debug', 'quiet', { a: 1 });
  bed.core.log.write('warn', 'loud', { b: 'two words' });
  assert.match((await plain.read()) ?? '', /^\S+ \[WARN\] {2}core: loud: b="two words"\n$/);
  const told = ((await debug.read()) ?? '')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as { '@message': string });
  assert.deepEqual(
    told.map(line => line['@message']),
    ['quiet', 'loud'],
  );
  await plain.leave();
  await debug.leave();
  assert.equal(bed.core.monitors.count, 0);
});

test('an unknown level or form is refused, and so is who may not read it', async () => {
  const bed = await openBed();
  for (const [query, words] of [
    ['log_level=loud', /^invalid level provided/],
    ['log_level=', /^invalid level provided/],
    ['log_format=xml', /^unknown log format/],
    ['log_format=', /^unknown log format/],
  ] as const) {
    const { status, json } = await bed.root('GET', `sys/monitor?${query}`);
    assert.equal(status, 400, query);
    assert.match(json.errors[0], words);
  }
  const other = await tokenWith(bed, 'path "secret/*" { capabilities = ["read"] }');
  for (const token of [other, 'none', undefined])
    assert.equal((await bed.ask('GET', 'sys/monitor', { token })).status, 403);
  assert.equal(bed.core.monitors.count, 0);
});

test('it ends within a second of the end of its token, of its right, and of the store being open', async () => {
  const bed = await openBed();
  const rule = 'path "sys/monitor" { capabilities = ["read"] }';
  const ends: readonly (readonly [end: (token: string) => Promise<unknown>, reason: string])[] = [
    [token => bed.root('PUT', 'auth/token/revoke', { token }), endings.denied],
    [
      () => bed.root('PUT', 'sys/policies/acl/reader', { policy: 'path "x" { capabilities = ["read"] }' }),
      endings.denied,
    ],
    [() => bed.root('PUT', 'sys/seal'), endings.sealed],
  ];
  for (const [end, reason] of ends) {
    await bed.root('PUT', 'sys/policies/acl/reader', { policy: rule });
    const made = await bed.root('POST', 'auth/token/create', { policies: ['reader'] });
    const token = made.json.auth.client_token as string;
    const followed = await follow(bed, '', token);
    const unread = await follow(bed, '', token);
    await bed.clock.advance(500);
    assert.equal(bed.core.monitors.count, 2);
    await end(token);
    await bed.clock.advance(500);
    assert.equal(bed.core.monitors.count, 0, reason);
    let last = '';
    for (let text = await followed.read(); text !== undefined; text = await followed.read()) last = text;
    assert.ok(last.endsWith(`==> the log is not followed any more: ${reason}\n`), last);
    await bed.clock.advance(500);
    assert.equal(unread.answer.cut?.aborted, true, 'who does not read is cut off');
    if (reason !== endings.sealed) assert.equal(followed.answer.cut?.aborted, false, 'who reads is not');
  }
});

const alone = (): Monitor =>
  new Monitor({ token: { accessor: 'a' } as never, path: 'sys/monitor', left: () => undefined });

test('S13: who reads more slowly than is written is ended with words, and holds no more than the bound', async () => {
  for (const [line, count] of [
    ['x\n', waitingLinesLimit + 1],
    [`${'x'.repeat(20_000)}\n`, Math.ceil(waitingBytesLimit / 20_000) + 1],
  ] as const) {
    const monitor = alone();
    for (let at = 0; at < count; at++) monitor.take(line);
    assert.ok(monitor.ended.aborted);
    const { value } = await monitor.next();
    assert.equal(utf8.decode(value), `==> the log is not followed any more: ${endings.tooSlow}\n`);
    assert.equal((await monitor.next()).done, true);
  }
  const keepsUp = alone();
  for (let at = 0; at < 3 * waitingLinesLimit; at++) {
    keepsUp.take('x\n');
    await keepsUp.next();
  }
  assert.equal(keepsUp.ended.aborted, false);
});

test('S13: only so many follow at once, and who left makes room', async () => {
  const bed = await openBed();
  const all = await Promise.all(Array.from({ length: monitorsLimit }, () => follow(bed)));
  assert.equal((await bed.root('GET', 'sys/monitor')).status, 429);
  await all[0]?.leave();
  await (await follow(bed)).leave();
  for (const one of all) await one.leave();
  assert.equal(bed.core.monitors.count, 0);
});

test('S11: at the lowest level nothing that callers send is told', async () => {
  const bed = await openBed();
  const followed = await follow(bed, '?log_level=trace');
  for (const path of ['secret/data/canary-path', 'sys/tools/hash', 'nowhere/canary-path', 'auth/token/lookup'])
    for (const method of ['GET', 'POST', 'PATCH', 'CANARY'])
      await bed.ask(method, path, {
        token: bed.rootToken,
        body: { data: { value: 'canary' }, input: 'canary', token: 'canary' },
      });
  await bed.ask('POST', 'secret/data/x', { token: 'canary', raw: '{"canary":' });
  bed.core.log.write('trace', 'the end');
  let text = '';
  while (!text.includes('the end')) text += await followed.read();
  assert.ok(!text.includes('canary') && !text.includes(bed.rootToken), text);
  await followed.leave();
});
