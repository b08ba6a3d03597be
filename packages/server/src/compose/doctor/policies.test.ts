import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgePolicies } from './policies.ts';

const rule = (path: string, ...capabilities: readonly string[]) =>
  `path "${path}" { capabilities = ${JSON.stringify(capabilities)} }`;
const judge = (texts: { readonly [name: string]: string }) =>
  judgePolicies({ now: () => 0 })(new Map(Object.entries(texts)), 'secret/data/team/db');

const cases: readonly [texts: { readonly [name: string]: string }, word: object][] = [
  [{ a: rule('secret/*', 'read') }, { kind: 'grants', rule: 'secret/*', policies: ['a'] }],
  [{ a: rule('secret/*', 'list') }, { kind: 'lacks', rule: 'secret/*', policies: ['a'] }],
  [
    { a: rule('other/*', 'read'), b: rule('x', 'read') },
    { kind: 'silent', rule: '', policies: ['a', 'b'] },
  ],
  [
    { a: rule('secret/*', 'read'), b: rule('secret/data/team/*', 'deny'), c: rule('x', 'read') },
    { kind: 'denies', rule: 'secret/data/team/*', policies: ['b'] },
  ],
];

for (const [texts, word] of cases)
  test(`what policies say of a path: ${JSON.stringify(texts)}`, () => assert.deepEqual(judge(texts), word));

test('a policy that cannot be read is no answer', () => {
  assert.throws(() => judge({ a: 'path' }), { code: 'invalid_request' });
});
