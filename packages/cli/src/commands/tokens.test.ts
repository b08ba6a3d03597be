import assert from 'node:assert/strict';
import { test } from 'node:test';
import { enveloped } from '@coffer/client/fake.ts';
import { FakeIo } from '../fake-io.ts';

const auth = {
  client_token: 's.new',
  accessor: 'acc',
  policies: ['default'],
  token_policies: ['default'],
  metadata: { user: 'ada' },
  lease_duration: 3600,
  renewable: true,
  entity_id: '',
  token_type: 'service',
  orphan: false,
};

test('token create shows the token; -field=token is what scripts take', async () => {
  const io = new FakeIo();
  io.server.on('PUT auth/token/create', enveloped(null, { auth }));
  assert.equal(
    (await io.run('token', 'create', '-policy=a', '-policy=b,c', '-ttl=1h', '-metadata=k=v', '-orphan', '-use-limit=2'))
      .out,
    'Key                  Value\n---                  -----\ntoken                s.new\ntoken_accessor       acc\n' +
      'token_duration       1h\ntoken_renewable      true\ntoken_policies       ["default"]\nidentity_policies    []\n' +
      'policies             ["default"]\ntoken_meta_user      ada\n',
  );
  const body = io.server.requests[0]?.body;
  assert.ok(body instanceof Map);
  assert.deepEqual([...body.keys()], ['policies', 'ttl', 'num_uses', 'no_parent', 'meta']);
  assert.deepEqual(body.get('policies'), ['a', 'b', 'c']);
  assert.equal((await io.run('token', 'create', '-field=token')).out, 's.new');
});

test('token lookup, renew and revoke speak of the own token, another, or an accessor', async () => {
  const io = new FakeIo();
  io.server
    .on('GET auth/token/lookup-self', enveloped({ policies: ['root'], ttl: 0 }))
    .on('PUT auth/token/lookup', enveloped({ id: 's.x' }))
    .on('PUT auth/token/lookup-accessor', enveloped({ id: '' }))
    .on('PUT auth/token/renew-self', enveloped(null, { auth }))
    .on('PUT auth/token/renew', enveloped(null, { auth }))
    .on('PUT auth/token/renew-accessor', enveloped(null, { auth }));
  for (const path of ['revoke', 'revoke-self', 'revoke-accessor', 'revoke-orphan'])
    io.server.on(`PUT auth/token/${path}`, {});
  assert.match((await io.run('token', 'lookup')).out, /policies {4}\[root\]\n/);
  for (const argv of [
    ['lookup', 's.x'],
    ['lookup', '-accessor', 'acc'],
    ['renew'],
    ['renew', '-increment=1h', 's.x'],
    ['renew', '-accessor', 'acc'],
  ]) {
    assert.equal((await io.run('token', ...argv)).code, 0, argv.join(' '));
  }
  for (const argv of [['s.x'], ['-self'], ['-accessor', 'acc'], ['-mode=orphan', 's.x']]) {
    assert.equal((await io.run('token', 'revoke', ...argv)).out, 'Success! Revoked token (if it existed)\n');
  }
  for (const argv of [[], ['-self', 's.x'], ['-mode=path', 's.x'], ['-mode=orphan', '-self']]) {
    assert.equal((await io.run('token', 'revoke', ...argv)).code, 1, argv.join(' '));
  }
});

test('token capabilities prints them with commas', async () => {
  const io = new FakeIo();
  io.server
    .on('PUT sys/capabilities-self', enveloped({ a: ['read', 'list'], capabilities: ['read', 'list'] }))
    .on('PUT sys/capabilities', enveloped({ a: ['deny'] }));
  assert.equal((await io.run('token', 'capabilities', 'a')).out, 'read, list\n');
  assert.equal((await io.run('token', 'capabilities', 's.x', 'a')).out, 'deny\n');
});

test('login keeps the token in the file, and print token prints it', async () => {
  const io = new FakeIo();
  const data = { accessor: 'acc', ttl: 0, renewable: false, policies: ['root'], meta: null, id: 's.root' };
  io.server.on('GET auth/token/lookup-self', enveloped(data));
  const { code, out, err } = await io.run('login', 's.root');
  assert.equal(code, 0);
  assert.match(
    out,
    /^Success! You are now authenticated\.[^]*\n\nKey {18}Value\n[^]*token {16}s\.root\n[^]*token_duration {7}∞\n/,
  );
  assert.equal(err, '');
  assert.equal(io.files.get('/home/ada/.vault-token'), 's.root');
  assert.equal((await io.run('print', 'token')).out, 's.root\n');
});

test('login reads the token from standard input or a hidden question, and refuses an empty one', async () => {
  const io = new FakeIo();
  io.server.on('GET auth/token/lookup-self', enveloped({ ttl: 60 }));
  io.input = 's.input\n';
  io.typed = 's.typed';
  await io.run('login', '-no-print', '-');
  assert.equal(io.files.get('/home/ada/.vault-token'), 's.input');
  await io.run('login', '-no-store');
  assert.equal(io.files.get('/home/ada/.vault-token'), 's.input');
  assert.deepEqual(io.asked, ['Token (will be hidden): ']);
  io.typed = '';
  assert.equal((await io.run('login')).code, 1);
  io.typed = undefined;
  assert.equal((await io.run('login')).code, 1);
});

test('login warns where a variable hides the token it keeps, and keeps none that was refused', async () => {
  const io = new FakeIo();
  io.env.set('VAULT_TOKEN', 's.env');
  io.server.on('GET auth/token/lookup-self', enveloped({ ttl: 60 }), {
    status: 403,
    body: { errors: ['permission denied'] },
  });
  assert.match((await io.run('login', 's.a')).err, /^WARNING! VAULT_TOKEN is set/);
  const refused = await io.run('login', 's.bad');
  assert.equal(refused.code, 2);
  assert.equal(io.files.get('/home/ada/.vault-token'), 's.a');
  assert.ok(!refused.err.includes('s.bad'));
});

test('login by another method posts to its login path, without the token in use', async () => {
  const io = new FakeIo();
  io.env.set('VAULT_TOKEN', 's.env');
  io.typed = 'hidden';
  io.server
    .on('PUT auth/userpass/login/ada', enveloped(null, { auth }))
    .on('PUT auth/ci/login', enveloped(null, { auth }));
  assert.equal((await io.run('login', '-method=userpass', '-token-only', 'username=ada')).out, 's.new\n');
  assert.deepEqual(io.server.requests[0]?.body, new Map([['password', 'hidden']]));
  assert.equal(io.server.requests[0]?.headers.has('x-vault-token'), false);
  assert.equal((await io.run('login', '-method=approle', '-path=ci', 'role_id=r')).code, 0);
  assert.equal(io.files.get('/home/ada/.vault-token'), 's.new');
  assert.equal((await io.run('login', '-method=userpass')).code, 1);
  assert.equal((await io.run('login', '-method=../x')).code, 1);
});

test('login by kubernetes takes the token of the pod where none is given', async () => {
  const io = new FakeIo();
  for (const path of ['auth/kubernetes/login', 'auth/west/login'])
    io.server.on(`PUT ${path}`, enveloped(null, { auth }));
  const outside = await io.run('login', '-method=kubernetes', 'role=app');
  assert.equal(outside.code, 1);
  assert.match(outside.err, /this is no pod/);
  io.files.set('/var/run/secrets/kubernetes.io/serviceaccount/token', 'the.pod.token\n');
  assert.equal((await io.run('login', '-method=kubernetes', 'role=app')).code, 0);
  assert.equal((await io.run('login', '-method=kubernetes', '-path=west', 'role=app', 'jwt=own')).code, 0);
  assert.deepEqual(
    io.server.requests.map(({ body }) => body),
    [
      new Map([
        ['role', 'app'],
        ['jwt', 'the.pod.token'],
      ]),
      new Map([
        ['role', 'app'],
        ['jwt', 'own'],
      ]),
    ],
  );
});
