/**
 * The packages as their users get them: staged, packed, installed without a network, compiled against, and run: the
 * client on the oldest Node, the command with its server on the project's own.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { need } from '../counterparts/counterpart.ts';
import { oldNode } from '../counterparts/old-node.ts';
import { runCoffer } from './cli-run.ts';
import { compileIn } from './package/consumer.ts';
import { examplesOf } from './package/examples.ts';
import { type Installed, installPacked } from './package/install.ts';
import { smokeConformance } from './package/smoke.ts';
import { newFolder, type ServerProcess, startDevServer } from './server.ts';

const run = promisify(execFile);
const old = need(oldNode);
const home = newFolder();
let installed: Installed;
/** Packages of others that come with ours. */
const others = [
  'jose',
  'pg',
  'pg-cloudflare',
  'pg-connection-string',
  'pg-int8',
  'pg-pool',
  'pg-protocol',
  'pg-types',
  'pgpass',
  'postgres-array',
  'postgres-bytea',
  'postgres-date',
  'postgres-interval',
  'split2',
  'xtend',
  'yaml',
];
const own = ['@coffer/client', '@coffer/schema', '@coffer/server', 'coffer'];

// The installed command is started by the first `node` of PATH.
process.env['PATH'] = `${path.dirname(process.execPath)}${path.delimiter}${process.env['PATH'] ?? ''}`;

const within = (...names: readonly string[]): string => path.join(installed.folder, ...names);

before(async () => {
  installed = await installPacked(others);
});

after(() => {
  rmSync(installed.folder, { recursive: true, force: true });
  rmSync(home, { recursive: true, force: true });
});

test('the packages install without a network, with nothing but what they need', () => {
  const names = globSync('node_modules/{*,@*/*}/package.json', { cwd: installed.folder }).map(file =>
    path.dirname(file).slice('node_modules/'.length),
  );
  assert.deepEqual(names.toSorted(), [...own, ...others]);
  for (const name of own) {
    for (const file of ['LICENSE', 'README.md'])
      assert.ok(globSync(`${file}*`, { cwd: within('node_modules', name) }).length > 0, `${name}/${file}`);
  }
  for (const name of others) {
    const { license } = JSON.parse(readFileSync(within('node_modules', name, 'package.json'), 'utf8')) as {
      license: string;
    };
    assert.ok(['MIT', 'ISC'].includes(license), `${name}: ${license}`);
  }
});

test('what is published is code and declarations: no sources, no tests, nothing of development', () => {
  const files = globSync('node_modules/{coffer,@coffer/*}/**/*', { cwd: installed.folder });
  assert.ok(files.length > 200, `${files.length} files`);
  const strange = files.filter(file => /(?<!\.d)\.ts$|\.test\.|\/src\/|fake-io|tsconfig/.test(file));
  assert.deepEqual(strange, []);
  const secretType = readFileSync(within('node_modules/@coffer/client/lib/client.d.ts'), 'utf8');
  assert.match(secretType, /import type \{ Secret \} from '@coffer\/schema\/secret';/);
});

test('an application in a browser compiles against the packed client', async () => {
  const text = `import { createClient } from '@coffer/client';
import type { Secret } from '@coffer/schema/secret';
export const password: Promise<Secret> = createClient({ address: 'https://a' }).kv('secret').secret('app', 'password');
`;
  assert.equal(await compileIn(within('browser'), 'browser', new Map([['app.ts', text]])), '');
});

/** Each line is wrong by itself. */
const wrongLines = [
  "await client.call('sys/mounts/:path*', 'write', { path: 1, type: 'kv' });",
  "await client.call('sys/no-such-path', 'read', {});",
  "(await client.call('sys/seal-status', 'read', {})).text('sealed');",
  "export const printed: string = await client.kv('secret').secret('app', 'password');",
  "createClient({ address: 'http://a', timeout: 5 });",
];

test('what the packed declarations forbid does not compile, line by line', async () => {
  const head = "import { createClient } from '@coffer/client'; const client = createClient({ address: 'http://a' });";
  const said = await compileIn(within('wrong'), 'node', new Map([['app.ts', [head, ...wrongLines].join('\n')]]));
  const faults = [...said.matchAll(/^app\.ts\((\d+),/gm)].map(match => Number(match[1]));
  assert.deepEqual([...new Set(faults)], [2, 3, 4, 5, 6], said);
});

test('the examples of the READMEs compile against the packed packages', async () => {
  const readme = (name: string): string => readFileSync(within('node_modules', '@coffer', name, 'README.md'), 'utf8');
  const examples = new Map(['client', 'schema'].flatMap(name => [...examplesOf(readme(name), name)]));
  assert.ok(examples.size >= 7, `${examples.size} examples`);
  assert.equal(await compileIn(within('examples'), 'node', examples), '');
});

/** Stopped whatever happens: a server that is left running keeps the whole file from ending. */
const stopAfter = (context: TestContext, server: ServerProcess): ServerProcess => {
  context.after(() => server.stop());
  return server;
};

test('an application compiled against the packed client runs on the oldest Node', { skip: old.skip }, async context => {
  const app = readFileSync(path.join(import.meta.dirname, 'package', 'app.ts'), 'utf8');
  assert.equal(await compileIn(within('app'), 'node', new Map([['app.ts', app]])), '');
  const server = stopAfter(context, await startDevServer(installed.program));
  const tokenFile = path.join(home, 'token');
  writeFileSync(tokenFile, 'root\n', { mode: 0o600 });
  const { stdout, stderr } = await run(old.path, [within('app/out/app.js'), server.address, tokenFile]);
  const told = JSON.parse(stdout) as { readonly node: string; readonly shown: readonly string[] };
  const { node, shown, ...rest } = told;
  assert.ok(Number.parseInt(node, 10) < 26, node);
  assert.equal(stderr, '');
  assert.deepEqual(rest, {
    names: ['packed'],
    data: { password: 'correct horse', port: 5432 },
    revealed: 'correct horse',
    sealed: false,
    refusal: 'permission_denied',
  });
  assert.equal(shown[0], '[secret]');
  for (const text of shown) assert.doesNotMatch(text, /correct horse|root/);
  assert.doesNotMatch(server.said(), /correct horse/);
});

smokeConformance('the packed command', () => installed.program);

test('npx finds the packed command', async () => {
  const { stdout } = await run('npx', ['--offline', '--no-install', 'coffer', 'version'], { cwd: installed.folder });
  assert.match(stdout, /^Coffer v\d+\.\d+\.\d+/);
});

test('NODE_OPTIONS of the caller is not obeyed by the process that holds keys', async () => {
  const trace = path.join(home, 'trace');
  const spy = path.join(home, 'spy.cjs');
  writeFileSync(
    spy,
    `const { appendFileSync } = require('node:fs');
const tell = text => appendFileSync(${JSON.stringify(trace)}, text);
tell('loaded ');
process.on('exit', () => tell('ended '));`,
  );
  const env = { NODE_OPTIONS: `--require=${spy}` };
  await run(process.execPath, ['-e', ''], { env });
  const { code, err } = await runCoffer(['version'], { home, env, program: installed.program });
  assert.deepEqual([code, err], [0, '']);
  // Of the command only the first process has loaded it, and that became another one without it.
  assert.equal(readFileSync(trace, 'utf8'), 'loaded ended loaded ');
});

test('on an older Node the packed command says which one it needs', { skip: old.skip }, async () => {
  const launcher = within('node_modules/coffer/bin/coffer.cjs');
  await assert.rejects(run(old.path, [launcher, 'version']), (error: Error & { code?: unknown; stderr?: string }) => {
    assert.equal(error.code, 1);
    assert.match(error.stderr ?? '', /^coffer: this is Node [\d.]+; Node 26 or newer is needed to run it\.\n$/);
    return true;
  });
});
