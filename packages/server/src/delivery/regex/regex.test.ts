import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RegexError } from './reader.ts';
import { CompiledRegex, type Match } from './regex.ts';

const find = (pattern: string, text: string): Match | undefined => new CompiledRegex(pattern).find(text, 0, () => {});

const found: readonly (readonly [pattern: string, text: string, match: Match | undefined])[] = [
  ['', 'ab', [0, 0]],
  ['b+', 'abbc', [1, 3]],
  ['b+?', 'abbc', [1, 2]],
  ['(a)|(b)', 'b', [0, 1, -1, -1, 0, 1]],
  ['ab|abc', 'abc', [0, 2]],
  ['^b', 'ab', undefined],
  ['(?m)^b$', 'a\nb\nc', [2, 3]],
  ['(?i)K', '\xe2\x84\xaa', [0, 3]],
  ['.', '\xff', [0, 1]],
  ['[^a]', '\xe2\x98\x83', [0, 3]],
  ['a{2,3}', 'aaaa', [0, 3]],
  ['(?:(a)|b)*', 'ab', [0, 2, 0, 1]],
];

for (const [pattern, text, match] of found)
  test(`${pattern} in ${JSON.stringify(text)}`, () => assert.deepEqual(find(pattern, text), match));

const broken = [
  '(',
  ')',
  '[',
  '*',
  'a**',
  '[z-a]',
  '(?=a)',
  '(?<!a)',
  '\\1',
  '\\y',
  'a{1001}',
  'a{2,1}',
  '\\p{Nope}',
  '\\x{110000}',
  '(?P<n',
  '\xff',
  '\\',
  '[[:x:]]',
];

for (const pattern of broken)
  test(`${JSON.stringify(pattern)} is no expression`, () => assert.throws(() => find(pattern, ''), RegexError));

test('a message holds nothing of the expression', () => {
  for (const pattern of broken)
    assert.throws(
      () => find(`(canary)|${pattern}`, ''),
      (error: unknown) => error instanceof RegexError && !error.message.includes('canary'),
    );
});

test('what makes others run for ever looks at each byte a bounded number of times', () => {
  const text = 'a'.repeat(2000);
  for (const pattern of ['(a*)*b', '(a|a)*b', '(a|aa)+$b', '(.*)(.*)(.*)b', 'a?'.repeat(30) + 'a'.repeat(30) + 'b']) {
    let visits = 0;
    const regex = new CompiledRegex(pattern);
    assert.equal(
      regex.find(text, 0, count => (visits += count)),
      undefined,
    );
    assert.ok(visits < text.length * 400, `${pattern}: ${visits} looks`);
  }
});

test('a search is stopped by whoever is charged', () => {
  const stop = (): never => {
    throw new RangeError('enough');
  };
  assert.throws(() => new CompiledRegex('a').find('b', 0, stop), RangeError);
});

test('an expression that grows beyond all measure is refused', () => {
  assert.throws(() => find('((a{10}){10}){11}', ''), RegexError);
  assert.throws(() => find('(?:(?:a{0}){1000}){1000}', ''), RegexError);
  assert.throws(() => find('(?:[a-c]{30}x){33}'.repeat(30), ''), RegexError);
  assert.throws(() => find('('.repeat(5000) + ')'.repeat(5000), ''), RegexError);
});
