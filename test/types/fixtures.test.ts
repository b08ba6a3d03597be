import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { root } from '../run/environment.ts';
import { compile, inScratch, type TypeFault } from './compile.ts';

const fixtures = (kind: 'pass' | 'fail'): string[] => globSync(`test/types/${kind}/**/*.ts`, { cwd: root }).toSorted();

/** The first line of a file that must not compile: `// TS2322`, or several codes with spaces between. */
export const namedCodes = (text: string): string[] => /^\/\/ ((?:TS\d+ ?)+)/.exec(text)?.[1]?.trim().split(' ') ?? [];

const tell = ({ file, line, code, text }: TypeFault): string => `${file}:${line}: ${code}: ${text}`;

test('what must compile compiles', async () => {
  const files = fixtures('pass');
  assert.notEqual(files.length, 0);
  const { faults } = await inScratch(folder => compile(folder, files));
  assert.deepEqual(faults.map(tell), []);
});

test('what must not compile fails, each file with just the codes its first line names', async () => {
  const files = fixtures('fail');
  assert.notEqual(files.length, 0);
  const { faults } = await inScratch(folder => compile(folder, files));
  for (const file of files) {
    const text = readFileSync(path.join(root, file), 'utf8');
    const codes = namedCodes(text);
    assert.notEqual(codes.length, 0, `${file}: the first line must name the code that is expected, as // TS2322`);
    const own = faults.filter(fault => fault.file === file);
    assert.deepEqual(
      [...new Set(own.map(({ code }) => code))].toSorted(),
      codes.toSorted(),
      `${file}: wanted ${codes.join(' ')}, got\n${own.map(tell).join('\n')}`,
    );
  }
  const others = faults.filter(({ file }) => !files.includes(file));
  assert.deepEqual(others.map(tell), [], 'faults outside the fixtures');
});

test('the expected codes are read from the first line alone', () => {
  assert.deepEqual(namedCodes('// TS2322 TS2345\nx'), ['TS2322', 'TS2345']);
  assert.deepEqual(namedCodes('// any words\n// TS2322'), []);
});
