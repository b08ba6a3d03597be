/** Completion in a real bash: what is typed, with tabs, becomes the command line that runs. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { runCoffer } from './coffer.ts';
import { newFolder } from './server.ts';

const launcher = path.join(import.meta.dirname, '../../packages/cli/bin/coffer');
const limitMs = 60_000;
const home = newFolder();

/** In place of the command: completion is the real one, anything else shows what it was called with. */
const shim = `#!/bin/sh
case $1 in completion) exec '${launcher}' "$@" ;; esac
printf 'RAN'
printf '|%s' "$@"
echo
`;

before(async () => {
  mkdirSync(path.join(home, 'bin'));
  writeFileSync(path.join(home, 'bin/coffer'), shim);
  chmodSync(path.join(home, 'bin/coffer'), 0o755);
  writeFileSync(path.join(home, 'manifest.yaml'), '');
  writeFileSync(path.join(home, '.bashrc'), "PS1='$ '\n");
  const installed = await runCoffer(['completion', 'install'], { env: { HOME: home }, cwd: home });
  assert.match(installed.out, /\.bashrc/);
});

after(() => rmSync(home, { recursive: true, force: true }));

/** Types into an interactive bash with the start file that `completion install` wrote; what ran, a line each. */
const typed = async (lines: readonly string[]): Promise<string[]> => {
  const env = { HOME: home, PATH: `${home}/bin:${process.env['PATH'] ?? ''}`, TERM: 'dumb', INPUTRC: '/dev/null' };
  const bash = spawn('bash', ['--noprofile', '-i'], { cwd: home, env, stdio: 'pipe', timeout: limitMs });
  let out = '';
  let err = '';
  bash.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  bash.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  bash.stdin.end(`${lines.join('\n')}\nexit\n`);
  await new Promise(done => bash.once('close', done));
  const ran = out.split('\n').filter(line => line.startsWith('RAN'));
  assert.equal(ran.length, lines.length, `${out}\n${err}`);
  return ran.map(line => line.slice('RAN|'.length));
};

test('bash completes commands, sub-commands, flags and their values, and files where there is nothing else', async () => {
  const cases: readonly (readonly [typed: string, ran: string])[] = [
    ['coffer stat\t', 'status'],
    ['coffer kv metad\tge\t-mou\tsecret a', 'kv|metadata|get|-mount=secret|a'],
    ['coffer status --detai\t', 'status|--detailed'],
    ['coffer status -format=j\t', 'status|-format=json'],
    ['coffer status -format ya\t', 'status|-format|yaml'],
    ['coffer read -wrap\t5m secret/a', 'read|-wrap-ttl=5m|secret/a'],
    ['coffer import -f man\t', 'import|-f|manifest.yaml'],
    ['coffer run -- cat man\t', 'run|--|cat|manifest.yaml'],
    ['coffer no\t', 'no'],
  ];
  assert.deepEqual(
    await typed(cases.map(([line]) => line)),
    cases.map(([, ran]) => ran),
  );
});
