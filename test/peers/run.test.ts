/** `coffer run` against a real server and real processes: secrets in, signals and exit codes through, files gone at the end. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { type Ended, runCoffer, type Started, startCoffer } from './coffer.ts';
import { newFolder, type ServerProcess, startDevServer } from './server.ts';

const canary = 'canary-91c4-not-to-be-seen';
const waitLimitMs = 10_000;

let server: ServerProcess;
let folder: string;
let memory: string;

const surroundings = (more: { readonly [name: string]: string } = {}) => ({
  env: { COFFER_ADDR: server.address, COFFER_TOKEN: 'root', HOME: folder, XDG_RUNTIME_DIR: memory, ...more },
  cwd: folder,
});

const coffer = (args: readonly string[], more: { readonly [name: string]: string } = {}): Promise<Ended> =>
  runCoffer(args, surroundings(more));
const start = (args: readonly string[]): Started => startCoffer(args, surroundings());

const until = async (what: string, holds: () => boolean): Promise<void> => {
  for (let waited = 0; !holds(); waited += 20) {
    if (waited > waitLimitMs) assert.fail(`waited in vain for: ${what}`);
    await wait(20);
  }
};

const says = (run: Started, text: string): Promise<void> =>
  until(`${text} in ${run.said()}`, () => run.said().includes(text));

before(async () => {
  server = await startDevServer();
  folder = newFolder();
  memory = path.join(folder, 'memory');
  mkdirSync(memory);
  await coffer(['kv', 'put', 'secret/app', `password=${canary}`, 'tls.key=line1', 'PATH=/nowhere', 'user=ada']);
  const binary = 'apiVersion: v1\nkind: Secret\nmetadata: {name: binary}\ndata: {store: /wD+}\n';
  writeFileSync(path.join(folder, 'binary.yaml'), binary);
  assert.equal((await coffer(['import', '-f', 'binary.yaml'])).code, 0);
});

after(async () => {
  await server.stop();
});

test('a program gets variables and private files, which are gone when it ends', async () => {
  const script = `echo "$DB|$user|$(cat "$COFFER_RUN_DIR/tls.key")|$(stat -c %a "$COFFER_RUN_DIR" "$COFFER_RUN_DIR/tls.key" | tr '\\n' ' ')|$(od -An -tx1 ${folder}/new/place/store)|$(stat -c %a ${folder}/new)|\${COFFER_TOKEN-none}|$PATH"`;
  const flags = ['--env', 'DB=secret/app#password', '--file', 'tls.key=secret/app#tls.key', '--env-all=secret/app'];
  const file = ['--file', `${folder}/new/place/store=secret/default/binary#store`];
  const ended = await coffer(['run', ...flags, ...file, '--', 'sh', '-c', script]);
  assert.equal(ended.code, 0, ended.err);
  assert.equal(ended.out, `${canary}|ada|line1|700 600 | ff 00 fe|700|none|${process.env['PATH']}\n`);
  assert.match(ended.err, /no variables, left out: secret\/app#PATH/);
  assert.deepEqual(readdirSync(memory), []);
  assert.equal(existsSync(path.join(folder, 'new')), false);
});

test('flags behind -- are the program’s own, and it gets the caller’s NODE_OPTIONS', async () => {
  const ended = await coffer(['run', '--', 'echo', '-format', 'json', '-field=x', '--', '-h'], {});
  assert.deepEqual([ended.code, ended.out, ended.err], [0, '-format json -field=x -- -h\n', '']);
  const options = await coffer(['run', '--', 'sh', '-c', 'echo "$NODE_OPTIONS"'], { NODE_OPTIONS: '--no-warnings' });
  assert.equal(options.out, '--no-warnings\n');
  const token = await coffer(['run', '-pass-token', '--', 'sh', '-c', 'echo "$COFFER_TOKEN"']);
  assert.equal(token.out, 'root\n');
});

test('exit codes pass through', async () => {
  assert.equal((await coffer(['run', '--', 'sh', '-c', 'exit 7'])).code, 7);
  assert.equal((await coffer(['run', '--', 'sh', '-c', 'kill -KILL $$'])).code, 137);
  assert.equal((await coffer(['run', '--', './none-such'])).code, 127);
  assert.equal((await coffer(['run', '--', folder])).code, 126);
});

test('signals pass through, and files go away also when the command itself is ended', async () => {
  const file = ['--file', 'k=secret/app#tls.key'];
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH'] as const) {
    const name = signal.slice(3);
    const script = `trap 'echo got-${name}; exit 3' ${name}; echo ready; while :; do sleep 0.05; done`;
    const run = start(['run', ...file, '--', 'sh', '-c', script]);
    await says(run, 'ready');
    assert.equal(readdirSync(memory).length, 1);
    run.kill(signal);
    const ended = await run.ended;
    assert.deepEqual([ended.code, ended.out], [3, `ready\ngot-${name}\n`], signal);
    assert.deepEqual(readdirSync(memory), []);
  }
  const plain = start(['run', ...file, '--', 'sh', '-c', 'echo ready; exec sleep 60']);
  await says(plain, 'ready');
  plain.kill('SIGTERM');
  assert.equal((await plain.ended).code, 143);
  assert.deepEqual(readdirSync(memory), []);
});

const loop = 'echo "start $V"; while :; do sleep 0.05; done';

test('-on-change=restart starts the program anew for a value it uses, and for nothing else', async () => {
  await coffer(['kv', 'put', 'secret/live', 'v=one', 'other=x']);
  const follow = ['-on-change=restart', '-check-every=1s', '-restart-every=1s'];
  const run = start(['run', ...follow, '--env', 'V=secret/live#v', '--', 'sh', '-c', loop]);
  await says(run, 'start one');
  await coffer(['kv', 'put', 'secret/live', 'v=one', 'other=y']);
  await coffer(['kv', 'metadata', 'put', '-custom-metadata=a=b', 'secret/live']);
  await wait(2500);
  await coffer(['kv', 'put', 'secret/live', 'v=two']);
  await says(run, 'start two');
  run.kill('SIGTERM');
  const ended = await run.ended;
  assert.deepEqual([ended.code, ended.out], [143, 'start one\nstart two\n'], 'F8');
});

test('-on-change=signal rewrites the files first; a store that is away or a deleted secret changes nothing', async () => {
  await coffer(['kv', 'put', 'secret/sig', 'v=one']);
  const script = `trap 'echo "again $(cat "$COFFER_RUN_DIR/v")"' HUP; echo ready; while :; do sleep 0.05; done`;
  const follow = ['-on-change=signal:HUP', '-check-every=1s'];
  const run = start(['run', ...follow, '--file', 'v=secret/sig#v', '--', 'sh', '-c', script]);
  await says(run, 'ready');
  await coffer(['kv', 'put', 'secret/sig', 'v=two']);
  await says(run, 'again two');
  await coffer(['kv', 'put', 'secret/sig', 'w=gone']);
  await says(run, 'no key "v"; it has w');
  await coffer(['kv', 'put', 'secret/sig', 'v=three']);
  await says(run, 'again three');
  await says(run, 'can be read again');
  await coffer(['kv', 'put', 'secret/sig', 'v=four']);
  await coffer(['kv', 'delete', 'secret/sig']);
  await says(run, 'the newest version is deleted');
  process.kill(server.pid, 'SIGSTOP');
  await wait(1500);
  process.kill(server.pid, 'SIGCONT');
  run.kill('SIGTERM');
  const ended = await run.ended;
  assert.equal(ended.code, 143);
  assert.equal(ended.err.match(/cannot be followed/g)?.length, 2);
});

test('mistakes say what to do, start nothing, and show no value', async () => {
  const limited = await coffer(['token', 'create', '-policy=default', '-field=token']);
  writeFileSync(path.join(folder, 'taken'), 'mine');
  symlinkSync('elsewhere', path.join(folder, 'link'));
  const cases: readonly (readonly [args: readonly string[], told: RegExp, code: number, token?: string])[] = [
    [['--env', 'A=secret/app#passwrd'], /secret\/app: no key "passwrd"; it has PATH, password, tls\.key, user/, 125],
    [['--env', 'A=secret/none#a'], /secret\/none: nothing is stored here/, 125],
    [['--env', 'A=secret/app#password'], /secret\/app: permission denied/, 125, limited.out.trim()],
    [['--env', 'A=secret/default/binary#store'], /not text; give it as a file/, 1],
    [['--env', 'A=secret/app'], /-env: expected NAME=PATH#KEY/, 1],
    [['--env', 'A B=secret/app#user'], /no name for a variable/, 1],
    [['--env', 'A=secret/app#user', '--env', 'A=secret/app#user'], /A is given twice/, 1],
    [['--file', '../x=secret/app#user'], /give an absolute path/, 1],
    [['--file', `${folder}/a/../x=secret/app#user`], /not a plain path/, 1],
    [['--file', `${folder}/taken=secret/app#password`], /exists already/, 1],
    [['--file', `${folder}/link=secret/app#password`], /exists already/, 1],
    [['-on-change=signal:KILL'], /-on-change: expected restart/, 1],
    [['-on-change=restart', '-check-every=0s'], /-check-every: expected a duration/, 1],
    [['-address=http://127.0.0.1:1', '--env', 'A=secret/app#user'], /Error preparing echo: /, 125],
  ];
  for (const [args, told, code, token] of cases) {
    const ended = await coffer(
      ['run', ...args, '--', 'echo', 'started'],
      token === undefined ? {} : { COFFER_TOKEN: token },
    );
    assert.match(ended.err, told);
    assert.deepEqual([ended.code, ended.out], [code, ''], ended.err);
    assert.ok(!ended.err.includes(canary), 'S11: a value is shown');
    assert.deepEqual(readdirSync(memory), []);
  }
  assert.ok(!existsSync(path.join(folder, 'elsewhere')));
  const replaced = await coffer([
    'run',
    '-replace-files',
    '--file',
    `${folder}/taken=secret/app#user`,
    '--',
    'cat',
    'taken',
  ]);
  assert.deepEqual([replaced.code, replaced.out], [0, 'ada']);
});

test('a sealed store is told as such', async () => {
  await coffer(['operator', 'seal']);
  const ended = await coffer(['run', '--env', 'A=secret/app#user', '--', 'echo', 'started']);
  assert.deepEqual([ended.code, ended.out], [125, '']);
  assert.match(ended.err, /sealed or not ready; "coffer operator unseal"/);
});
