import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Secret } from '@coffer/schema/secret.ts';
import { deliveryOf } from './delivery.ts';
import { type Given, pathsOf, wantedOf } from './wanted.ts';

const none: Given = { env: [], file: [], whole: [], prefix: '' };
const canary = 'canary-delivery';

test('each secret is read once', () => {
  const wanted = wantedOf({
    env: ['A=secret/a#x', 'B=/secret/a#y#z'],
    file: ['f=secret/b#k=v'],
    whole: ['secret/a/'],
    prefix: '',
  });
  assert.deepEqual(pathsOf(wanted), ['secret/a', 'secret/b']);
  assert.equal(wanted.env.get('B')?.key, 'y#z');
  assert.deepEqual(wanted.files.get('f'), { path: 'secret/b', key: 'k=v' });
});

test('what is wrong with a flag is said', () => {
  const cases: readonly (readonly [Partial<Given>, RegExp])[] = [
    [{ env: ['A'] }, /expected NAME=PATH#KEY/],
    [{ env: ['=a#b'] }, /expected NAME=PATH#KEY/],
    [{ env: ['A=#b'] }, /expected NAME=PATH#KEY/],
    [{ env: ['A=a#'] }, /expected NAME=PATH#KEY/],
    [{ env: ['1A=a#b'] }, /no name for a variable/],
    [{ env: ['A=a#b', 'A=a#c'] }, /given twice/],
    [{ file: ['f=a'] }, /expected FILE=PATH#KEY/],
    [{ whole: ['/'] }, /expected a path/],
    [{ prefix: '=' }, /-env-prefix/],
  ];
  for (const [given, told] of cases) assert.throws(() => wantedOf({ ...none, ...given }), told);
});

const fetched = (values: { readonly [key: string]: string | Uint8Array }) => ({
  values: new Map(Object.entries(values).map(([key, value]) => [key, Secret.of(value)])),
  version: 1,
});

test('a missing key is told with those there are, without values', () => {
  const wanted = wantedOf({ ...none, env: ['A=secret/a#nope'] });
  const all = new Map([['secret/a', fetched({ one: canary, two: canary })]]);
  assert.throws(
    () => deliveryOf(wanted, all),
    (error: Error) => error.message === 'secret/a: no key "nope"; it has one, two' && !error.message.includes(canary),
  );
});

test('whole secrets give no variable that steers programs or is no text; naming one does', () => {
  const values = {
    LD_PRELOAD: 'x',
    PATH: 'x',
    BASH_ENV: 'x',
    'a b': 'x',
    zero: 'a\0b',
    raw: Uint8Array.of(255),
    fine: 'y',
  };
  const all = new Map([['secret/a', fetched(values)]]);
  const { env, unfit } = deliveryOf(wantedOf({ ...none, whole: ['secret/a'], env: ['PATH=secret/a#PATH'] }), all);
  assert.deepEqual(
    [...env],
    [
      ['fine', 'y'],
      ['PATH', 'x'],
    ],
  );
  assert.equal(unfit.length, 6);
  assert.throws(() => deliveryOf(wantedOf({ ...none, env: ['A=secret/a#raw'] }), all), /not text; give it as a file/);
});
