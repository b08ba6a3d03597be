import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CofferError } from '@coffer/schema/errors.ts';
import { checkKey, keyOf, orderOf } from './key.ts';

const texts = [
  '',
  'a',
  'z',
  '\u0000',
  '\u007f',
  '\u0080',
  '\u07ff',
  '\u0800',
  '\ud7ff',
  '\ue000',
  '\uf8ff',
  '\uffff',
  '\u{10000}',
  '\u{1f600}',
  '\u{10ffff}',
];
const sign = (a: number): number => Math.sign(a);

test('orders compare as the UTF-8 bytes of their keys do, and lead back to the keys', () => {
  for (const head of texts)
    for (const a of texts)
      for (const b of texts) {
        const [left, right] = [`${head}${a}`, `${head}${b}`];
        const bytes = sign(Buffer.compare(Buffer.from(left), Buffer.from(right)));
        const orders = orderOf(left) === orderOf(right) ? 0 : orderOf(left) < orderOf(right) ? -1 : 1;
        assert.equal(orders, bytes, JSON.stringify([left, right]));
        assert.equal(keyOf(orderOf(left)), left);
      }
});

const refused = (key: string): void =>
  assert.throws(
    () => checkKey(key),
    (error: unknown) => error instanceof CofferError && error.code === 'invalid_request',
  );

test('keys that are empty, ill-formed or longer than 1,024 bytes are refused', () => {
  for (const key of ['', '\ud800', 'a\udc00b', 'x'.repeat(1_025), 'é'.repeat(513), '\u{1f600}'.repeat(257)])
    refused(key);
  for (const key of ['x', 'x'.repeat(1_024), 'é'.repeat(512), '\u{1f600}'.repeat(256)]) checkKey(key);
});
