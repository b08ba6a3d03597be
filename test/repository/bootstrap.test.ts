import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { root } from '../run/environment.ts';

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const lockOf = (packages: Record<string, object>): string => JSON.stringify({ lockfileVersion: 3, packages });
const wanted = {
  '': {},
  'node_modules/one': { version: '1.0.0' },
  'node_modules/own': { link: true },
  'node_modules/other-platform': { version: '1.0.0', optional: true, os: ['plan9'], cpu: ['mips'] },
};
const installed = { 'node_modules/one': { version: '1.0.0' } };

/** A repository with a false npm that writes down how it was called and installs what it is told to. */
const makeRepository = (context: TestContext) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'boot strap-'));
  context.after(() => rmSync(folder, { recursive: true }));
  for (const name of ['scripts', 'fake', 'node_modules/.bin']) mkdirSync(path.join(folder, name), { recursive: true });
  copyFileSync(path.join(root, 'scripts', 'bootstrap.mjs'), path.join(folder, 'scripts', 'bootstrap.mjs'));
  const write = (name: string, text: string, mode = 0o644): void => {
    writeFileSync(path.join(folder, name), text);
    chmodSync(path.join(folder, name), mode);
  };
  const install = `echo "$@" > npm-calls; printf '%s' '${lockOf(installed)}' > node_modules/.package-lock.json`;
  write(
    'fake/npm',
    `#!/bin/sh\n${install}\nprintf '#!/bin/sh\\nexec "${process.execPath}" "$@"\\n' > node_modules/.bin/node\nchmod +x node_modules/.bin/node\n`,
    0o755,
  );
  write('package-lock.json', lockOf(wanted));
  write(
    'say.ts',
    "const said: string = process.argv.slice(2).join('|');\nconsole.log(said, process.env['COFFER_NO_INSTALL']);\nprocess.exitCode = 7;\n",
  );
  const calls = (): string | undefined =>
    existsSync(path.join(folder, 'npm-calls'))
      ? readFileSync(path.join(folder, 'npm-calls'), 'utf8').trim()
      : undefined;
  return { folder, write, calls };
};

const boot = (folder: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> =>
  new Promise(resolve => {
    const environment = { PATH: `${path.join(folder, 'fake')}:/usr/bin:/bin`, ...env };
    execFile(
      process.execPath,
      [path.join(folder, 'scripts', 'bootstrap.mjs'), ...args],
      { env: environment, cwd: '/' },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      },
    );
  });

test('what is missing is installed without install scripts, and said before with where it goes', async context => {
  const { folder, calls } = makeRepository(context);
  const ended = await boot(folder, ['say.ts', 'a b', '-c']);
  assert.equal(calls(), 'ci --ignore-scripts --no-audit --no-fund --loglevel=error');
  assert.match(ended.stderr, /^Installing 1 package .*one@1\.0\.0[\s\S]*into .*node_modules/);
  assert.deepEqual([ended.code, ended.stdout], [7, 'a b|-c undefined\n']);
});

test('what is there is not installed again', async context => {
  const { folder, calls, write } = makeRepository(context);
  await boot(folder, ['say.ts']);
  rmSync(path.join(folder, 'npm-calls'));
  const ended = await boot(folder, ['say.ts', 'x'], { COFFER_NO_INSTALL: '1' });
  assert.deepEqual([ended.code, ended.stdout, ended.stderr, calls()], [7, 'x 1\n', '', undefined]);
  write('package-lock.json', lockOf({ ...wanted, 'node_modules/one': { version: '1.0.1' } }));
  assert.match((await boot(folder, ['say.ts', '--no-install'])).stderr, /not installed: one@1\.0\.1/);
});

test('told not to install, it names what is missing and starts nothing', async context => {
  const { folder, calls } = makeRepository(context);
  for (const [args, env] of [
    [['say.ts', '--no-install'], {}],
    [['say.ts'], { COFFER_NO_INSTALL: '1' }],
    [['say.ts'], { COFFER_NO_INSTALL: 'true' }],
  ] as const) {
    const ended = await boot(folder, args, env);
    assert.deepEqual([ended.code, ended.stdout, calls()], [1, '', undefined]);
    assert.match(ended.stderr, /not installed: one@1\.0\.0\nInstalling is off .*npm ci --ignore-scripts/);
  }
});

test('an installation that fails starts nothing', async context => {
  const { folder, write } = makeRepository(context);
  write('fake/npm', '#!/bin/sh\necho network >&2\nexit 3\n', 0o755);
  const failed = await boot(folder, ['say.ts']);
  assert.equal(failed.code, 1);
  assert.match(failed.stderr, /network\n.*failed.*Nothing was started/);
  rmSync(path.join(folder, 'fake', 'npm'));
  const without = await boot(folder, ['say.ts'], { PATH: path.join(folder, 'fake') });
  assert.match(without.stderr, /npm could not be started \(ENOENT\)/);
});

test('a platform without a Node package is told so', async context => {
  const { folder, write } = makeRepository(context);
  write('fake/npm', '#!/bin/sh\nexit 0\n', 0o755);
  const ended = await boot(folder, ['say.ts']);
  assert.equal(ended.code, 1);
  assert.match(ended.stderr, /there is no Node package for/);
});

test('a signal reaches what was started, and its end is ours', async context => {
  const { folder, write } = makeRepository(context);
  await boot(folder, ['say.ts']);
  write(
    'wait.ts',
    "process.on('SIGTERM', () => process.exit(5));\nsetInterval(() => {}, 1000);\nconsole.log('ready');\n",
  );
  const child = spawn(process.execPath, [path.join(folder, 'scripts', 'bootstrap.mjs'), 'wait.ts'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [5, null]);
});
