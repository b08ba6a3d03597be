/** docs/templates.md names every function and every limit of templates, and no others. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtins } from '../../packages/server/src/delivery/render/functions/builtins.ts';
import { templateLimits } from '../../packages/server/src/delivery/render/limits.ts';
import { digestFunctions, randomFunctions, yamlFunctions } from '../../packages/server/src/delivery/render/sprig/outside.ts';
import { sprigFunctions } from '../../packages/server/src/delivery/render/sprig/table.ts';
import { readText } from '../tidy/source/tree.ts';

const page = readText('docs/templates.md');
const [before = '', behind = ''] = page.split('| about | functions |');
const [table = ''] = behind.split('\n\n');
const [, language = ''] = before.split('Of the language:');

const [, outside = ''] = page.split('| about | functions of the surroundings |');
const [outsideTable = '', absent = ''] = outside.split('\n\n');

const never = (): never => assert.fail('nothing is rendered here');
const handedIn = [
  ...yamlFunctions({ read: never, write: never }).keys(),
  ...digestFunctions(never).keys(),
  ...randomFunctions({ bytes: never, uuid: never }).keys(),
];

const named = (text: string): string[] => [...text.matchAll(/`(\w+)`/g)].map(match => match[1] ?? '').toSorted();

test('docs/templates.md lists the functions of sprig that are there', () => {
  assert.deepEqual(named(table), [...sprigFunctions.keys()].toSorted());
});

test('docs/templates.md lists the functions of the language', () => {
  assert.deepEqual(named(language), [...builtins.keys(), 'and', 'or'].toSorted());
});

test('docs/templates.md lists the limits', () => {
  const listed = [...page.matchAll(/^\| `(\w+)` (\d+) \|/gm)].map(([, name, limit]) => [name, Number(limit)]);
  assert.deepEqual(listed, Object.entries(templateLimits));
});

test('docs/templates.md lists the functions that are handed in', () => {
  assert.deepEqual(named(outsideTable), handedIn.toSorted());
});

test('what docs/templates.md says is not there is not there', () => {
  const there = new Set([...sprigFunctions.keys(), ...builtins.keys(), ...handedIn]);
  assert.deepEqual(
    named(absent).filter(name => there.has(name)),
    [],
  );
  assert.ok(named(absent).length > 50);
});
