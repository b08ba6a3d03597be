import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RawJson } from '@coffer/schema/json/raw.ts';
import type { Capability } from './capability.ts';
import { Acl } from './acl.ts';
import { parsePolicy } from './parse.ts';

const utf8 = new TextEncoder();
const given = (members: { readonly [name: string]: unknown }): Map<string, RawJson> =>
  new Map(Object.entries(members).map(([name, value]) => [name, new RawJson(utf8.encode(JSON.stringify(value)))]));

const ask = (
  bodies: readonly string[],
  members: { readonly [name: string]: unknown },
  capability: Capability = 'update',
) =>
  new Acl({
    policies: bodies.map(body =>
      parsePolicy('p', `path "a" { capabilities = ["create", "read", "update", "patch", "delete"] ${body} }`),
    ),
    clock: { now: () => 0 },
  }).decide({ path: 'a', capability, parameters: given(members) });

type Case = readonly (readonly [body: string, good: readonly object[], bad: readonly object[]])[];
const check = (cases: Case): void => {
  for (const [body, good, bad] of cases) {
    for (const members of good)
      assert.equal(ask([body], { ...members }).allowed, true, `${body} ${JSON.stringify(members)}`);
    for (const members of bad)
      assert.equal(ask([body], { ...members }).refusal, 'parameter', `${body} ${JSON.stringify(members)}`);
  }
};

test('required parameters must all be there', () => {
  check([
    [
      'required_parameters = ["A", "b"]',
      [
        { a: 1, B: 2 },
        { a: 1, b: 2, c: 3 },
      ],
      [{}, { a: 1 }, { b: 2 }],
    ],
  ]);
});

test('allowed parameters: only the listed, with the listed values', () => {
  check([
    ['allowed_parameters = { "a" = [] }', [{}, { a: 1 }, { A: [1] }], [{ b: 1 }, { a: 1, b: 1 }]],
    ['allowed_parameters = { "a" = ["x", "y"] }', [{ a: 'x' }, { a: 'y' }], [{ a: 'z' }, { a: ['x'] }, { a: '' }]],
    ['allowed_parameters = { "a" = ["x"] "*" = [] }', [{ a: 'x', b: 1 }], [{ a: 'z' }]],
    ['allowed_parameters = { "*" = [] }', [{ b: 1 }], []],
    ['allowed_parameters = {}', [{ b: 1 }], []],
    [
      'allowed_parameters = { "a" = ["pre*", "*post", "*in*"] }',
      [{ a: 'prefix' }, { a: 'apost' }, { a: 'xinx' }],
      [{ a: 'xpre' }, { a: 'postx' }],
    ],
    ['allowed_parameters = { "a" = ["*"] }', [{ a: '*' }], [{ a: 'x' }]],
    [
      'allowed_parameters = { "a" = [3600, true] }',
      [{ a: 3600 }, { a: '3600' }, { a: true }, { a: 'true' }, { a: 36e2 }],
      [{ a: 3601 }, { a: false }, { a: null }],
    ],
    [
      'allowed_parameters = { "a" = [["x", "y"], { k = 1 }] }',
      [{ a: ['x', 'y'] }, { a: { k: 1 } }],
      [{ a: ['y', 'x'] }, { a: 'x' }, { a: { k: 2 } }],
    ],
  ]);
});

test('denied parameters: never the listed values, in whatever JSON type they come', () => {
  check([
    ['denied_parameters = { "a" = [] }', [{}, { b: 1 }], [{ a: 1 }, { A: 1 }, { a: null }]],
    ['denied_parameters = { "*" = [] }', [{}], [{ a: 1 }]],
    [
      'denied_parameters = { "a" = ["root", "x*"] }',
      [{ a: 'y' }, { b: 'root' }],
      [{ a: 'root' }, { a: ['root'] }, { a: ['y', 'xx'] }],
    ],
    ['denied_parameters = { "a" = ["*"] }', [{ b: 1 }], [{ a: 'y' }, { a: 1 }, { a: {} }]],
    [
      'denied_parameters = { "a" = ["3600", false] }',
      [{ a: 1 }, { a: true }],
      [{ a: 3600 }, { a: '3600' }, { a: 3600.0 }, { a: 'false' }],
    ],
    [
      'denied_parameters = { "a" = [{ k = [1, 2] l = "x" }] }',
      [{ a: { k: [2, 1] } }],
      [{ a: { l: 'x', k: [1, 2] } }, { a: { l: 'x', k: ['1', 2] } }],
    ],
    ['denied_parameters = { "a" = [] } allowed_parameters = { "a" = [] }', [{}], [{ a: 1 }]],
  ]);
});

test('only reads and writes carry parameters', () => {
  const body = 'required_parameters = ["a"]';
  for (const capability of ['create', 'read', 'update', 'patch'] as const)
    assert.equal(ask([body], {}, capability).allowed, false, capability);
  assert.equal(ask([body], {}, 'delete').allowed, true);
});

test('the same pattern in two policies: values add up, any value wins, every requirement stays', () => {
  const two = ['allowed_parameters = { "a" = ["x"] }', 'allowed_parameters = { "a" = ["y"] "b" = [] }'];
  for (const members of [{ a: 'x' }, { a: 'y' }, { b: 1 }]) assert.equal(ask(two, members).allowed, true);
  assert.equal(ask(two, { a: 'z' }).allowed, false);
  assert.equal(ask([...two, 'allowed_parameters = { "a" = [] }'], { a: 'z' }).allowed, true);
  assert.equal(ask(['allowed_parameters = { "a" = ["x"] }', ''], { a: 'z' }).allowed, false);
  assert.equal(
    ask(['denied_parameters = { "a" = ["x"] }', 'denied_parameters = { "a" = [] }'], { a: 'z' }).allowed,
    false,
  );
  assert.equal(ask(['required_parameters = ["a"]', 'required_parameters = ["b"]'], { a: 1 }).parameter, 'b');
});

test('S13: a number of many digits is compared by its text', () => {
  const digits = '9'.repeat(100_000);
  const parameters = new Map([['a', new RawJson(utf8.encode(digits))]]);
  const policy = parsePolicy('p', 'path "a" { capabilities = ["update"] denied_parameters = { "a" = [1] } }');
  assert.equal(
    new Acl({ policies: [policy], clock: { now: () => 0 } }).decide({ path: 'a', capability: 'update', parameters })
      .allowed,
    true,
  );
});
