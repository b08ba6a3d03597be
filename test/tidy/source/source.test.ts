import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blankOut } from './blank.ts';
import { functionsOf } from './functions.ts';
import { importsOf } from './imports.ts';
import { sourceOf } from './tree.ts';

const blanked: readonly (readonly [string, string])[] = [
  ["a('b c') // d", "a('   ')     "],
  ['a /* b\nc */ d', 'a     \n     d'],
  ['`x${f("y")}z` + w', '` ${f(" ")} ` + w'],
  ['`${`a${b}`}`', '`${` ${b}`}`'],
  ['x = /[/"]+/g.test(y)', 'x = /     /g.test(y)'],
  ["a / b / c + 'd'", "a / b / c + ' '"],
  ["'it\\'s' + q", "'     ' + q"],
  ['a /* never closed', 'a                '],
  ['`never closed', '`            '],
  ['a // b', 'a     '],
];

test('comments and quoted parts are blanked, code and places stay', () => {
  for (const [text, want] of blanked) assert.equal(blankOut(text), want);
});

test('functions of every form are measured, blocks and types are not', () => {
  const text = [
    'export const a = (x: number): Promise<{ y: 1 }> => {',
    '  if (x) {',
    '  }',
    '};',
    'class K {',
    '  async #m(): Promise<void> {',
    '  }',
    '}',
    'function f<T>(t: T) {}',
    'const o = (n: number) => ({',
    '  n,',
    '});',
    "test('x', () => {",
    '});',
  ].join('\n');
  const sizes = functionsOf(sourceOf('a.ts', text)).map(({ name, line, lines }) => [name, line, lines]);
  assert.deepEqual(sizes, [
    ['a', 1, 4],
    ['#m', 6, 2],
    ['f', 9, 1],
    ['o', 10, 3],
    ['a function', 13, 2],
  ]);
});

test('imports are found in every form, and not where they are only text', () => {
  const text = [
    "import type { A } from './a.ts';",
    "import './b.ts';",
    "export { c } from '../c.ts';",
    "const d = await import('@coffer/schema/d.ts');",
    "const e = Array.from('x'); // import './no.ts'",
    'const f = "import \'./no.ts\'";',
    "import { g } from 'node:fs';",
  ].join('\n');
  const found = importsOf(sourceOf('packages/cli/src/x/y.ts', text)).map(({ specifier, line, dynamic, target }) => [
    specifier,
    line,
    dynamic,
    target,
  ]);
  assert.deepEqual(found, [
    ['./a.ts', 1, false, 'packages/cli/src/x/a.ts'],
    ['./b.ts', 2, false, 'packages/cli/src/x/b.ts'],
    ['../c.ts', 3, false, 'packages/cli/src/c.ts'],
    ['@coffer/schema/d.ts', 4, true, 'packages/schema/src/d.ts'],
    ['node:fs', 7, false, undefined],
  ]);
});
