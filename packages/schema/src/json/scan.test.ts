import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CofferError } from '../errors.ts';
import { scanJson, scanLimits } from './scan.ts';

const utf8 = new TextEncoder();
const bytesOf = (text: string): Uint8Array => utf8.encode(text);

const refusal = (bytes: Uint8Array): string => {
  try {
    scanJson(bytes);
  } catch (error) {
    assert.ok(error instanceof CofferError);
    assert.equal(error.code, 'malformed_body');
    return error.publicMessage;
  }
  return assert.fail('it was accepted');
};

const good = [
  'null',
  'true',
  'false',
  '0',
  '-0',
  '-1.5e+10',
  '1E5',
  '12345678901234567890',
  '""',
  '"a\\"b\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00"',
  '"é€😀\u007f"',
  '[]',
  '{}',
  '[[],{}, [1 , 2]]',
  '{"a":{"a":[{"a":1},{"a":2}]},"b":null}',
  '{"":1}',
  '{"a":1,"b":{"b":1},"c":{"a":1}}',
];

test('what JSON.parse accepts, the scanner accepts, with its bytes unchanged', () => {
  for (const text of good) {
    JSON.parse(text);
    assert.equal(scanJson(bytesOf(text)).text(), text);
    assert.equal(scanJson(bytesOf(` \t\r\n${text} \n`)).text(), text);
  }
});

const bad: readonly (readonly [string, string])[] = [
  ['', 'the input ends where a value is expected at byte 0'],
  [' ', 'the input ends where a value is expected at byte 1'],
  ['\ufeff1', 'an unexpected character at byte 0'],
  ['1 2', 'something after the value at byte 2'],
  ['{}}', 'something after the value at byte 2'],
  ['[', 'the input ends where a value is expected at byte 1'],
  ['[1', 'the input ends inside an array at byte 2'],
  ['{"a":1', 'the input ends inside an object at byte 6'],
  ['[1,]', 'an unexpected character at byte 3'],
  ['[1 2]', 'expected "," or "]" at byte 3'],
  ['[1}', 'expected "," or "]" at byte 2'],
  ['{"a":1]', 'expected "," or "}" at byte 6'],
  ['{"a" 1}', 'expected ":" at byte 5'],
  ['{"a":}', 'an unexpected character at byte 5'],
  ['{a:1}', 'expected the name of a member at byte 1'],
  ['{"a":1,}', 'expected the name of a member at byte 7'],
  ["'a'", 'an unexpected character at byte 0'],
  ['NaN', 'an unexpected character at byte 0'],
  ['nul', 'an unexpected character at byte 0'],
  ['tru3', 'an unexpected character at byte 0'],
  ['01', 'an invalid number at byte 0'],
  ['1.', 'an invalid number at byte 0'],
  ['.5', 'an invalid number at byte 0'],
  ['+1', 'an invalid number at byte 0'],
  ['1e', 'an invalid number at byte 0'],
  ['--1', 'an invalid number at byte 0'],
  ['"a', 'the input ends inside a string at byte 2'],
  ['"\n"', 'a control character at byte 1'],
  ['"\u0000"', 'a control character at byte 1'],
  ['"\\x"', 'an invalid escape at byte 1'],
  ['"\\u12g4"', 'an invalid escape at byte 1'],
  ['"\\u12', 'an invalid escape at byte 1'],
  ['"\\', 'an invalid escape at byte 1'],
  ['"\\ud800"', 'half a surrogate pair at byte 1'],
  ['"\\udc00"', 'half a surrogate pair at byte 1'],
  ['"\\ud800\\u0041"', 'half a surrogate pair at byte 1'],
  ['"\\udc00\\ud800"', 'half a surrogate pair at byte 1'],
  ['/**/1', 'an unexpected character at byte 0'],
];

test('what is not JSON is refused, with what is wrong and where', () => {
  for (const [text, reason] of bad) assert.equal(refusal(bytesOf(text)), `failed to parse JSON input: ${reason}`, text);
});

const badUtf8 = [
  [0x80],
  [0xbf],
  [0xc0, 0xaf],
  [0xc1, 0xbf],
  [0xc3],
  [0xe0, 0x80, 0xaf],
  [0xe2, 0x82],
  [0xed, 0xa0, 0x80],
  [0xed, 0xbf, 0xbf],
  [0xf0, 0x80, 0x80, 0xaf],
  [0xf4, 0x90, 0x80, 0x80],
  [0xf5, 0x80, 0x80, 0x80],
  [0xff],
];

test('S13: bytes that are not UTF-8 are refused: overlong, surrogates, too high, cut off', () => {
  for (const sequence of badUtf8) {
    assert.match(refusal(Uint8Array.from([0x22, ...sequence, 0x22])), /invalid UTF-8 at byte 1$/);
    assert.match(refusal(Uint8Array.from([0x22, ...sequence])), /at byte \d$/);
  }
});

test('the first and last characters of each length in UTF-8 are accepted', () => {
  const edges = [
    0x7f, 0x80, 0x7ff, 0x800, 0xfff, 0x1000, 0xcfff, 0xd000, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x3ffff, 0x40000, 0xfffff,
    0x100000, 0x10ffff,
  ];
  for (const code of edges)
    assert.equal(scanJson(bytesOf(`"${String.fromCodePoint(code)}"`)).value(), String.fromCodePoint(code));
  for (const tail of [0x7f, 0xc0]) {
    for (const start of [[0xc3], [0xe2, 0x82], [0xf0, 0x9f, 0x98]]) {
      assert.match(refusal(Uint8Array.from([0x22, ...start, tail, 0x22])), /invalid UTF-8/);
    }
  }
  assert.match(refusal(Uint8Array.from([0x22, 0xf0, 0x9f, 0x20, 0x80, 0x22])), /invalid UTF-8/);
});

test('S13: a name used twice in one object is refused, however it is written', () => {
  const many = Array.from({ length: 40 }, (_, index) => `"k${index}":${index}`).join(',');
  const twice = [
    '{"a":1,"a":2}',
    '{"a":1,"\\u0061":2}',
    '{"\\u0061":1,"a":2}',
    '{"é":1,"\\u00e9":2}',
    `{${many},"k3":1}`,
    `{${many},"k39":1}`,
  ];
  for (const text of twice)
    assert.match(refusal(bytesOf(text)), /a member name that was used before at byte \d+$/, text);
  assert.match(refusal(bytesOf('{"b":{"x":{},"a":[{"c":1}]},"b":1}')), /used before/);
});

test('S13: `__proto__` is no member name, however it is written', () => {
  for (const name of ['__proto__', '\\u005f_proto__', '__prot\\u006f__']) {
    assert.match(refusal(bytesOf(`{"a":[{"${name}":1}]}`)), /a member name that is not allowed at byte 8$/);
  }
  assert.equal(scanJson(bytesOf('{"constructor":1,"__proto":2,"a__proto__":3}')).type, 'object');
});

test('S13: depth is bounded', () => {
  const nested = (depth: number): Uint8Array => bytesOf('['.repeat(depth) + ']'.repeat(depth));
  scanJson(nested(scanLimits.depth));
  assert.match(refusal(nested(scanLimits.depth + 1)), /nested deeper than 64 at byte 64$/);
  assert.match(refusal(bytesOf('{"a":'.repeat(1_000_000))), /nested deeper than 64/);
});

test('S13: members are bounded over all objects together', () => {
  const flat = (count: number): Uint8Array =>
    bytesOf(`{${Array.from({ length: count }, (_, index) => `"${index}":1`).join(',')}}`);
  scanJson(flat(scanLimits.keys));
  assert.match(refusal(flat(scanLimits.keys + 1)), /more than 10000 members/);
  const spread = `[${Array.from({ length: scanLimits.keys + 1 }, () => '{"a":1}').join(',')}]`;
  assert.match(refusal(bytesOf(spread)), /more than 10000 members/);
});

const list = (count: number): Uint8Array => bytesOf(`[${'1,'.repeat(count - 2)}1]`);

test('S13: values are bounded', () => {
  scanJson(list(scanLimits.values));
  assert.match(refusal(list(scanLimits.values + 1)), /more than 100000 values/);
});

test('S13: the length of a number is bounded', () => {
  scanJson(bytesOf('1'.repeat(scanLimits.numberCharacters)));
  assert.match(
    refusal(bytesOf('1'.repeat(scanLimits.numberCharacters + 1))),
    /a number of more than 1000 characters at byte 0$/,
  );
  assert.match(refusal(bytesOf('1'.repeat(5_000_000))), /a number of more than/);
});

test('a caller may set its own limits', () => {
  assert.throws(() => scanJson(bytesOf('[[1]]'), { depth: 1 }), /nested deeper than 1 at byte 1/);
  assert.throws(() => scanJson(bytesOf('{"a":1,"b":1}'), { keys: 1 }), /more than 1 members/);
});

test('S11: a refusal never repeats what was read', () => {
  const canary = 'kanarienvogel8019210420527506405';
  const texts = [
    `"${canary}`,
    `{"${canary}":1,"${canary}":2}`,
    `[${canary}]`,
    `{"a":"${canary}" x}`,
    '08019210420527506405',
  ];
  for (const text of texts) assert.doesNotMatch(refusal(bytesOf(text)), /kanarien|80192104/);
});
