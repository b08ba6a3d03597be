import assert from 'node:assert/strict';
import { test } from 'node:test';
import { enveloped } from '@coffer/client/fake.ts';
import { FakeIo } from '../fake-io.ts';

const sealed = {
  type: 'shamir',
  initialized: true,
  sealed: true,
  t: 2,
  n: 3,
  progress: 1,
  nonce: 'n-1',
  version: '2.6.2+coffer.0.1.0',
  recovery_seal: false,
  storage_type: 'inmem',
};

test('status of a sealed server: progress and nonce, exit code 2', async () => {
  const io = new FakeIo();
  io.server.on('GET sys/seal-status', { body: sealed });
  assert.deepEqual(await io.run('status'), {
    code: 2,
    out:
      'Key                Value\n---                -----\nSeal Type          shamir\nInitialized        true\n' +
      'Sealed             true\nTotal Shares       3\nThreshold          2\nUnseal Progress    1/2\nUnseal Nonce       n-1\n' +
      'Version            2.6.2+coffer.0.1.0\nStorage Type       inmem\nHA Enabled         false\n',
    err: '',
  });
});

test('status of an open server: cluster, exit code 0; -field and JSON have the members of the answer', async () => {
  const io = new FakeIo();
  const open = { ...sealed, sealed: false, progress: 0, nonce: '', cluster_name: 'c', cluster_id: 'id' };
  io.server.on('GET sys/seal-status', { body: open }).on('GET sys/leader', { body: { ha_enabled: false } });
  const { code, out } = await io.run('status');
  assert.equal(code, 0);
  assert.match(out, /Cluster Name {4}c\nCluster ID {6}id\nHA Enabled {6}false\n$/);
  assert.doesNotMatch(out, /Unseal/);
  assert.equal((await io.run('status', '-field=t')).out, '2');
  assert.match((await io.run('status', '-format=json')).out, /"sealed": false,\n {2}"t": 2,/);
});

test('operator init asks for shares and prints keys and root token', async () => {
  const io = new FakeIo();
  io.server
    .on('GET sys/seal-status', { body: { ...sealed, initialized: false } })
    .on('PUT sys/init', { body: { keys: ['aa', 'bb'], keys_base64: ['qq==', 'uw=='], root_token: 's.root' } });
  const { code, out } = await io.run('operator', 'init', '-key-shares=2', '-t=2');
  assert.equal(code, 0);
  assert.match(out, /^Unseal Key 1: qq==\nUnseal Key 2: uw==\n\nInitial Root Token: s\.root\n\n\S/);
  const body = io.server.requests.at(-1)?.body;
  assert.deepEqual(JSON.stringify(body instanceof Map ? [...body.keys()] : []), '["secret_shares","secret_threshold"]');
  const json = JSON.parse((await io.run('operator', 'init', '-n=2', '-t=2', '-format=json')).out) as {
    [name: string]: unknown;
  };
  assert.deepEqual(Object.keys(json), [
    'unseal_keys_b64',
    'unseal_keys_hex',
    'unseal_shares',
    'unseal_threshold',
    'recovery_keys_b64',
    'recovery_keys_hex',
    'recovery_keys_shares',
    'recovery_keys_threshold',
    'root_token',
  ]);
  assert.deepEqual(json['unseal_keys_hex'], ['aa', 'bb']);
});

test('operator init of a seal that opens itself asks for recovery keys', async () => {
  const io = new FakeIo();
  io.server.on('GET sys/seal-status', { body: { ...sealed, recovery_seal: true } }).on('PUT sys/init', {
    body: { keys: [], keys_base64: [], recovery_keys: ['aa'], recovery_keys_base64: ['qq=='], root_token: 's.r' },
  });
  assert.match((await io.run('operator', 'init', '-recovery-shares=1')).out, /^Recovery Key 1: qq==\n/);
  const body = io.server.requests.at(-1)?.body;
  assert.ok(body instanceof Map && body.has('recovery_shares') && !body.has('secret_shares'));
});

test('operator init refuses flags of the other kind of seal: nothing is initialised with less than was asked for', async () => {
  const cases = [
    [true, '-key-shares=7', /^-key-shares: the seal of this store opens by itself .* use -recovery-shares, /],
    [true, '-t=4', /^-key-threshold: /],
    [
      false,
      '-recovery-shares=7',
      /^-recovery-shares: the seal of this store is opened by unseal keys .* -key-shares, /,
    ],
  ] as const;
  for (const [recovery, flag, told] of cases) {
    const io = new FakeIo();
    io.server.on('GET sys/seal-status', { body: { ...sealed, recovery_seal: recovery } });
    const { code, err, out } = await io.run('operator', 'init', flag);
    assert.deepEqual([code, out], [1, '']);
    assert.match(err, told);
    assert.equal(io.server.requests.length, 1);
  }
});

test('operator generate-root and rekey say what they take, where the server does not let them in', async () => {
  const io = new FakeIo();
  io.env.set('COFFER_TOKEN', 'some-token');
  const denied = { status: 403, body: { errors: ['permission denied'] } };
  io.server.on('GET sys/generate-root-token/attempt', denied).on('GET sys/rotate/root/init', denied);
  const root = await io.run('operator', 'generate-root', '-init');
  assert.equal(root.code, 2);
  assert.match(
    root.err,
    /\n\nBeside the keys this takes a token with rights on sys\/generate-root-token\/\*, or a listener with disable_unauthed_generate_root_endpoints = false\.\n$/,
  );
  assert.match(
    (await io.run('operator', 'rekey', '-init')).err,
    /sys\/rotate\/root\/\*.*disable_unauthed_rekey_endpoints/,
  );
});

test('operator init -status says it by exit code: 0 initialised, 2 not, 1 error', async () => {
  const io = new FakeIo();
  io.server.on('GET sys/init', { body: { initialized: true } }, { body: { initialized: false } }, { fails: 'before' });
  assert.equal((await io.run('operator', 'init', '-status')).code, 0);
  assert.equal((await io.run('operator', 'init', '-status')).code, 2);
  assert.equal((await io.run('operator', 'init', '-status')).code, 1);
});

test('operator unseal takes the key from the argument, standard input or a hidden question', async () => {
  const io = new FakeIo();
  io.server.on('PUT sys/unseal', { body: sealed });
  io.input = 'from-input\n';
  io.typed = 'typed';
  await io.run('operator', 'unseal', 'given');
  await io.run('operator', 'unseal', '-');
  await io.run('operator', 'unseal');
  const keys = io.server.requests.map(({ body }) => (body instanceof Map ? body.get('key') : undefined));
  assert.deepEqual(keys, ['given', 'from-input', 'typed']);
  assert.deepEqual(io.asked, ['Unseal Key (will be hidden): ']);
  assert.match((await io.run('operator', 'unseal', '-reset')).out, /^Key/);
});

test('operator unseal without a key and without a terminal ends with 1 and sends nothing', async () => {
  const io = new FakeIo();
  const ended = await io.run('operator', 'unseal');
  assert.equal(ended.code, 1);
  assert.equal(io.server.requests.length, 0);
  io.typed = 'typed';
  assert.equal((await io.run('operator', 'unseal', '-non-interactive')).code, 1);
});

test('operator rotate shows the new term; key-status has no header', async () => {
  const io = new FakeIo();
  const status = enveloped({ term: 2, install_time: '2026-08-27T10:11:12.1Z', encryptions: 7 });
  io.server.on('PUT sys/rotate', {}).on('GET sys/key-status', status);
  const table = 'Key Term            2\nInstall Time        27 Aug 26 10:11 UTC\nEncryption Count    7\n';
  assert.equal((await io.run('operator', 'key-status')).out, table);
  assert.equal((await io.run('operator', 'rotate')).out, `Success! Rotated key\n\n${table}`);
});

const idle = { nonce: '', started: false, t: 0, n: 0, progress: 0, required: 2, verification_required: false };
const begun = { ...idle, nonce: 'n-9', started: true, t: 2, n: 3, progress: 1 };

test('operator rekey uses the place with a token where the open one is switched off', async () => {
  const io = new FakeIo();
  io.server
    .on('GET sys/rekey/init', { status: 405, body: { errors: ['unsupported operation'] } })
    .on('GET sys/rotate/root/init', enveloped(idle), enveloped(begun))
    .on('PUT sys/rotate/root/init', enveloped(begun))
    .on(
      'PUT sys/rotate/root/update',
      enveloped(begun),
      enveloped({ ...begun, complete: true, keys: ['aa'], keys_base64: ['qq=='] }),
    );
  assert.match(
    (await io.run('operator', 'rekey', '-init', '-key-shares=3', '-key-threshold=2')).out,
    /Rekey Progress +1\/2\n/,
  );
  assert.match((await io.run('operator', 'rekey', 'k1')).out, /^Key/);
  const body = io.server.requests.at(-1)?.body;
  assert.ok(body instanceof Map);
  assert.equal(body.get('nonce'), 'n-9');
  assert.match((await io.run('operator', 'rekey', 'k2')).out, /^Key 1: qq==\n\nOperation nonce: n-9\n/);
});

test('operator rekey without one in progress says how to start', async () => {
  const io = new FakeIo();
  io.server.on('GET sys/rekey/init', { body: idle });
  const ended = await io.run('operator', 'rekey', 'k1');
  assert.equal(ended.code, 1);
  assert.match(ended.err, /operator rekey -init/);
  assert.equal((await io.run('operator', 'rekey', '-target=all')).code, 1);
});

test('operator generate-root: start, keys, decode', async () => {
  const io = new FakeIo();
  const attempt = { ...idle, complete: false, otp_length: 6, otp: '' };
  io.server
    .on('GET sys/generate-root/attempt', { body: attempt }, { body: { ...attempt, started: true, nonce: 'n-3' } })
    .on('PUT sys/generate-root/attempt', { body: { ...attempt, started: true, nonce: 'n-3', otp: 'abcdef' } })
    .on('PUT sys/generate-root/update', { body: { ...attempt, complete: true, encoded_token: 'EkxRCwoS' } });
  assert.match((await io.run('operator', 'generate-root', '-init')).out, /OTP {11}abcdef\n/);
  assert.match((await io.run('operator', 'generate-root', 'k1')).out, /Encoded Token {4}EkxRCwoS\n/);
  assert.equal((await io.run('operator', 'generate-root', '-decode=EkxRCwoS', '-otp=abcdef')).out, 's.2oot\n');
  assert.equal((await io.run('operator', 'generate-root', '-decode=EkxRCwoS', '-otp=abc')).code, 1);
  assert.equal((await io.run('operator', 'generate-root', '-decode=***', '-otp=abc')).code, 1);
  assert.match((await io.run('operator', 'generate-root', '-generate-otp')).out, /^[0-9A-Za-z]{6}\n$/);
});
