import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isUsableFrom, refusal, selects } from './usable-from.ts';

const labels = new Map([
  ['team', 'blue'],
  ['tier', 'prod'],
]);
const namespace = { name: 'shop-prod', labels };
const need = (key: string, operator: string, ...values: string[]) => ({
  matchExpressions: [{ key, operator, values }],
});

test('a cluster store without conditions may be used from everywhere', () => {
  assert.equal(isUsableFrom(undefined, namespace), true);
  assert.equal(isUsableFrom([], namespace), true);
});

test('one condition that holds is enough, and one way of it', () => {
  assert.equal(isUsableFrom([{ namespaces: ['other'] }, { namespaces: ['shop-prod'] }], namespace), true);
  assert.equal(isUsableFrom([{ namespaces: ['other'], namespaceRegexes: ['^shop-'] }], namespace), true);
  assert.equal(isUsableFrom([{ namespaceSelector: { matchLabels: new Map([['team', 'blue']]) } }], namespace), true);
});

test('what no condition allows is refused, in the words that tools know', () => {
  assert.equal(isUsableFrom([{ namespaces: ['other'], namespaceRegexes: ['^prod'] }, {}], namespace), false);
  assert.equal(
    refusal('x', 'y'),
    'using cluster store "x" is not allowed from namespace "y": denied by spec.condition',
  );
});

test('an expression that cannot be read is told, not taken for a refusal', () => {
  for (const expression of ['(', 'a'.repeat(300)]) {
    assert.throws(() => isUsableFrom([{ namespaceRegexes: [expression] }], namespace), {
      code: 'invalid_request',
    });
  }
});

test('an expression takes no longer than its length, whatever it is', () => {
  const name = `${'a'.repeat(62)}b`;
  assert.equal(
    isUsableFrom([{ namespaceRegexes: ['^(a|a)*$', '^(a+)+$', '^(([a-z])+.)+[A-Z]$'] }], { name, labels }),
    false,
  );
});

test('where the labels are not known yet, nothing is selected by them', () => {
  const unknown = { name: 'shop-prod', labels: undefined };
  assert.equal(isUsableFrom([{ namespaceSelector: need('restricted', 'DoesNotExist') }], unknown), false);
  assert.equal(isUsableFrom([{ namespaces: ['shop-prod'] }], unknown), true);
});

const selections: readonly [selector: Parameters<typeof selects>[0], selected: boolean][] = [
  [{}, true],
  [need('team', 'In', 'red', 'blue'), true],
  [need('team', 'In', 'red'), false],
  [need('none', 'In', 'red'), false],
  [need('team', 'NotIn', 'blue'), false],
  [need('none', 'NotIn', 'blue'), true],
  [need('team', 'Exists'), true],
  [need('none', 'Exists'), false],
  [need('team', 'DoesNotExist'), false],
  [need('none', 'DoesNotExist'), true],
  [need('team', 'Unheard'), false],
  [
    {
      matchLabels: new Map([
        ['team', 'blue'],
        ['tier', 'dev'],
      ]),
    },
    false,
  ],
];

test('labels are selected as Kubernetes selects them', () => {
  for (const [selector, selected] of selections)
    assert.equal(selects(selector, labels), selected, JSON.stringify(selector));
});
