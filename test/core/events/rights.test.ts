/** Who is told what: the policies of now, event by event; and when a stream ends. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endings } from '../../../packages/server/src/core/events/endings.ts';
import { openBed } from '../bed.ts';
import { askStream, follow, Follower, put, socketOf, textOf, tokenWith } from './follower.ts';

const opens = 'path "sys/events/subscribe/*" { capabilities = ["read"] }';
const hears = (path: string, types: readonly string[]): string =>
  `path "${path}" { capabilities = ["list", "subscribe"]\n subscribe_event_types = ${JSON.stringify(types)} }`;

test('without read on the path of the stream it is refused', async () => {
  const bed = await openBed();
  const token = await tokenWith(bed, hears('secret/*', ['*']));
  const answer = await askStream(bed, 'kv*', { token });
  assert.equal(answer.status, 403);
  assert.match(textOf(answer), /permission denied/);
  assert.equal((await askStream(bed, 'kv*', { token: 'cofs.none' })).status, 403);
});

test('an event is told where its path allows list and subscribe and its type is named, and nowhere else', async () => {
  const bed = await openBed();
  const cases: readonly (readonly [policy: string, told: boolean])[] = [
    [hears('secret/data/a', ['*']), true],
    [hears('secret/data/*', ['kv-v2/data-*']), true],
    [hears('secret/+/a', ['x', 'kv*']), true],
    [hears('secret/data/a', ['kv-v1/*']), false],
    [hears('secret/data/a', []), false],
    [hears('secret/data/b', ['*']), false],
    ['path "secret/data/a" { capabilities = ["list", "subscribe"] }', false],
    ['path "secret/data/a" { capabilities = ["subscribe"]\n subscribe_event_types = ["*"] }', false],
    ['path "secret/data/a" { capabilities = ["read", "list"]\n subscribe_event_types = ["*"] }', false],
    [`${hears('secret/*', ['*'])}\npath "secret/data/a" { capabilities = ["deny"] }`, false],
    [`${hears('secret/data/a', ['*'])}\npath "secret/data/a" { capabilities = ["deny"] }`, false],
  ];
  const last = hears('secret/data/last', ['*']);
  for (const [policy, told] of cases) {
    const token = await tokenWith(bed, `${opens}\n${policy}\n${last}`);
    const follower = await follow(bed, 'kv*', { token });
    await put(bed, 'a');
    await put(bed, 'last');
    const [first] = await follower.take(1);
    assert.equal(first, `kv-v2/data-write secret/data/${told ? 'a' : 'last'}`, policy);
    await follower.leave();
  }
});

test('where a deletion has no data path, its own path is asked about', async () => {
  const bed = await openBed();
  await put(bed, 'a');
  const token = await tokenWith(bed, `${opens}\n${hears('secret/destroy/*', ['*'])}\n${hears('secret/data/*', ['*'])}`);
  const follower = await follow(bed, 'kv*', { token });
  await bed.root('POST', 'secret/delete/a', { versions: [1] });
  await bed.root('POST', 'secret/undelete/a', { versions: [1] });
  await bed.root('POST', 'secret/destroy/a', { versions: [1] });
  assert.deepEqual(await follower.take(2), ['kv-v2/undelete secret/undelete/a', 'kv-v2/destroy secret/destroy/a']);
});

test('a policy that changes decides about the very next event', async () => {
  const bed = await openBed();
  const text = (types: readonly string[]): string => `${opens}\n${hears('secret/*', types)}`;
  const policy = (types: readonly string[]): object => ({ policy: text(types) });
  await bed.root('PUT', 'sys/policies/acl/p', policy([]));
  const made = await bed.root('POST', 'auth/token/create', { policies: ['p'], no_default_policy: true });
  const follower = await follow(bed, 'kv*', { token: made.json.auth.client_token });
  const told = follower.take(2);
  const putWith = async (types: readonly string[], name: string): Promise<void> => {
    await bed.root('PUT', 'sys/policies/acl/p', policy(types));
    await put(bed, name);
    for (let turn = 0; turn < 20; turn++) await new Promise(done => setImmediate(done));
  };
  await putWith([], 'before');
  await putWith(['*'], 'allowed');
  await putWith(['kv-v1/*'], 'after');
  await putWith(['kv-v2/*'], 'again');
  assert.deepEqual(await told, ['kv-v2/data-write secret/data/allowed', 'kv-v2/data-write secret/data/again']);
});

test('what was told in the past is judged by the policies of now', async () => {
  const bed = await openBed();
  await put(bed, 'secret-plan');
  await put(bed, 'open');
  const token = await tokenWith(bed, `${opens}\n${hears('secret/data/open', ['*'])}`);
  const follower = await follow(bed, 'kv*?since=1', { token });
  assert.deepEqual(await follower.take(1), ['kv-v2/data-write secret/data/open']);
});

const policy = `${opens}\n${hears('secret/*', ['*'])}`;

test('a stream ends within a second of its token: revoked, its parent revoked, or over', async () => {
  const bed = await openBed();
  const parentPolicy = `${policy}\npath "auth/token/create" { capabilities = ["update"] }`;
  const parent = await tokenWith(bed, parentPolicy);
  const child = (await bed.ask('POST', 'auth/token/create', { token: parent, body: { ttl: '1h' } })).json.auth
    .client_token;
  const short = await tokenWith(bed, policy, { ttl: '2s' });
  const revoked = await tokenWith(bed, policy);
  const followers = await Promise.all([child, short, revoked].map(token => follow(bed, 'kv*', { token })));
  const ends = followers.map(one => one.next());
  await bed.root('POST', 'auth/token/revoke', { token: parent });
  await bed.root('POST', 'auth/token/revoke', { token: revoked });
  await bed.clock.advance(2_000);
  for (const end of await Promise.all(ends)) {
    assert.equal(end?.event, 'closed');
    assert.deepEqual(end?.data, endings.tokenEnded);
  }
  for (const follower of followers) assert.equal(await follower.next(), undefined);
  assert.equal(bed.core.events.count, 0);
});

test('a stream ends within a second where read on its path is taken away, and nothing is told in between', async () => {
  const bed = await openBed();
  await bed.root('PUT', 'sys/policies/acl/p', { policy });
  const made = await bed.root('POST', 'auth/token/create', { policies: ['p'], no_default_policy: true });
  const follower = await follow(bed, 'kv*', { token: made.json.auth.client_token });
  const end = follower.next();
  await bed.root('DELETE', 'sys/policies/acl/p');
  await put(bed, 'a');
  await bed.clock.advance(1_000);
  assert.deepEqual((await end)?.data, endings.denied);
});

test('a revoked token hears nothing more, not even before the second is over', async () => {
  const bed = await openBed();
  const token = await tokenWith(bed, policy);
  const follower = await follow(bed, 'kv*', { token });
  const end = follower.next();
  await bed.root('POST', 'auth/token/revoke', { token });
  await put(bed, 'a');
  assert.deepEqual((await end)?.data, endings.tokenEnded);
});

test('parameters that a rule asks for are asked for when it is opened, and do not end it later', async () => {
  const bed = await openBed();
  const asks = `path "sys/events/subscribe/*" { capabilities = ["read"]\n required_parameters = ["filter"] }`;
  const token = await tokenWith(bed, asks);
  assert.equal((await askStream(bed, 'kv*', { token })).status, 403);
  const follower = await follow(bed, 'kv*?filter=operation==x', { token });
  await bed.clock.advance(1_000);
  assert.equal(bed.core.events.count, 1);
  await follower.leave();
});

test('a batch token follows until it ends; a token of one use is spent by opening', async () => {
  const bed = await openBed();
  const batch = await follow(bed, 'kv*', { token: await tokenWith(bed, policy, { type: 'batch', ttl: '5s' }) });
  await put(bed, 'a');
  assert.deepEqual(await batch.take(1), ['kv-v2/data-write secret/data/a']);
  await bed.clock.advance(6_000);
  assert.deepEqual((await batch.next())?.data, endings.tokenEnded);
  const once = await askStream(bed, 'kv*', { token: await tokenWith(bed, policy, { num_uses: 1 }) });
  const spent = new Follower(once);
  await spent.piece();
  await bed.clock.advance(1_000);
  assert.deepEqual((await spent.next())?.data, endings.tokenEnded);
});

test('sealing ends every stream at once, and both forms say so', async () => {
  const bed = await openBed();
  const sse = await follow(bed, 'kv*');
  const socket = socketOf(await askStream(bed, 'kv*?json=1', { headers: { upgrade: 'websocket' }, upgrades: true }));
  const [first, second] = [sse.next(), socket.next()];
  await bed.root('PUT', 'sys/seal');
  assert.deepEqual((await first)?.data, endings.sealed);
  assert.deepEqual((await second).value, { kind: 'close', ...endings.sealed });
  assert.equal(bed.core.events.count, 0);
});

test('who does not read its last words is cut off', async () => {
  const bed = await openBed();
  const token = await tokenWith(bed, policy);
  const follower = await follow(bed, 'kv*', { token });
  await bed.root('POST', 'auth/token/revoke', { token });
  await bed.clock.advance(500);
  assert.equal(follower.answer.cut?.aborted, false);
  await bed.clock.advance(500);
  assert.equal(follower.answer.cut?.aborted, true);
});

test('who reads its last words is not cut off', async () => {
  const bed = await openBed();
  const token = await tokenWith(bed, policy);
  const follower = await follow(bed, 'kv*', { token });
  const end = follower.next();
  await bed.root('POST', 'auth/token/revoke', { token });
  await bed.clock.advance(500);
  await end;
  await bed.clock.advance(500);
  assert.equal(follower.answer.cut?.aborted, false);
});
