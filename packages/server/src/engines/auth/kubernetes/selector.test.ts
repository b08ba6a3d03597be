import assert from 'node:assert/strict';
import { test } from 'node:test';
import { selectorOf, selects } from './selector.ts';

const labels = new Map([
  ['team', 'shop'],
  ['stage', 'test'],
]);
const matches = (selector: object): boolean => selects(selectorOf(selector), labels);

test('all requirements must hold; none at all selects everything', () => {
  assert.equal(matches({}), true);
  assert.equal(matches({ matchLabels: { team: 'shop' } }), true);
  assert.equal(matches({ matchLabels: { team: 'shop', stage: 'live' } }), false);
  assert.equal(matches({ matchLabels: { team: '' } }), false);
  assert.equal(matches({ matchLabels: { constructor: 'x' } }), false);
});

test('expressions are those of Kubernetes', () => {
  const by = (key: string, operator: string, values?: readonly string[]): boolean =>
    matches({ matchExpressions: [{ key, operator, ...(values === undefined ? {} : { values }) }] });
  assert.deepEqual(
    [by('team', 'In', ['a', 'shop']), by('team', 'In', ['a']), by('x', 'In', ['a'])],
    [true, false, false],
  );
  assert.deepEqual(
    [by('team', 'NotIn', ['shop']), by('team', 'NotIn', ['a']), by('x', 'NotIn', ['a'])],
    [false, true, true],
  );
  assert.deepEqual([by('team', 'Exists'), by('x', 'Exists')], [true, false]);
  assert.deepEqual([by('team', 'DoesNotExist'), by('x', 'DoesNotExist', [])], [false, true]);
});

test('what is no selector is refused, without a word of it', () => {
  const canary = 'canary-7f3a';
  for (const bad of [
    `"${canary}"`,
    '[]',
    'null',
    '1',
    `{"${canary}":1}`,
    '{"matchLabels":[]}',
    '{"matchLabels":{"a":1}}',
    '{"matchExpressions":{}}',
    '{"matchExpressions":[1]}',
    `{"matchExpressions":[{"key":"a","operator":"${canary}"}]}`,
    '{"matchExpressions":[{"key":"a","operator":"In"}]}',
    '{"matchExpressions":[{"key":"a","operator":"In","values":[]}]}',
    '{"matchExpressions":[{"key":"a","operator":"Exists","values":["a"]}]}',
    '{"matchExpressions":[{"operator":"Exists"}]}',
    '{"matchExpressions":[{"key":"a","operator":"In","values":[1]}]}',
    JSON.stringify({ matchLabels: Object.fromEntries(Array.from({ length: 101 }, (_, at) => [`k${at}`, 'v'])) }),
  ])
    assert.throws(
      () => selectorOf(JSON.parse(bad)),
      (error: Error) => /namespace_selector: /.test(error.message) && !error.message.includes(canary),
      bad,
    );
});
