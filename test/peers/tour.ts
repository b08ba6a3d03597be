/** Tours: `console` blocks of a page, run as they are printed. Every command, every line of its output. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = path.join(import.meta.dirname, '../..');
const limitMs = 120_000;

interface Step {
  readonly command: string;
  readonly output: readonly string[];
}

/** The `console` blocks of a page below a heading. */
export const blocksBelow = (page: string, heading: string): readonly string[] => {
  const text = readFileSync(path.join(root, page), 'utf8');
  const section = text.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...section.matchAll(/```console\n([\s\S]*?)```/g)].map(found => found[1] ?? '');
};

const stepOf = (text: string): Step => {
  const [command = '', ...output] = text.replace(/\n+$/, '').split('\n');
  return { command, output };
};

/** One shell runs them all, so that what one exports the next one sees. */
const scriptOf = (steps: readonly Step[], change: (script: string) => string): string =>
  change(steps.map(({ command }, at) => `echo '@@${at}'\n${command}\n`).join(''));

/** `…` stands for anything within a line. */
const matches = (expected: string, actual: string): boolean => {
  const pattern = expected
    .split('…')
    .map(piece => piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${pattern}$`).test(actual);
};

const check = ({ command, output }: Step, answer: string): void => {
  const lines = answer.replace(/\n+$/, '').split('\n');
  const expected = output.length === 0 ? [''] : output;
  assert.equal(lines.length, expected.length, `${command}\n${lines.join('\n')}`);
  for (const [line, text] of expected.entries()) {
    const printed = (lines[line] ?? '').trimEnd();
    assert.ok(matches(text.trimEnd(), printed), `${command}\nprinted:  ${printed}\nexpected: ${text}`);
  }
};

export interface Tour {
  readonly blocks: readonly string[];
  /** The home of whoever goes on it. */
  readonly home: string;
  readonly env?: { readonly [name: string]: string };
  /** Puts addresses and folders of the test in place of those of the page. */
  readonly change?: (script: string) => string;
}

/** Runs it; answers how many steps it had. */
export const runTour = async ({ blocks, home, env = {}, change = text => text }: Tour): Promise<number> => {
  const steps = blocks.flatMap(block => block.split(/^\$ /m).slice(1).map(stepOf));
  const commands = [path.join(root, 'packages/cli/bin'), path.join(root, 'node_modules/.bin')].join(':');
  const { stdout } = await run('sh', ['-c', `exec 2>&1\n${scriptOf(steps, change)}true\n`], {
    cwd: root,
    timeout: limitMs,
    env: { ...process.env, HOME: home, PATH: `${commands}:${process.env['PATH'] ?? ''}`, ...env },
  });
  const answers = stdout.split(/^@@\d+\n/m).slice(1);
  for (const [at, step] of steps.entries()) check(step, answers[at] ?? '');
  return steps.length;
};
