import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeIo } from './fake-io.ts';
import { near } from '@coffer/schema/near.ts';

test('near: one letter more, less, other or swapped; two in longer words; nothing beyond', () => {
  const names = ['kv', 'list', 'status', 'secrets', 'metadata'];
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['kb', ['kv']],
    ['vk', ['kv']],
    ['lst', ['list']],
    ['lisst', ['list']],
    ['lizt', ['list']],
    ['stauts', ['status']],
    ['STATUS', ['status']],
    ['secret', ['secrets']],
    ['metdaat', ['metadata']],
    ['k', []],
    ['ls', []],
    ['lxyt', []],
    ['sttas', ['status']],
    ['staxyz', []],
    ['metadxxx', []],
    ['', []],
  ];
  for (const [typed, found] of cases) assert.deepEqual(near(typed, names), found, typed);
});

test('near: the nearest alone, a few of those that are equally near, in their order', () => {
  assert.deepEqual(near('read1', ['ready1', 'read', 'reader1']), ['ready1', 'read']);
  assert.deepEqual(near('ab1', ['ab2', 'ab3', 'ab4', 'ab5', 'ab2']), ['ab2', 'ab3', 'ab4']);
});

test('a mistyped command, sub-command or flag is answered with what was meant, on standard error', async () => {
  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [['stauts'], 127, /^There is no command "stauts"\. Did you mean "status"\?\n\n"coffer -h" lists the commands\.\n$/],
    [['secret', 'list'], 127, /Did you mean "secrets"\?/],
    [['-verson'], 127, /Did you mean "-version"\?/],
    [['--hlep'], 127, /Did you mean "-help"\?/],
    [['kv', 'gte', 'secret/a'], 1, /"kv gte"\. Did you mean "kv get"\?\n\n"coffer kv -h" lists the commands\.\n$/],
    [['kv', 'metdata', 'get'], 1, /Did you mean "kv metadata"\?/],
    [['kv', 'metadata', 'pathc'], 1, /Did you mean "kv metadata patch"\?/],
    [['kv', 'get', '-filed=k', 'a'], 1, /^flag provided but not defined: -filed\. Did you mean "-field"\?\n$/],
    [['kv', 'get', '--verison=1', 'a'], 1, /Did you mean "-version"\?/],
    [['-address=http://x', 'status'], 127, /^Flags stand behind the command/],
  ];
  for (const [argv, code, told] of cases) {
    const ended = await new FakeIo().run(...argv);
    assert.deepEqual([ended.code, ended.out], [code, ''], argv.join(' '));
    assert.match(ended.err, told);
  }
});

test('S11: where nothing is near, nothing is suggested and what was typed is not shown', async () => {
  const canary = 'hvs.canary-hunter2';
  for (const argv of [[canary], ['kv', canary], [`-${canary}`]]) {
    const { err } = await new FakeIo().run(...argv);
    assert.match(err, /^Usage: coffer [^]*\n\nThere is no such command\.\n$/);
    assert.ok(!err.includes('Did you mean') && !err.includes(canary));
  }
  assert.equal((await new FakeIo().run('read', '-bogus=1', 'a')).err, 'flag provided but not defined: -bogus\n');
});

test('a flag where a command of a group is expected is said to stand in the wrong place, and not shown', async () => {
  for (const group of ['kv', 'operator']) {
    const { code, err } = await new FakeIo().run(group, '-canary=hvs.canary');
    assert.equal(code, 1);
    assert.match(err, /^Usage: coffer [^]*\n\nFlags stand behind one of these commands\.\n$/);
    assert.ok(!err.includes('canary'));
  }
});

test('commands of other stores are answered with why they are not here, before anything that is near', async () => {
  for (const [argv, code, told] of [
    [['namespace', 'list'], 127, /^There is no command "namespace": .*root namespace alone\.\n\n"coffer -h" lists/],
    [['plugin', 'list'], 127, /^There is no command "plugin": engines and auth methods are built in\./],
    [['agent', '-config=x'], 127, /"coffer run" gives programs/],
    [
      ['operator', 'raft', 'list-peers'],
      1,
      /^There is no command "operator raft list-peers": .*\n\n"coffer operator raft -h"/,
    ],
  ] as const) {
    const ended = await new FakeIo().run(...argv);
    assert.deepEqual([ended.code, ended.out], [code, ''], argv.join(' '));
    assert.match(ended.err, told);
  }
});

test('help before a command is help of the command', async () => {
  const io = new FakeIo();
  for (const words of [['audit'], ['lease', 'renew'], ['kv', 'get']])
    for (const first of ['help', '-h', '--help']) {
      const asked = await io.run(first, ...words);
      assert.deepEqual(asked, await io.run(...words, '-help'));
      assert.match(asked.out, new RegExp(`^Usage: coffer ${words.join(' ')} `));
    }
  assert.match((await io.run('help')).out, /^Usage: coffer COMMAND/);
  assert.equal((await io.run('help', 'namespace')).code, 127);
  assert.match((await io.run('help', 'help')).out, /^Usage: coffer COMMAND/);
});
