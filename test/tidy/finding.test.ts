import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complaints } from './finding.ts';

const found = [{ file: 'a.ts', line: 3, message: 'is bad' }];

test('a finding outside the ratchet is a complaint with its place', () => {
  assert.deepEqual(complaints('rule', found, {}), ['a.ts:3: is bad']);
});

test('a finding within the ratchet passes, one more does not', () => {
  assert.deepEqual(complaints('rule', found, { rule: { 'a.ts': 1 } }), []);
  assert.equal(complaints('rule', [...found, ...found], { rule: { 'a.ts': 1 } }).length, 2);
});

test('the ratchet must be lowered when the code got better', () => {
  assert.match(complaints('rule', [], { rule: { 'a.ts': 2 } })[0] ?? '', /a\.ts: better than .* \(0, not 2\)/);
});
