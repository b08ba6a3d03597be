import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { root } from '../run/environment.ts';

const mainText = `const { NODE_OPTIONS, NODE_COMPILE_CACHE, COFFER_CALLER_NODE_OPTIONS, MALLOC_ARENA_MAX } = process.env;
const seen: object = { args: process.argv.slice(2), main: process.argv[1], NODE_OPTIONS, NODE_COMPILE_CACHE, COFFER_CALLER_NODE_OPTIONS, MALLOC_ARENA_MAX };
console.log(JSON.stringify(seen));
process.exitCode = Number(process.argv[3] ?? 0);
`;

interface Seen {
  readonly args: readonly string[];
  readonly main: string;
  readonly NODE_OPTIONS?: string;
  readonly NODE_COMPILE_CACHE?: string;
  readonly COFFER_CALLER_NODE_OPTIONS?: string;
  readonly MALLOC_ARENA_MAX?: string;
}

interface Ended {
  readonly code: number;
  readonly stderr: string;
  readonly seen: Seen;
}

/** A project in a folder with a space in its name, and a `node` first in PATH that must never be asked. */
const makeProject = (context: TestContext): string => {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'a project-')));
  context.after(() => rmSync(folder, { recursive: true }));
  for (const name of ['packages/cli/bin', 'packages/cli/src', 'node_modules/.bin', 'path', 'else where']) {
    mkdirSync(path.join(folder, name), { recursive: true });
  }
  copyFileSync(path.join(root, 'packages/cli/bin/coffer'), path.join(folder, 'packages/cli/bin/coffer'));
  writeFileSync(path.join(folder, 'packages/cli/src/main.ts'), mainText);
  writeFileSync(path.join(folder, 'path/node'), '#!/bin/sh\necho wrong node >&2\nexit 99\n');
  chmodSync(path.join(folder, 'path/node'), 0o755);
  symlinkSync(process.execPath, path.join(folder, 'node_modules/.bin/node'));
  return folder;
};

interface Call {
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

const launch = (folder: string, program: string, { args = [], env = {}, cwd = folder }: Call = {}): Promise<Ended> =>
  new Promise(resolve => {
    const environment = { PATH: `${path.join(folder, 'path')}:/usr/bin:/bin`, ...env };
    execFile(program, args, { env: environment, cwd }, (error, stdout, stderr) => {
      const seen = JSON.parse(stdout === '' ? '{}' : stdout) as Seen;
      resolve({ code: error === null ? 0 : Number(error.code), stderr, seen });
    });
  });

test('the launcher starts the command on the own Node from any folder and through any links', async context => {
  const folder = makeProject(context);
  const file = path.join(folder, 'packages/cli/bin/coffer');
  symlinkSync('../packages/cli', path.join(folder, 'node_modules/coffer'));
  symlinkSync('../coffer/bin/coffer', path.join(folder, 'node_modules/.bin/coffer'));
  symlinkSync(path.join(folder, 'node_modules/.bin/coffer'), path.join(folder, 'else where/first'));
  symlinkSync('first', path.join(folder, 'else where/co ffer'));
  for (const [program, cwd] of [
    [file, '/'],
    ['./coffer', path.dirname(file)],
    ['../packages/cli/bin/coffer', path.join(folder, 'else where')],
    [path.join(folder, 'node_modules/.bin/coffer'), '/'],
    ['./co ffer', path.join(folder, 'else where')],
  ] as const) {
    const { seen, stderr } = await launch(folder, program, { cwd });
    assert.equal(seen.main, path.join(folder, 'packages/cli/src/main.ts'), `${program} in ${cwd}: ${stderr}`);
  }
});

test('the launcher hands on every argument as it is, and the exit code', async context => {
  const folder = makeProject(context);
  const args = ['-x=a b', '3', '', '--', '*', "'", '"$HOME"', '--version'];
  const { seen, code } = await launch(folder, path.join(folder, 'packages/cli/bin/coffer'), { args });
  assert.deepEqual(seen.args, args);
  assert.equal(code, 3);
});

test('NODE_OPTIONS of the caller is not obeyed, and kept for what the command starts', async context => {
  const folder = makeProject(context);
  const NODE_OPTIONS = '--require=/nowhere.cjs';
  const { seen } = await launch(folder, path.join(folder, 'packages/cli/bin/coffer'), { env: { NODE_OPTIONS } });
  assert.equal(seen.NODE_OPTIONS, undefined);
  assert.equal(seen.COFFER_CALLER_NODE_OPTIONS, NODE_OPTIONS);
});

test('compiled code is kept below a folder of the caller, and nowhere without one', async context => {
  const folder = makeProject(context);
  const file = path.join(folder, 'packages/cli/bin/coffer');
  const cacheWith = async (env: NodeJS.ProcessEnv): Promise<string | undefined> =>
    (await launch(folder, file, { env })).seen.NODE_COMPILE_CACHE;
  assert.equal(await cacheWith({ HOME: `${folder}/h` }), `${folder}/h/.cache/coffer/compiled`);
  assert.equal(await cacheWith({ HOME: `${folder}/h`, XDG_CACHE_HOME: `${folder}/x` }), `${folder}/x/coffer/compiled`);
  assert.equal(await cacheWith({ HOME: `${folder}/h`, COFFER_CACHE: `${folder}/c` }), `${folder}/c/compiled`);
  assert.equal(await cacheWith({ COFFER_CACHE: 'relative' }), undefined);
  assert.equal(await cacheWith({}), undefined);
  assert.equal(await cacheWith({ NODE_COMPILE_CACHE: `${folder}/own` }), `${folder}/own`);
});

test('a server shares its pools of freed memory among threads, unless the caller says how', async context => {
  const folder = makeProject(context);
  const program = path.join(folder, 'packages/cli/bin/coffer');
  const poolsOf = async (call: Call): Promise<string | undefined> =>
    (await launch(folder, program, call)).seen.MALLOC_ARENA_MAX;
  assert.equal(await poolsOf({ args: ['server'] }), '2');
  assert.equal(await poolsOf({ args: ['server'], env: { MALLOC_ARENA_MAX: '7' } }), '7');
  assert.equal(await poolsOf({ args: ['run'] }), undefined);
});

test('without the own Node the launcher says how to get it', async context => {
  const folder = makeProject(context);
  rmSync(path.join(folder, 'node_modules/.bin/node'));
  const { code, stderr } = await launch(folder, path.join(folder, 'packages/cli/bin/coffer'));
  assert.equal(code, 1);
  assert.match(stderr, /own Node is not installed: run 'npm ci --ignore-scripts' in .*a project-[^/]*\s/);
});

test('every form that is shipped or measured starts the runtime with the same bound on young memory', () => {
  const forms = [
    'packages/cli/bin/coffer',
    'scripts/publish/launcher.cjs',
    'scripts/publish/executable.ts',
    'test/bench/target/coffer.ts',
  ];
  const found = forms.map(file => readFileSync(path.join(root, file), 'utf8').match(/--max-semi-space-size=\d+/g));
  for (const flags of found) assert.deepEqual(flags, ['--max-semi-space-size=16']);
});
