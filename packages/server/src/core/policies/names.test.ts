import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CofferError } from '@coffer/schema/errors.ts';
import { Acl } from './acl.ts';
import { rootPolicy } from './builtin.ts';
import { policyName } from './names.ts';
import { parsePolicy } from './parse.ts';

const clock = { now: () => 0 };

test('a name is trimmed and lower case', () => {
  for (const [given, want] of [
    ['app', 'app'],
    [' App-Read ', 'app-read'],
    ['team/app 1', 'team/app 1'],
    ['équipe', 'équipe'],
    ['root', 'root'],
    ['rooted', 'rooted'],
  ] as const) {
    assert.equal(policyName(given), want);
  }
});

test('S1: what could pass for root is refused', () => {
  for (const given of [
    'ROOT',
    'Root',
    'root ',
    ' root',
    'root\t',
    '\nroot',
    'ｒｏｏｔ',
    'ＲＯＯＴ',
    'root\0',
    'ro\u200bot',
    'ro\u00adot',
    '\u{1d42b}oot',
    'ʳoot',
    'root\u2028',
    'a,root',
    '\u00a0root',
    'root\u3000',
    '\ufeffroot',
  ]) {
    assert.throws(() => policyName(given), CofferError, JSON.stringify(given));
  }
});

test('empty, over-long and unprintable names are refused', () => {
  for (const given of [
    '',
    '  ',
    'a'.repeat(257),
    'a\nb',
    'a\u0085b',
    'a\u00a0b',
    'a\u202eb',
    '\ud800',
    'ﬁle',
    'e\u0301',
  ]) {
    assert.throws(() => policyName(given), CofferError, JSON.stringify(given));
  }
});

test('S1: no policy becomes root by its name, and root stands alone', () => {
  const impostor = parsePolicy('root', 'path "*" { capabilities = ["read"] }');
  assert.throws(() => new Acl({ policies: [impostor], clock }), CofferError);
  assert.throws(() => new Acl({ policies: [{ ...rootPolicy }], clock }), CofferError);
  assert.throws(() => new Acl({ policies: [rootPolicy, parsePolicy('a', 'path "a" {}')], clock }), CofferError);
  assert.equal(new Acl({ policies: [rootPolicy], clock }).isRoot, true);
  assert.equal(new Acl({ policies: [], clock }).isRoot, false);
});
