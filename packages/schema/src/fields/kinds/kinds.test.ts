import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scanJson } from '../../json/scan.ts';
import { JsonNumber } from '../../json/value.ts';
import { RawJson } from '../../json/raw.ts';
import { Secret } from '../../secret.ts';
import { type Kind, Refused } from '../kind.ts';
import { map, object, raw } from './json.ts';
import { integers, keyvalues, list } from './list.ts';
import { boolean, integer, limit, natural } from './number.ts';
import { name, oneOf, path, secret, string } from './text.ts';
import { duration, lease, time } from './time.ts';

/** The value as something `deepEqual` compares by content. */
const shown = (value: unknown): unknown => {
  if (value instanceof Secret) return value.revealText();
  if (value instanceof RawJson) return value.text();
  if (value instanceof Date) return value.toISOString();
  return value instanceof Map ? [...(value as Map<unknown, unknown>)] : value;
};

const coerced = <T>(kind: Kind<T>, json: string): unknown =>
  shown(kind.coerce(scanJson(new TextEncoder().encode(json))));

type Case = readonly [json: string, value: unknown];
const takes = <T>(kind: Kind<T>, cases: readonly Case[]): void => {
  for (const [json, value] of cases) assert.deepEqual(coerced(kind, json), value, `${kind.name} ${json}`);
};
const refuses = <T>(kind: Kind<T>, cases: readonly string[]): void => {
  for (const json of cases) assert.throws(() => coerced(kind, json), Refused, `${kind.name} ${json}`);
};
const refusesText = <T>(kind: Kind<T>, cases: readonly string[]): void => {
  for (const text of cases) assert.throws(() => kind.form(text), Refused, `${kind.name} ${text}`);
};

test('a text takes scalars as old clients send them', () => {
  takes(string, [
    ['"a"', 'a'],
    ['""', ''],
    ['"\\u00e9\\n"', 'é\n'],
    ['1.50', '1.50'],
    ['9007199254740993', '9007199254740993'],
    ['true', '1'],
    ['false', '0'],
  ]);
  refuses(string, ['[]', '{}', '["a"]', 'null']);
  assert.equal(string.form(' a '), ' a ');
});

test('S1: a name is one printable segment', () => {
  takes(name, [
    ['"a b"', 'a b'],
    ['7', '7'],
    ['"é"', 'é'],
    [`"${'x'.repeat(512)}"`, 'x'.repeat(512)],
  ]);
  refuses(name, [
    '""',
    '"a/b"',
    '" a"',
    '"a\\u00a0"',
    '"a\\u0000"',
    '"a\\u200b"',
    '"a\\u202eb"',
    '"a\\n"',
    `"${'x'.repeat(513)}"`,
    '[]',
  ]);
  refusesText(name, ['', '/', 'a\u0085b']);
});

test('a path is printable', () => {
  takes(path, [
    ['"a/b c/"', 'a/b c/'],
    ['""', ''],
  ]);
  refuses(path, ['"a\\u0000"', '"a\\u2028b"', '{}']);
});

test('integers come as numbers or decimal text, and only where a number holds them exactly', () => {
  takes(integer, [
    ['7', 7],
    ['-7', -7],
    ['-0', 0],
    ['" 7 "', 7],
    ['"+7"', 7],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['true', 1],
  ]);
  refuses(integer, ['1.0', '1e3', '"0x10"', '9007199254740993', '"x"', '""', '[1]', '{}', `"${'1'.repeat(40)}"`]);
  takes(natural, [['0', 0]]);
  refuses(natural, ['-1', '"-1"', '1.5']);
});

test('booleans come as words and digits too', () => {
  takes(boolean, [
    ['true', true],
    ['false', false],
    ['"true"', true],
    ['"T"', true],
    ['"1"', true],
    ['1', true],
    ['0', false],
    ['"False"', false],
  ]);
  refuses(boolean, ['"yes"', '2', '"tRue"', '[]', '""']);
});

test('a limit is a whole number, and 0, less than 0 and "max" are all', () => {
  takes(limit, [
    ['20', 20],
    ['"20"', 20],
    ['"max"', 0],
    ['0', 0],
    ['"-1"', 0],
    ['"999999999999999"', 999_999_999_999_999],
  ]);
  assert.deepEqual([limit.form('7'), limit.form('max'), limit.form('+7')], [7, 0, 7]);
  refuses(limit, ['"x"', '1.5', '"1e3"', '"MAX"', `"${'9'.repeat(40)}"`, '[]']);
});

test('a lease time may be the system’s, by name or as -1', () => {
  takes(lease, [
    ['"system"', 0],
    ['-1', 0],
    ['"-1"', 0],
    ['"1h"', 3600],
    ['60', 60],
  ]);
  assert.deepEqual([lease.form('system'), lease.flag('-1'), lease.form('1h')], [0, 0, 3600]);
  refuses(lease, ['-2', '"System"', '"-1s"', 'true', '[]']);
});

test('durations are whole seconds, not negative', () => {
  takes(duration, [
    ['0', 0],
    ['90', 90],
    ['1.9', 1],
    ['"90"', 90],
    ['"1h30m"', 5400],
    ['"1.5h"', 5400],
    ['"7d"', 604_800],
    ['"1500ms"', 1],
  ]);
  refuses(duration, ['-1', '"-1s"', '"1.5d"', '"10x"', '1e300', 'true', '[]', '{}', '99999999999']);
});

test('moments are RFC 3339 or seconds since 1970', () => {
  takes(time, [
    ['"2026-08-21T08:00:00Z"', '2026-08-21T08:00:00.000Z'],
    ['"2026-08-21T08:00:00.123456789+02:30"', '2026-08-21T05:30:00.123Z'],
    ['"2026-08-21t08:00:00.1-01:00"', '2026-08-21T09:00:00.100Z'],
    ['"2024-02-29T00:00:00z"', '2024-02-29T00:00:00.000Z'],
    ['"0001-01-01T00:00:00Z"', '0001-01-01T00:00:00.000Z'],
    ['1700000000', '2023-11-14T22:13:20.000Z'],
    ['"1700000000"', '2023-11-14T22:13:20.000Z'],
  ]);
  const bad = [
    '2026-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:60:00Z',
    '2026-01-01T00:00:60Z',
  ];
  refuses(time, [
    ...bad.map(text => `"${text}"`),
    '"2026-01-01"',
    '"2026-01-01T00:00:00"',
    '"2026-01-01T00:00:00+24:00"',
    '"now"',
    '1.5',
    'true',
    '[]',
  ]);
});

test('lists come as JSON or with commas', () => {
  takes(list, [
    ['["a"," b ",1,true]', ['a', 'b', '1', '1']],
    ['[]', []],
    ['"a, b,,c,"', ['a', 'b', 'c']],
    ['""', []],
    ['7', ['7']],
  ]);
  refuses(list, ['{}', '[[]]', '[null]', '[{}]']);
  takes(integers, [
    ['[1,"2"]', [1, 2]],
    ['"1, 2"', [1, 2]],
    ['3', [3]],
    ['""', []],
  ]);
  refuses(integers, ['[1.5]', '["x"]', '"1,x"', '{}', '[null]']);
});

test('pairs come as an object, a list or one text', () => {
  takes(keyvalues, [
    [
      '{"a":"b","c":1,"d":null,"constructor":""}',
      [
        ['a', 'b'],
        ['c', '1'],
        ['d', ''],
        ['constructor', ''],
      ],
    ],
    [
      '["a=b","c=d=e"," f = g "]',
      [
        ['a', 'b'],
        ['c', 'd=e'],
        ['f', 'g'],
      ],
    ],
    ['"a=b"', [['a', 'b']]],
    ['""', []],
    ['{}', []],
  ]);
  refuses(keyvalues, ['{"a":{}}', '{"a":[]}', '["a"]', '["=b"]', '"a"', '[null]', '1']);
});

test('JSON is taken as it came', () => {
  takes(raw, [
    ['{"a":  1.0}', '{"a":  1.0}'],
    ['null', 'null'],
  ]);
  takes(object, [['{"a":  1.0}', '{"a":  1.0}']]);
  takes(map, [['{"a":1.0}', [['a', new JsonNumber('1.0')]]]]);
  const noObjects = ['[]', '"{}"', '1', 'null'];
  refuses(object, noObjects);
  refuses(map, noObjects);
  assert.equal(shown(raw.form('a"b')), '"a\\"b"');
  assert.equal(shown(object.form('{"a":1}')), '{"a":1}');
  refusesText(object, ['', '[]', '{', '{"a":1,"a":2}']);
  refusesText(map, ['1']);
});

test('a secret is its bytes, and a copy of them', () => {
  const bytes = new TextEncoder().encode('"s3cret é"');
  const value = secret.coerce(scanJson(bytes));
  bytes.fill(0x20);
  assert.equal(value.revealText(), 's3cret é');
  assert.equal(value.toString(), '[secret]');
  assert.equal(secret.form('\ufeffa').revealText(), '\ufeffa');
  takes(secret, [
    ['"a\\"\\u00e9"', 'a"é'],
    ['12', '12'],
  ]);
  refuses(secret, ['[]', '{}', 'null']);
});

test('one of a few words, exactly', () => {
  const kind = oneOf(['', 'unauth', 'hidden']);
  takes(kind, [
    ['"unauth"', 'unauth'],
    ['""', ''],
  ]);
  refuses(kind, ['"UNAUTH"', '"other"', '[]']);
  assert.equal(kind.emptyIsAbsent, false);
  assert.equal(oneOf(['a']).emptyIsAbsent, true);
  assert.throws(() => kind.form('x'), /expected one of "", "unauth", "hidden"/);
});
