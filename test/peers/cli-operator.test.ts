/** The operator's commands against a new store: init, unseal, seal, rotate, rekey, generate-root. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { type Ended, runCoffer } from './cli-run.ts';
import { newFolder, type ServerProcess, startFreshServer } from './server.ts';

interface Made {
  readonly unseal_keys_b64: readonly string[];
  readonly root_token: string;
}

let server: ServerProcess;
const home = newFolder();
let keys: readonly string[] = [];
let root = '';

const coffer = (line: string, input = ''): Promise<Ended> =>
  runCoffer(line.split(' '), {
    home,
    input,
    env: { COFFER_ADDR: server.address, ...(root === '' ? {} : { COFFER_TOKEN: root }) },
  });

const ok = async (line: string, input = ''): Promise<string> => {
  const ended = await coffer(line, input);
  assert.equal(ended.code, 0, `coffer ${line}: ${ended.err}`);
  return ended.out;
};

before(async () => {
  server = await startFreshServer();
});

after(async () => {
  await server.stop();
  rmSync(home, { recursive: true, force: true });
});

test('a new store: status ends with 2, operator init -status with 2', async () => {
  const status = await coffer('status');
  assert.equal(status.code, 2);
  assert.match(status.out, /Initialized +false\nSealed +true\n/);
  assert.equal((await coffer('operator init -status')).code, 2);
});

test('the server said at its start that the store is new, and what to do', () => {
  assert.match(
    server.said(),
    /\n {4}The store is new and has no keys yet\. Make them: coffer operator init -address=http:/,
  );
});

test('what is never wrapped works while the environment asks for wrapping', async () => {
  const env = { COFFER_ADDR: server.address, COFFER_WRAP_TTL: '5m' };
  for (const [line, code] of [
    ['status', 2],
    ['operator init -status', 2],
  ] as const) {
    const ended = await runCoffer(line.split(' '), { home, env });
    assert.deepEqual([ended.code, ended.err], [code, '']);
  }
});

test('operator init makes keys and a root token, once', async () => {
  const made = JSON.parse(await ok('operator init -key-shares=3 -key-threshold=2 -format=json')) as Made;
  keys = made.unseal_keys_b64;
  root = made.root_token;
  assert.equal(keys.length, 3);
  assert.match(root, /^cofs\./);
  assert.equal(await ok('operator init -status'), 'Coffer is initialized\n');
  const again = await coffer('operator init');
  assert.equal(again.code, 2);
  assert.match(again.err, /already initialized/);
});

test('operator unseal shows progress, refuses wrong keys, and opens with enough of them', async () => {
  assert.match(await ok(`operator unseal ${keys[0]}`), /Unseal Progress +1\/2\n/);
  assert.match(await ok('operator unseal -reset'), /Unseal Progress +0\/2\n/);
  const wrong = await coffer('operator unseal -', 'AAAA');
  assert.equal(wrong.code, 2);
  assert.ok(!wrong.err.includes('AAAA'));
  await ok('operator unseal -', `${keys[0]}\n`);
  assert.match(await ok('operator unseal -', keys[2]), /Sealed +false\n/);
  await ok('status');
});

test('operator unseal asks where no key is given, and ends with 1 without a terminal', async () => {
  const ended = await coffer('operator unseal');
  assert.equal(ended.code, 1);
  assert.match(ended.err, /no terminal/);
});

test('operator rotate and key-status', async () => {
  assert.match(
    await ok('operator key-status'),
    /^Key Term +1\nInstall Time +\d\d \w{3} \d\d \d\d:\d\d UTC\nEncryption Count +\d+\n$/,
  );
  assert.match(await ok('operator rotate'), /^Success! Rotated key\n\nKey Term +2\n/);
});

test('operator rekey: started, cancelled, started again, done; old keys no longer open', async () => {
  assert.match(await ok('operator rekey -init -key-shares=1 -key-threshold=1'), /Rekey Progress +0\/2\n/);
  assert.match(await ok('operator rekey -status'), /Started +true\n/);
  assert.match(await ok('operator rekey -cancel'), /^Success!/);
  assert.equal((await coffer(`operator rekey ${keys[0]}`)).code, 1);
  await ok('operator rekey -init -key-shares=1 -key-threshold=1');
  await ok('operator rekey -', keys[0]);
  const done = await ok('operator rekey -', keys[1]);
  const [, key = ''] = /^Key 1: (\S+)\n/.exec(done) ?? [];
  assert.notEqual(key, '');
  await ok('operator seal');
  assert.equal((await coffer('status')).code, 2);
  assert.notEqual((await coffer(`operator unseal ${keys[0]}`)).code, 0);
  keys = [key];
  assert.match(await ok('operator unseal -', key), /Sealed +false\n/);
});

test('operator generate-root: a token made of the keys, decoded with the pad', async () => {
  const started = JSON.parse(await ok('operator generate-root -init -format=json')) as { otp: string };
  assert.match(await ok('operator generate-root -status'), /Started +true\n/);
  const done = JSON.parse(await ok('operator generate-root -format=json -', keys[0])) as { encoded_token: string };
  const token = (await ok(`operator generate-root -decode=- -otp=${started.otp}`, done.encoded_token)).trim();
  root = token;
  assert.match(await ok('token lookup'), /\npolicies +\[root\]\n/);
  assert.match(await ok('operator generate-root -generate-otp'), /^[0-9A-Za-z]+\n$/);
  await ok('operator generate-root -cancel');
});

test('operator step-down tells that there is nobody to lead instead', async () => {
  const { code, out, err } = await coffer('operator step-down');
  assert.deepEqual([code, out], [0, '']);
  assert.match(err, /only node/);
});

test('a server that starts sealed says how many keys open it', async () => {
  const { folder } = server;
  await server.stop();
  server = await startFreshServer(folder);
  await coffer('status');
  assert.match(server.said(), /\n {4}The store is sealed\. Give the unseal key: coffer operator unseal -address=http:/);
});
