import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finding } from './finding.ts';
import { testRule } from './rule.ts';
import { functionsOf } from './source/functions.ts';
import { isTest, type Source, sources } from './source/tree.ts';

const fileLimitLines = 400;
const functionLimitLines = 70;
const interfaceLimitMethods = 3;

const linesOf = (text: string): number => text.split('\n').length - (text.endsWith('\n') ? 1 : 0);

testRule({
  name: `no file is longer than ${fileLimitLines} lines`,
  find: all =>
    all.flatMap(({ path, text }): Finding[] => {
      const amount = linesOf(text);
      const message = `${amount} lines: give one of its ideas a file of its own (limit ${fileLimitLines})`;
      return amount > fileLimitLines ? [{ file: path, line: fileLimitLines + 1, amount, message }] : [];
    }),
  bad: [['packages/schema/src/a.ts', 'x;\n'.repeat(fileLimitLines + 1)]],
  good: [['packages/schema/src/a.ts', 'x;\n'.repeat(fileLimitLines)]],
});

testRule({
  name: `no function is longer than ${functionLimitLines} lines`,
  find: all =>
    all.flatMap(source =>
      functionsOf(source)
        .filter(({ lines }) => lines > functionLimitLines)
        .map(({ name, line, lines }) => ({
          file: source.path,
          line,
          amount: lines,
          message: `${name} has ${lines} lines: split it by what it does (limit ${functionLimitLines})`,
        })),
    ),
  bad: [['packages/schema/src/a.ts', `const f = () => {\n${'x;\n'.repeat(functionLimitLines)}};`]],
  good: [['packages/schema/src/a.ts', `const f = () => {\n${'x;\n'.repeat(functionLimitLines - 2)}};`]],
});

const interfaces = /^(?:export )?interface (\w+)[^{]*\{\n([\s\S]*?)^\}/gm;
const method = /^ {2}(?:readonly )?\w+\??(?:<[^>]*>)?(?:\(|: (?:\([^)]*\)|<[^>]*>\([^)]*\)) =>)/gm;

const wideInterfaces = ({ path, text, code }: Source): Finding[] =>
  [...code.matchAll(interfaces)].flatMap(match => {
    const amount = [...(match[2] ?? '').matchAll(method)].length;
    const limit = match[1] === 'Storage' ? interfaceLimitMethods + 1 : interfaceLimitMethods;
    const line = linesOf(text.slice(0, match.index + 1));
    const message = `interface ${match[1]} has ${amount} methods: make the extra power another interface (limit ${limit})`;
    return amount > limit ? [{ file: path, line, amount, message }] : [];
  });

testRule({
  name: 'no interface has more than 3 methods, Storage 4',
  find: all => all.filter(({ path }) => !isTest(path)).flatMap(wideInterfaces),
  bad: [
    [
      'packages/schema/src/a.ts',
      'interface A {\n  a(): void;\n  b<T>(t: T): T;\n  readonly c: (x: 1) => void;\n  d?(): 1;\n}\n',
    ],
  ],
  good: [
    [
      'packages/schema/src/a.ts',
      'export interface Storage {\n  a(): void;\n  b(): void;\n  c(): 1;\n  d(): 1;\n  e: 1;\n}\n',
    ],
  ],
});

testRule({
  name: 'a module starts with a comment: what it owns, what it promises',
  find: all =>
    all
      .filter(({ path, text }) => !path.endsWith('.test.ts') && !/^(?:#!.*\n)?\/[*/]/.test(text))
      .map(({ path }) => ({ file: path, line: 1, message: 'begin with a comment that says what this file owns' })),
  bad: [['packages/schema/src/a.ts', "import { b } from './b.ts';\n"]],
  good: [
    ['packages/schema/src/a.ts', '/** Owns a. */\nconst a = 1;\n'],
    ['packages/schema/src/a.test.ts', 'const a = 1;\n'],
  ],
});

const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0;

test('the median file and function stay small', context => {
  const own = sources.filter(({ path }) => !isTest(path));
  const files = median(own.map(({ text }) => linesOf(text)));
  const functions = median(own.flatMap(functionsOf).map(({ lines }) => lines));
  context.diagnostic(`${own.length} source files, median ${files} lines; functions: median ${functions} lines`);
  assert.ok(files <= 130, `the median file has ${files} lines: one idea per file keeps it near 100`);
  assert.ok(functions <= 13, `the median function has ${functions} lines: keep it near 10`);
});
