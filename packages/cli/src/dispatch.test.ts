import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commands } from './commands/registry.ts';
import { enveloped } from '@coffer/client/fake.ts';
import { FakeIo } from './fake-io.ts';

const canary = 'canary-hunter2';

test('no command, or one that is not known, shows the help on standard error and ends with 127', async () => {
  for (const argv of [[], ['nope'], ['-nope']]) {
    const ended = await new FakeIo().run(...argv);
    assert.equal(ended.code, 127);
    assert.equal(ended.out, '');
    assert.match(ended.err, /^Usage: coffer COMMAND/);
  }
});

test('a group alone, or an unknown word below it, shows its help and ends with 1', async () => {
  for (const argv of [['kv'], ['kv', 'nope'], ['kv', 'metadata'], ['operator']]) {
    const ended = await new FakeIo().run(...argv);
    assert.equal(ended.code, 1);
    assert.match(ended.err, /^Usage: coffer /);
  }
});

test('help that was asked for is a result: on standard output, 0', async () => {
  for (const argv of [['-h'], ['--help'], ['help'], ['kv', '-h'], ['kv', 'metadata', '--help']]) {
    const ended = await new FakeIo().run(...argv);
    assert.equal(ended.code, 0);
    assert.match(ended.out, /^Usage: coffer /);
    assert.equal(ended.err, '');
  }
});

test('every command has help, a summary without a full stop, and runs without arguments into a message, not a fault', async () => {
  for (const command of commands) {
    const io = new FakeIo();
    assert.ok(!command.summary.endsWith('.'), command.name);
    const words = command.name.split(' ');
    if (!command.passes) {
      const help = await io.run(...words, '-h');
      assert.equal(help.code, 0, command.name);
      assert.match(help.out, new RegExp(`^Usage: coffer ${command.name} `), command.name);
    }
    const plain = await io.run(...words);
    assert.ok([0, 1, 2].includes(plain.code), `${command.name}: ${plain.code}`);
  }
});

test('an unknown flag is named, and ends with 1', async () => {
  const ended = await new FakeIo().run('read', '-bogus=1', 'secret/a');
  assert.deepEqual(ended, { code: 1, out: '', err: 'flag provided but not defined: -bogus\n' });
});

test('a flag is read with one dash or two, with = or a space, and a missing value is named', async () => {
  for (const argv of [['-field=k'], ['--field=k'], ['-field', 'k'], ['--field', 'k']]) {
    const io = new FakeIo();
    io.server.on('GET a', enveloped({ k: 'v' }));
    assert.equal((await io.run('read', ...argv, 'a')).out, 'v');
  }
  assert.match((await new FakeIo().run('read', '-field')).err, /flag needs an argument: -field/);
  const wrong = await new FakeIo().run('read', '-detailed=perhaps', 'a');
  assert.deepEqual(wrong, { code: 1, out: '', err: '-detailed: expected true or false\n' });
});

test('a flag behind the arguments is an argument, said so; -format counts anywhere', async () => {
  const io = new FakeIo();
  io.server.on('GET a?-field=k', enveloped({ k: 'v' }));
  const late = await io.run('read', 'a', '-field=k');
  assert.match(late.err, /WARNING! Flags must stand before arguments/);
  io.server.on('GET a', enveloped({ k: 'v' }));
  assert.match((await io.run('read', 'a', '-format=json')).out, /^\{\n {2}"request_id"/);
});

test('an unknown format is refused before anything is sent', async () => {
  const io = new FakeIo();
  assert.deepEqual(await io.run('read', '-format=xml', 'a'), { code: 1, out: '', err: 'Invalid output format: xml\n' });
  assert.equal(io.server.requests.length, 0);
});

test('too few and too many arguments are refused with the usage', async () => {
  assert.match(
    (await new FakeIo().run('read')).err,
    /Not enough arguments \(expected 1, got 0\)[^]*Usage: coffer read/,
  );
  const many = await new FakeIo().run('kv', 'get', 'a', canary);
  assert.match(many.err, /Too many arguments/);
  assert.ok(!many.err.includes(canary));
});

test('a refusal goes to standard error as it always looked, and ends with 2', async () => {
  const io = new FakeIo();
  io.env.set('COFFER_TOKEN', 'some-token');
  io.server.on('GET secret/a', { status: 403, body: { errors: ['permission denied'] } });
  assert.deepEqual(await io.run('read', 'secret/a'), {
    code: 2,
    out: '',
    err: 'Error reading secret/a: Error making API request.\n\nURL: GET http://coffer.test/v1/secret/a\nCode: 403. Errors:\n\n* permission denied\n',
  });
});

test('a refusal says what to do where no token was sent, and where the store is sealed', async () => {
  const io = new FakeIo();
  io.server
    .on('GET a', { status: 403, body: { errors: ['permission denied'] } })
    .on('GET b', { status: 503, body: { errors: ['Vault is sealed'] } });
  assert.match((await io.run('read', 'a')).err, /No token was sent: set COFFER_TOKEN, or use "coffer login"\.\n$/);
  const sealed = await io.run('read', 'b');
  assert.match(sealed.err, /coffer operator unseal.*coffer operator init/);
  assert.equal(sealed.code, 2);
});

test('no server is an error of the connection, 2; for status 1, because 2 means sealed there', async () => {
  const io = new FakeIo();
  io.server.on('GET a', { fails: 'before' }).on('GET sys/seal-status', { fails: 'before' });
  assert.equal((await io.run('read', 'a')).code, 2);
  assert.equal((await io.run('status')).code, 1);
});

test('S11: no value of the command line is shown in any error', async () => {
  const refused = { status: 400, body: { errors: ['no'] } };
  const io = new FakeIo();
  io.env.set('COFFER_TOKEN', canary);
  io.files.set('/home/ada/x', canary);
  io.server.on('PUT a', refused).on('PUT auth/userpass/login/u', refused).on('PUT sys/unseal', refused);
  const runs: readonly (readonly string[])[] = [
    ['write', 'a', `k=${canary}`],
    ['write', 'a', canary],
    ['login', '-method=userpass', 'username=u', `password=${canary}`],
    ['login', canary],
    ['operator', 'unseal', canary],
    ['write', 'a', `@/home/ada/x`],
    ['kv', 'put', 'secret/a', `p=${canary}`, '-cas=x'],
    ['token', 'lookup', canary, 'more'],
    ['operator', 'generate-root', `-decode=${canary}`, '-otp=x'],
    ['unwrap', canary],
  ];
  for (const argv of runs) {
    const ended = await io.run(...argv);
    assert.notEqual(ended.code, 0, argv.join(' '));
    assert.ok(!ended.err.includes(canary) && !ended.out.includes(canary), ended.err);
  }
});

test('server gets its arguments as they are', async () => {
  const io = new FakeIo();
  await io.run('server', '-dev', '-config=x');
  assert.deepEqual(io.serverRuns, [['-dev', '-config=x']]);
});

test('server explains itself when asked as every command is', async () => {
  for (const asked of ['-h', '--help', '-help']) {
    const io = new FakeIo();
    await io.run('server', asked);
    assert.deepEqual(io.serverRuns, [['-help']], asked);
  }
});
