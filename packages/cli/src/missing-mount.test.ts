import assert from 'node:assert/strict';
import { test } from 'node:test';
import { enveloped, type FakeAnswer } from '@coffer/client/fake.ts';
import { FakeIo } from './fake-io.ts';
import { atMount, inPath } from './missing-mount.ts';

const preflight: FakeAnswer = { status: 403, body: { errors: ['preflight capability check returned 403'] } };
const denied: FakeAnswer = { status: 403, body: { errors: ['permission denied'] } };
const noRoute: FakeAnswer = { status: 404, body: { errors: ['no handler for route'] } };
const mounts = { 'secret/': {}, 'team/kv/': {}, 'sys/': {} };

/** `mayList`: the token may list mounts. */
const withServer = (mayList: boolean): FakeIo => {
  const io = new FakeIo();
  io.env.set('COFFER_TOKEN', 'some-token');
  const rights = [mayList ? 'read' : 'deny'];
  io.server
    .on('PUT sys/capabilities-self', enveloped({ 'sys/mounts': rights, 'sys/auth': rights }))
    .on('GET sys/mounts', mayList ? enveloped(mounts) : denied)
    .on('GET sys/auth', mayList ? enveloped({ 'token/': {} }) : denied)
    .on('GET sys/internal/ui/mounts', enveloped({ secret: { 'secret/': {} }, auth: { 'token/': {} } }));
  for (const path of ['nosuch/x', 'nosuch', 'secrte/x', 'team/kb', 'secret/x', 'team/kv/x']) {
    io.server.on(`GET sys/internal/ui/mounts/${path}`, preflight);
  }
  return io;
};

const lastLine = async (io: FakeIo, ...argv: readonly string[]): Promise<string | undefined> => {
  const { err, out, code } = await io.run(...argv);
  assert.equal(out, '');
  assert.ok([2, 125].includes(code), err);
  return /\n\n(.*mount.*)\n$/.exec(err)?.[1];
};

const lists = '"coffer secrets list" shows those there are';
const certain = (name: string, meant = ''): string =>
  `There is no mount "${name}/".${meant} ${lists}, "coffer secrets enable -path=${name} kv-v2" makes it.`;
const hedged =
  'There is no mount "nosuch/", or no policy of this token reaches into it. With the rights to, ' +
  `${lists}, "coffer secrets enable -path=nosuch kv-v2" makes it.`;

test('the mount a path is expected in', () => {
  assert.deepEqual(inPath('/nosuch/x/'), { path: 'nosuch/x', mount: 'nosuch' });
  assert.deepEqual(inPath('auth/nosuch/login'), { path: 'auth/nosuch/login', mount: 'auth/nosuch' });
  assert.deepEqual(atMount('team/kv/'), { path: 'team/kv', mount: 'team/kv' });
});

test('who may list mounts is told which is missing, and what makes it', async () => {
  const runs: readonly (readonly string[])[] = [
    ['kv', 'get', 'nosuch/x'],
    ['kv', 'put', '-mount=nosuch', 'x', 'k=v'],
    ['kv', 'metadata', 'put', 'nosuch/x'],
    ['kv', 'list', 'nosuch'],
    ['export', '-mount=nosuch/'],
    ['run', '-env=A=nosuch/x#k', '--', 'prog'],
  ];
  for (const argv of runs) assert.equal(await lastLine(withServer(true), ...argv), certain('nosuch'), argv.join(' '));
  const generic = withServer(true);
  generic.server.on('GET nosuch/x', noRoute);
  assert.equal(await lastLine(generic, 'read', 'nosuch/x'), certain('nosuch'));
});

test('a mount with nearly that name is named', async () => {
  const near = await lastLine(withServer(true), 'kv', 'get', 'secrte/x');
  assert.equal(near, certain('secrte', ' Did you mean "secret/"?'));
  const deeper = await lastLine(withServer(true), 'kv', 'get', '-mount=team/kb', 'x');
  assert.equal(deeper, certain('team/kb', ' Did you mean "team/kv/"?'));
});

test('below auth/ it is an auth method', async () => {
  const io = withServer(true);
  io.server.on('GET auth/nosuch/x', noRoute);
  assert.equal(
    await lastLine(io, 'read', 'auth/nosuch/x'),
    'There is no mount "auth/nosuch/". "coffer auth list" shows those there are, "coffer auth enable -path=nosuch TYPE" makes it.',
  );
});

test('who may not list mounts learns nothing more than the server says, and asks for nothing that is refused', async () => {
  const io = withServer(false);
  assert.equal(await lastLine(io, 'kv', 'get', 'nosuch/x'), hedged);
  assert.deepEqual(
    io.server.requests.map(({ method, path }) => `${method} ${path}`),
    ['GET sys/internal/ui/mounts/nosuch/x', 'PUT sys/capabilities-self', 'GET sys/internal/ui/mounts'],
  );
  const unseen = await lastLine(withServer(false), 'kv', 'get', 'team/kv/x');
  assert.match(unseen ?? '', /^There is no mount "team\/", or no policy of this token reaches into it\./);
  const letThrough = withServer(false);
  letThrough.server.on('GET nosuch/x', noRoute);
  assert.equal(await lastLine(letThrough, 'read', 'nosuch/x'), certain('nosuch'));
});

test('nothing is said where the mount is there, is always there, or the server tells nothing', async () => {
  for (const mayList of [true, false]) {
    assert.equal(await lastLine(withServer(mayList), 'kv', 'get', 'secret/x'), undefined);
    const io = withServer(mayList);
    io.server.on('GET sys/x', denied).on('GET secret/x', denied);
    assert.equal(await lastLine(io, 'read', 'sys/x'), undefined);
    assert.equal(await lastLine(io, 'read', 'secret/x'), undefined);
  }
  const silent = withServer(false);
  silent.server.on('PUT sys/capabilities-self', denied);
  assert.equal(await lastLine(silent, 'kv', 'get', 'nosuch/x'), undefined);
});
