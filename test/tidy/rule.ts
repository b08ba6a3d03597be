/** How a rule becomes two tests: it holds for the repository, and it catches each bad sample and lets each good one pass. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { complaints, type Finding, type Ratchet } from './finding.ts';
import { type Source, sourceOf, sources } from './source/tree.ts';

export interface Rule {
  /** A plain sentence, also its key in the ratchet. */
  readonly name: string;
  readonly find: (sources: readonly Source[]) => Finding[];
  /** [file, text]: each must be found. */
  readonly bad: readonly Sample[];
  /** [file, text]: none may be found. */
  readonly good?: readonly Sample[];
}

export type Sample = readonly [file: string, text: string];

const ratchet = JSON.parse(readFileSync(path.join(import.meta.dirname, 'ratchet.json'), 'utf8')) as Ratchet;

const findIn = (rule: Rule, [file, text]: Sample): Finding[] => rule.find([sourceOf(file, text)]);

export const testRule = (rule: Rule): void => {
  test(rule.name, () => {
    const found = complaints(rule.name, rule.find(sources), ratchet);
    if (found.length > 0) assert.fail(found.join('\n'));
  });
  test(`the rule can fail: ${rule.name}`, () => {
    for (const sample of rule.bad) assert.notEqual(findIn(rule, sample).length, 0, `not caught: ${sample[1]}`);
    for (const sample of rule.good ?? []) assert.deepEqual(findIn(rule, sample), [], `caught by mistake: ${sample[1]}`);
  });
};
