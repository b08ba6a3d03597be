/** The tour of the README, run as it is printed: every command, every line of its output. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { newFolder, type ServerProcess, startServer } from './server.ts';

const run = promisify(execFile);
const root = path.join(import.meta.dirname, '../..');
const limitMs = 120_000;
const folder = newFolder();
const data = path.join(folder, 'coffer-data');
let server: ServerProcess;

interface Step {
  readonly command: string;
  readonly output: readonly string[];
}

/** The steps of all `console` blocks below the heading; the first block starts the server and is the test's own. */
const stepsBelow = (heading: string): readonly Step[] => {
  const readme = readFileSync(path.join(root, 'README.md'), 'utf8');
  const section = readme.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const blocks = [...section.matchAll(/```console\n([\s\S]*?)```/g)].map(found => found[1] ?? '');
  return blocks.slice(1).flatMap(block => block.split(/^\$ /m).slice(1).map(stepOf));
};

const stepOf = (text: string): Step => {
  const [command = '', ...output] = text.replace(/\n+$/, '').split('\n');
  return { command, output };
};

/** One shell runs them all, so that what one exports the next one sees. */
const scriptOf = (steps: readonly Step[]): string =>
  steps
    .map(({ command }, at) => `echo '@@${at}'\n${command}\n`)
    .join('')
    .replaceAll('http://127.0.0.1:8200', server.address)
    .replaceAll('coffer-data/', `${data}/`);

/** `…` stands for anything within a line. */
const matches = (expected: string, actual: string): boolean => {
  const pattern = expected
    .split('…')
    .map(piece => piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${pattern}$`).test(actual);
};

before(async () => {
  server = await startServer({
    args: ['-embedded', `-data=${data}`, '-listen=127.0.0.1:0'],
    folder,
    ready: /running at (http:\/\/\S+)[\s\S]*docs\/production/,
  });
});

after(async () => {
  await server.stop();
});

test('the tour of the README answers as printed', async () => {
  const steps = stepsBelow('Five minutes');
  assert.ok(steps.length >= 6, 'the tour has its steps');
  const { stdout } = await run('sh', ['-c', `exec 2>&1\n${scriptOf(steps)}true\n`], {
    cwd: root,
    timeout: limitMs,
    env: { ...process.env, HOME: folder, PATH: `${path.join(root, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}` },
  });
  const answers = stdout.split(/^@@\d+\n/m).slice(1);
  for (const [at, { command, output }] of steps.entries()) {
    const lines = (answers[at] ?? '').replace(/\n+$/, '').split('\n');
    const expected = output.length === 0 ? [''] : output;
    assert.equal(lines.length, expected.length, `${command}\n${lines.join('\n')}`);
    for (const [line, text] of expected.entries()) {
      assert.ok(
        matches(text.trimEnd(), (lines[line] ?? '').trimEnd()),
        `${command}\nprinted:  ${lines[line]}\nexpected: ${text}`,
      );
    }
  }
});
