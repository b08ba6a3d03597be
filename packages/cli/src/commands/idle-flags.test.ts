import assert from 'node:assert/strict';
import { test } from 'node:test';
import { enveloped } from '@coffer/client/fake.ts';
import { FakeIo } from '../fake-io.ts';

const everywhere = [
  '-mfa=x',
  '-wrap-ttl=1m',
  '-policy-override',
  '-output-curl-string',
  '-output-policy',
  '-field=k',
  '-detailed',
];

test('run, import and export refuse flags that mean nothing to them, before anything is sent', async () => {
  const runs = [
    ['run', [...everywhere, '-format=json'], ['--', 'prog']],
    ['import', everywhere, ['-f', '-']],
    ['export', everywhere, []],
  ] as const;
  for (const [command, flags, rest] of runs) {
    for (const flag of flags) {
      const io = new FakeIo();
      const ended = await io.run(command, flag, ...rest);
      const name = flag.split('=', 1)[0];
      const err = `${name} has no effect on "coffer ${command}": leave it out\n`;
      assert.deepEqual(ended, { code: 1, out: '', err }, `${command} ${flag}`);
      assert.deepEqual(io.server.requests, []);
    }
  }
});

test('flags of `run` that need another one are refused without it', async () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['-env-prefix=A_'], /^-env-prefix has an effect only with -env-all: /],
    [['-replace-files', '-env=A=a#b'], /^-replace-files has an effect only with -file: /],
    [['-check-every=1s'], /^-check-every has an effect only with -on-change: /],
    [['-restart-every=1s', '-on-change=signal:HUP'], /^-restart-every has an effect only with -on-change=restart: /],
    [['-grace=1s', '-on-change=signal:HUP'], /^-grace has an effect only with -on-change=restart: /],
  ];
  for (const [flags, told] of cases) {
    const ended = await new FakeIo().run('run', ...flags, '--', 'prog');
    assert.equal(ended.code, 1, flags.join(' '));
    assert.match(ended.err, told);
  }
});

test('what a variable sets for all commands is no flag: run goes on', async () => {
  const io = new FakeIo();
  io.env.set('COFFER_FORMAT', 'json').set('COFFER_WRAP_TTL', '1m').set('COFFER_DETAILED', 'true');
  io.server.on('GET sys/internal/ui/mounts/a/b', enveloped({ path: 'a/', type: 'kv', options: { version: '2' } }));
  assert.deepEqual(await io.run('run', '-env=A=a/b#k', '--', 'prog'), {
    code: 125,
    out: '',
    err: 'Error preparing prog: a/b: nothing is stored here\n',
  });
});

test('a path with data/ in a versioned mount is answered with how paths are written', async () => {
  const io = new FakeIo();
  io.server.on('GET sys/internal/ui/mounts/a/data/b', enveloped({ path: 'a/', type: 'kv', options: { version: '2' } }));
  const { err } = await io.run('run', '-env=A=a/data/b#k', '--', 'prog');
  assert.equal(err, 'Error preparing prog: a/data/b: nothing is stored here: paths are written without "data/"\n');
});

test('flags that mean nothing stand in no help and no completion, and behind the program they are its own', async () => {
  const help = (await new FakeIo().run('run', '-h')).out;
  assert.match(help, /-address=TEXT/);
  for (const name of ['-format', '-field', '-wrap-ttl', '-output-policy']) assert.ok(!help.includes(`${name} `), name);
  assert.equal((await new FakeIo().run('completion', 'words', '-wrap', 'run')).out, '');
  assert.equal((await new FakeIo().run('completion', 'words', '-wrap', 'read')).out, '-wrap-ttl=\n');
  const ended = await new FakeIo().run('run', '-env=nonsense', 'prog', '-format=xml', '-output-policy');
  assert.match(ended.err, /^-env: expected NAME=PATH#KEY/);
});
