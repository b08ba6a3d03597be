import assert from 'node:assert/strict';
import { test } from 'node:test';
import { enveloped } from '@coffer/client/fake.ts';
import { FakeIo } from './fake-io.ts';

const lookedUp = (): FakeIo => {
  const io = new FakeIo();
  io.server.on('GET a', enveloped({ k: 'v' }));
  return io;
};

const tokenSent = async (io: FakeIo): Promise<string | undefined> => {
  await io.run('read', 'a');
  return io.server.requests.at(-1)?.headers.get('x-vault-token');
};

test('COFFER_ comes before BAO_ before VAULT_, and one that is set counts even when empty', async () => {
  const io = lookedUp();
  io.env.set('VAULT_TOKEN', 's.vault');
  assert.equal(await tokenSent(io), 's.vault');
  io.env.set('BAO_TOKEN', 's.bao');
  assert.equal(await tokenSent(io), 's.bao');
  io.env.set('COFFER_TOKEN', 's.coffer');
  assert.equal(await tokenSent(io), 's.coffer');
  io.env.set('COFFER_TOKEN', '');
  assert.equal(await tokenSent(io), undefined);
});

test('the token file is read where no variable is set, without the white space around it', async () => {
  const io = lookedUp();
  io.files.set('/home/ada/.vault-token', ' s.file\n');
  assert.equal(await tokenSent(io), 's.file');
  io.env.set('VAULT_TOKEN_PATH', '/elsewhere');
  assert.equal(await tokenSent(io), undefined);
  io.files.set('/elsewhere', 's.else');
  assert.equal(await tokenSent(io), 's.else');
});

test('flags come before variables', async () => {
  const io = lookedUp();
  io.env.set('VAULT_NAMESPACE', 'one');
  io.env.set('VAULT_FORMAT', 'json');
  assert.equal((await io.run('read', '-ns=two', '-format=table', 'a')).out, 'Key    Value\n---    -----\nk      v\n');
  assert.equal(io.server.requests.at(-1)?.headers.get('x-vault-namespace'), 'two');
  await io.run('read', 'a');
  assert.equal(io.server.requests.at(-1)?.headers.get('x-vault-namespace'), 'one');
});

test('nothing is retried unless asked, and what is no number or duration is named', async () => {
  const io = new FakeIo();
  io.server.on('GET a', { status: 500 });
  assert.equal((await io.run('read', 'a')).code, 2);
  assert.equal(io.server.requests.length, 1);
  io.env.set('VAULT_MAX_RETRIES', 'many');
  assert.deepEqual(await io.run('read', 'a'), {
    code: 1,
    out: '',
    err: 'VAULT_MAX_RETRIES: expected a whole number\n',
  });
  io.env.set('VAULT_MAX_RETRIES', '0');
  io.env.set('COFFER_CLIENT_TIMEOUT', 'soon');
  assert.match((await io.run('read', 'a')).err, /^COFFER_CLIENT_TIMEOUT: expected a duration/);
});

test('headers are sent; reserved and malformed ones are refused', async () => {
  const io = lookedUp();
  await io.run('read', '-header=X-Coffer-Reason=rotation', '-mfa=method:123456', '-policy-override', 'a');
  const headers = io.server.requests.at(-1)?.headers;
  assert.equal(headers?.get('x-coffer-reason'), 'rotation');
  assert.equal(headers?.get('x-vault-mfa'), 'method:123456');
  assert.equal(headers?.get('x-vault-policy-override'), 'true');
  for (const header of ['X-Vault-Token=x', 'novalue', 'a b=c']) {
    assert.equal((await io.run('read', `-header=${header}`, 'a')).code, 1, header);
  }
});

test('an address that is none is refused, not guessed', async () => {
  const io = new FakeIo();
  assert.match((await io.run('read', '-address=coffer:8200', 'a')).err, /^address: expected a URL/);
});
