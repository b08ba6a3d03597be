import assert from 'node:assert/strict';
import { test } from 'node:test';
import { enveloped, type FakeAnswer } from '@coffer/client/fake.ts';
import { Secret } from '@coffer/schema/secret.ts';
import type { FakeStream } from '../../../../../test/providers/fake-stream.ts';
import { fakeVault, type FakeVault, lookupSelf, refusal } from '../../../../../test/providers/fake-vault.ts';
import type { VaultSettings } from './settings.ts';

interface Followed extends FakeVault {
  /** Keys that were told, and `missed`. */
  readonly heard: string[];
  readonly stop: AbortController;
  readonly ended: Promise<boolean>;
  stream(at: number): FakeStream;
}

const follow = async (fake: FakeVault): Promise<Followed> => {
  const heard: string[] = [];
  const stop = new AbortController();
  const changed = ({ key }: { readonly key: string }): void => void heard.push(key);
  const ended = fake.provider.follow({ signal: stop.signal, changed, missed: () => heard.push('missed') });
  const stream = (at: number): FakeStream => fake.streams.streams[at] ?? assert.fail(`no stream ${at}`);
  await fake.server.settle();
  return { ...fake, heard, stop, ended, stream };
};

const event = (id: number, path: string, mount = 'secret/'): string => {
  const data = { event_type: 'kv-v2/data-write', event: { metadata: { path } }, plugin_info: { mount_path: mount } };
  return `id: ${id}\ndata: ${JSON.stringify({ data })}\n\n`;
};

const closed = (code: number): string => `event: closed\ndata: {"code":${code},"reason":"because"}\n\n`;

test('changes of the mount are told by their normal key, and that all must be read once it begins', async () => {
  const followed = await follow(fakeVault());
  const stream = followed.stream(0);
  assert.equal(stream.asked, 'kv-v2/*?filter=source_plugin_mount == "secret/"');
  assert.equal(stream.token, 'canary-token');
  assert.deepEqual(followed.heard, []);
  await stream.send('id: 3\n\n');
  assert.deepEqual(followed.heard, ['missed']);
  const paths = ['data/app', 'metadata/app', 'delete/team/app', 'undelete/a', 'destroy/data/b'];
  for (const [at, path] of paths.entries()) void stream.send(event(4 + at, `secret/${path}`));
  await followed.server.settle();
  assert.deepEqual(followed.heard, [
    'missed',
    'secret/app',
    'secret/app',
    'secret/team/app',
    'secret/a',
    'secret/data/b',
  ]);
  assert.equal(followed.provider.changeKey({ key: 'team/app' }), 'secret/team/app');
  assert.equal(followed.provider.changeKey({ key: 'secret/data/team/app', property: 'x' }), 'secret/team/app');
  assert.equal(followed.provider.changeKey({ key: '' }), '');
  followed.stop.abort();
  assert.equal(await followed.ended, true);
  assert.equal(stream.isLeft, true);
});

test('what is about no secret of the mount is not told', async () => {
  const followed = await follow(fakeVault());
  const others = [
    event(4, 'secret/config'),
    event(5, 'other/data/app', 'other/'),
    event(6, 'elsewhere/data/app'),
    event(7, 'secret/data/'),
    event(7, 'secret/unknown/app'),
    'id: 8\ndata: {}\n\n',
    'id: 9\ndata: []\n\n',
    'event: unknown\ndata: x\n\n',
  ];
  void followed.stream(0).send(`id: 3\n\n${others.join('')}${event(10, 'secret/data/app')}`);
  await followed.server.settle();
  assert.deepEqual(
    followed.heard.filter(one => one !== 'missed'),
    ['secret/app'],
  );
  followed.stop.abort();
});

test('a store of version 1, and one whose keys name the mount', async () => {
  const old = await follow(fakeVault({ version: 'v1' }));
  assert.match(old.stream(0).asked, /^kv-v1\/\*\?filter=/);
  void old.stream(0).send(event(4, 'secret/team/app'));
  const any = await follow(fakeVault({ path: undefined }));
  assert.equal(any.stream(0).asked, 'kv-v2/*');
  void any.stream(0).send(event(4, 'team/kv/data/app', 'team/kv/') + event(5, 'secret/data/app'));
  await any.server.settle();
  assert.deepEqual([old.heard[0], ...any.heard.slice(0, 2)], ['secret/team/app', 'team/kv/app', 'secret/app']);
  assert.equal(any.provider.changeKey({ key: 'team/kv/data/app' }), 'team/kv/app');
  old.stop.abort();
  any.stop.abort();
});

test('after an interruption it goes on where it was; what the store forgot is missed', async () => {
  const followed = await follow(fakeVault());
  void followed.stream(0).send(`id: 3\n\n${event(5, 'secret/data/a')}`);
  await followed.server.settle();
  followed.streams.refuse('unreachable', [503, '{"errors":["Vault is sealed"]}']);
  followed.stream(0).end();
  await followed.server.settle();
  for (let at = 0; at < 3; at += 1) await followed.server.next();
  assert.match(followed.stream(1).asked, /since=5$/);
  void followed.stream(1).send(event(6, 'secret/data/b'));
  await followed.server.settle();
  assert.deepEqual(followed.heard, ['secret/a', 'missed', 'secret/b']);
  void followed.stream(1).send('id: 8\nevent: compacted\ndata: {"revision":"9"}\n\n');
  await followed.server.settle();
  assert.deepEqual(followed.heard.slice(3), ['missed']);
  assert.equal(followed.lines.length, 1, followed.lines.join('\n'));
  followed.stop.abort();
});

test('while the store cannot be reached it is tried again, later each time, and told once', async () => {
  const fake = fakeVault();
  fake.streams.refuse('unreachable', 'unreachable', [502, '<html>', 'text/html'], [429, '{"errors":["too many"]}']);
  const followed = await follow(fake);
  const waited = fake.server.waitsMs.filter(ms => ms < 45_000).length;
  for (let at = 0; at < 4; at += 1) await fake.server.next();
  assert.deepEqual(
    fake.server.waitsMs.filter(ms => ms < 45_000).slice(waited - 1, waited + 3),
    [1000, 2000, 4000, 8000],
  );
  await followed.stream(0).send('id: 1\n\n');
  assert.deepEqual(followed.heard, ['missed']);
  assert.equal(fake.lines.length, 1);
  followed.stop.abort();
});

const noStreams: readonly (readonly [status: number, body: string, type?: string])[] = [
  [404, '{"errors":["unsupported path"]}'],
  [404, '{"errors":[]}'],
  [405, '{"errors":["unsupported operation"]}'],
  [400, '{"errors":["websocket only"]}'],
  [426, 'upgrade', 'text/plain'],
  [501, ''],
];
for (const refused of noStreams) {
  test(`a server that answers ${refused.join(' ')} tells of no changes`, async () => {
    const fake = fakeVault();
    fake.streams.refuse(refused);
    const followed = await follow(fake);
    assert.equal(await followed.ended, false);
    assert.deepEqual(followed.heard, []);
    assert.match(fake.lines.join(), /^info the store tells of no changes/);
    assert.equal(fake.server.timers, 0);
  });
}

const walls: readonly (readonly [status: number, body: string, type?: string])[] = [
  [404, '<html>', 'text/html'],
  [403, 'blocked', 'text/plain'],
  [307, ''],
];
for (const wall of walls) {
  test(`a wall that answers ${wall.join(' ')} does not decide whether there is a stream`, async () => {
    const fake = fakeVault();
    fake.streams.refuse(wall);
    const followed = await follow(fake);
    await fake.server.next();
    await followed.stream(0).send('id: 1\n\n');
    assert.deepEqual(followed.heard, ['missed']);
    followed.stop.abort();
  });
}

test('a token that may not follow is told once, with what it needs', async () => {
  const fake = fakeVault();
  fake.streams.refuse([403, '{"errors":["1 error occurred:\\n\\t* permission denied\\n\\n"]}']);
  const followed = await follow(fake);
  assert.equal(await followed.ended, false);
  assert.equal(fake.lines.length, 1);
  assert.match(
    fake.lines[0] ?? '',
    /^warn .*may not be followed.*sys\/events\/subscribe\/kv-v2\/\*.*subscribe_event_types/,
  );
  assert.doesNotMatch(fake.lines[0] ?? '', /canary/);
});

test('a given token that ends takes the stream with it', async () => {
  const followed = await follow(fakeVault());
  followed.server.on(lookupSelf, refusal(403, 'permission denied'));
  void followed.stream(0).send(`id: 3\n\n${closed(1008)}`);
  await followed.server.settle();
  followed.stream(0).end();
  assert.equal(await followed.ended, false);
  assert.match(followed.lines.join(), /not valid.*expired or revoked/);
});

const loginAnswer = (token: string, seconds = 30): FakeAnswer =>
  enveloped(null, { auth: { client_token: token, lease_duration: seconds, renewable: false, token_type: 'service' } });

const logins = (): Partial<VaultSettings> => ({
  auth: { method: 'kubernetes', role: 'app', jwt: async () => Secret.of('canary-jwt') },
});

test('with the next login the stream is opened anew, before the old token ends, and goes on where it was', async () => {
  const fake = fakeVault(logins());
  fake.server.on('POST auth/kubernetes/login', loginAnswer('canary-1'), loginAnswer('canary-2'));
  const followed = await follow(fake);
  assert.equal(followed.stream(0).token, 'canary-1');
  await followed.stream(0).send('id: 7\n\n');
  fake.clock.turn(20_000);
  await fake.server.next();
  await fake.server.settle();
  assert.equal(followed.stream(0).isLeft, true);
  assert.equal(followed.stream(1).token, 'canary-2');
  assert.match(followed.stream(1).asked, /since=7$/);
  await followed.stream(1).send('id: 8\n\n');
  assert.deepEqual(followed.heard, ['missed']);
  followed.stop.abort();
  assert.equal(await followed.ended, true);
  assert.equal(fake.server.timers, 0);
});

test('a login whose token was revoked is done again', async () => {
  const fake = fakeVault(logins());
  fake.server.on('POST auth/kubernetes/login', loginAnswer('canary-1'), loginAnswer('canary-2'));
  const followed = await follow(fake);
  fake.clock.turn(15_000);
  fake.server.on(lookupSelf, refusal(403, 'permission denied'));
  void followed.stream(0).send(`id: 7\n\n${closed(1008)}`);
  await fake.server.settle();
  followed.stream(0).end();
  await fake.server.settle();
  assert.equal(followed.stream(1).token, 'canary-2');
  assert.match(followed.stream(1).asked, /since=7$/);
  followed.stop.abort();
  assert.equal(await followed.ended, true);
});

test('a short token that ended before there was another is no lost right', async () => {
  const fake = fakeVault(logins());
  fake.server.on('POST auth/kubernetes/login', loginAnswer('canary-1', 3), refusal(500, 'no'), loginAnswer('canary-2'));
  const followed = await follow(fake);
  void followed.stream(0).send(`id: 7\n\n${closed(1008)}`);
  fake.clock.turn(2500);
  await fake.server.settle();
  followed.stream(0).end();
  await fake.server.settle();
  assert.equal(followed.streams.streams.length, 1, 'the old token alone is there: it waits');
  fake.clock.turn(5000);
  await fake.server.next();
  assert.equal(followed.stream(1).token, 'canary-2');
  followed.stop.abort();
  assert.equal(await followed.ended, true);
});

test('while logins fail there is nothing to follow with, and it is tried again', async () => {
  const fake = fakeVault(logins());
  fake.server.on('POST auth/kubernetes/login', refusal(403, 'no'), loginAnswer('canary-1'));
  const followed = await follow(fake);
  assert.equal(fake.streams.streams.length, 0);
  fake.clock.turn(5000);
  await fake.server.next();
  assert.equal(followed.stream(0).token, 'canary-1');
  followed.stop.abort();
  assert.equal(await followed.ended, true);
});

test('it ends when it is told to, also while it waits and before it began', async () => {
  const fake = fakeVault();
  fake.streams.refuse('unreachable');
  const followed = await follow(fake);
  followed.stop.abort();
  assert.equal(await followed.ended, true);
  assert.equal(fake.server.timers, 0);
  const stopped = { signal: AbortSignal.abort(), changed: () => assert.fail(), missed: () => assert.fail() };
  assert.equal(await fake.provider.follow(stopped), true);
});
