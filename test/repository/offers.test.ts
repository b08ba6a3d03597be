/** What completion offers for the parts that a command starts is what their own help lists. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { offers } from '../../packages/cli/src/completion/offers.ts';
import { root } from '../run/environment.ts';

const launcher = path.join(root, 'packages/cli/bin/coffer');

/** `operator` by itself shows the help of its group. */
const helpOf = (name: string): string => {
  const before = name === 'operator' ? ['-kubeconfig=none'] : [];
  return execFileSync(launcher, [...name.split(' '), ...before, '-help'], { encoding: 'utf8', timeout: 30_000 });
};

const flagsIn = (help: string): readonly string[] =>
  [...help.matchAll(/^ {2}(-[\w-]+=?)/gm)].map(([, flag = '']) => flag);

for (const [name, words] of offers)
  test(`coffer ${name}`, () => {
    assert.deepEqual(
      words.filter(word => word.startsWith('-')),
      flagsIn(helpOf(name)),
    );
  });
