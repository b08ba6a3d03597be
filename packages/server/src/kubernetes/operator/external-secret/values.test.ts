import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  checkKey,
  checkNullByte,
  type ConversionStrategy,
  convertedKey,
  convertedKeys,
  type DecodingStrategy,
  decodedValue,
} from './values.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (value: Uint8Array): string => new TextDecoder().decode(value);

const keys: readonly [key: string, strategy: ConversionStrategy, converted: string][] = [
  ['plain.key-1_a', 'Default', 'plain.key-1_a'],
  ['team/db pass', 'Default', 'team_db_pass'],
  ['team/db', 'Unicode', 'team_U002f_db'],
  ['a\u{1F600}b', 'Unicode', 'a_U1f600_b'],
];

test('characters that no key may have are converted', () => {
  for (const [key, strategy, converted] of keys) assert.equal(convertedKey(key, strategy), converted);
});

test('what still cannot be a key is refused, without being shown', () => {
  for (const key of ['', 'canary ä', 'k'.repeat(254)])
    assert.throws(
      () => checkKey(key, 'secret "a"'),
      error => !String(error).includes('canary') && /secret "a"/.test(String(error)),
    );
  checkKey('k'.repeat(253), 'secret "a"');
});

test('two names that become one key are refused: one of both would be lost', () => {
  assert.throws(() => convertedKeys(['a/b', 'c', 'a_b'], 'Default', 'secret "x"'), {
    code: 'invalid_request',
    message: /^secret "x": two names in it become the key "a_b"/,
  });
  assert.deepEqual([...convertedKeys(['a/b', 'a_b'], 'Unicode', 'x').keys()], ['a_U002f_b', 'a_b']);
});

const values: readonly [value: string, strategy: DecodingStrategy, decoded: string][] = [
  ['aGk=', 'None', 'aGk='],
  ['aGk=', 'Base64', 'hi'],
  ['aG\nk=\n', 'Base64', 'hi'],
  ['Pz8_', 'Base64URL', '???'],
  ['aGk', 'Base64URL', 'hi'],
  ['aGk=', 'Auto', 'hi'],
  ['Pz8_', 'Auto', '???'],
  ['no base64!', 'Auto', 'no base64!'],
  ['secret', 'Auto', 'secret'],
];

test('values are decoded as the strategy says', () => {
  for (const [value, strategy, decoded] of values)
    assert.equal(text(decodedValue(bytes(value), strategy, 'x')), decoded, `${value} ${strategy}`);
});

test('what is not what it is said to be is refused, without being shown', () => {
  for (const [value, strategy] of [
    ['canary!', 'Base64'],
    ['canary+/', 'Base64URL'],
    ['aGk', 'Base64'],
  ] as const)
    assert.throws(
      () => decodedValue(bytes(value), strategy, 'secret "a"'),
      error => /secret "a": the value is not Base64/.test(String(error)) && !String(error).includes('canary'),
    );
});

test('a byte 0 is refused where the policy says so', () => {
  checkNullByte(new Uint8Array([1, 0]), 'Ignore', 'x');
  checkNullByte(new Uint8Array([1, 2]), 'Fail', 'x');
  assert.throws(
    () => checkNullByte(new Uint8Array([1, 0]), 'Fail', 'secret "a"'),
    /secret "a": the value holds a byte 0/,
  );
});
