import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeIo } from '../fake-io.ts';

const words = async (...args: readonly string[]): Promise<string[]> =>
  (await new FakeIo().run('completion', 'words', ...args)).out.split('\n').filter(word => word !== '');

test('the next word is a command, a sub-command or a flag', async () => {
  assert.deepEqual(await words('s'), ['secrets', 'server', 'status']);
  assert.deepEqual(await words('', 'kv', 'metadata'), ['delete', 'get', 'patch', 'put']);
  assert.deepEqual(await words('-ver', 'kv', 'get'), ['-version=']);
  assert.deepEqual(await words('-format=j', 'kv', 'get', 'secret/a'), ['-format=json']);
  assert.deepEqual(await words('secret/', 'kv', 'get'), []);
  assert.deepEqual(await words('', 'nope'), []);
  assert.deepEqual(await words('r', 'help'), ['read', 'run']);
  assert.deepEqual(await words('g', 'help', 'kv'), ['get']);
  assert.deepEqual(await words('-', 'help', 'kv', 'get'), []);
});

test('flags are offered where they would be read: before the arguments, with as many dashes as were typed', async () => {
  assert.deepEqual(await words('--ver', 'kv', 'get'), ['--version=']);
  assert.deepEqual(await words('-fi', 'kv', 'get', '-mount=secret'), ['-field=']);
  assert.deepEqual(await words('-fi', 'kv', 'get', '-mount', 'secret'), ['-field=']);
  assert.deepEqual(await words('-fi', 'kv', 'get', '-detailed'), ['-field=']);
  assert.deepEqual(await words('-fi', 'kv', 'get', 'secret/a'), []);
  assert.deepEqual(await words('-deta', 'kv', 'get', 'secret/a'), ['-detailed']);
  assert.deepEqual(await words('-f', 'run', '-env', 'A=a#b', '--', 'tail'), []);
});

test('a flag that waits for its value is given those it may have', async () => {
  assert.deepEqual(await words('j', 'status', '-format'), ['json']);
  assert.deepEqual(await words('', 'kv', 'patch', '--method'), ['patch', 'rw']);
  assert.deepEqual(await words('-v', 'kv', 'get', '-mount'), []);
  assert.deepEqual(await words('-v', 'kv', 'get', '-ns'), []);
});

test('a command that hands its arguments on has its flags offered, and the commands of a group of its name', async () => {
  assert.deepEqual(await words('un', 'operator'), ['unseal']);
  assert.deepEqual(await words('', 'operator', 'raft'), ['snapshot']);
  assert.deepEqual(await words('-ku', 'operator'), ['-kubeconfig=']);
  assert.deepEqual(await words('-im', 'operator', 'manifests'), ['-image=']);
  assert.deepEqual(await words('e', 'doctor'), ['externalsecret']);
  assert.deepEqual(await words('e', 'doctor', 'externalsecret'), []);
  assert.deepEqual(await words('-n', 'doctor', 'externalsecret', 'db'), ['-namespace=', '-n=']);
  assert.deepEqual(await words('-c', 'dev', '-kubeconfig=x'), ['-context=', '-clean']);
});

test('each shell has a script, another is refused with the help of the group', async () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    assert.match((await new FakeIo().run('completion', shell)).out, /coffer completion words/);
  }
  assert.equal((await new FakeIo().run('completion', 'tcsh')).code, 1);
});

test('installing twice adds one line, uninstalling gives the file back, missing files are not made', async () => {
  const io = new FakeIo();
  io.files.set('/home/ada/.bashrc', 'alias l=ls');
  assert.match((await io.run('-autocomplete-install')).out, /\.bashrc/);
  const once = io.files.get('/home/ada/.bashrc');
  await io.run('completion', 'install');
  assert.equal(io.files.get('/home/ada/.bashrc'), once);
  assert.match(once ?? '', /^alias l=ls\n.*source <\(coffer completion bash\) # coffer completion\n$/);
  await io.run('-autocomplete-uninstall');
  assert.equal(io.files.get('/home/ada/.bashrc'), 'alias l=ls\n');
  assert.equal(io.files.size, 1);
});

test('installing where no shell has a start file says so, and makes none', async () => {
  const io = new FakeIo();
  const ended = await io.run('completion', 'install');
  assert.deepEqual([ended.code, ended.out, io.files.size], [1, '', 0]);
  assert.match(ended.err, /There is no start file of a shell: make one of ~\/\.bashrc, /);
  assert.equal((await io.run('completion', 'uninstall')).code, 0);
});
