import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Secret } from '../secret.ts';
import { RawJson } from './raw.ts';
import { scanJson } from './scan.ts';
import { toPlain } from './text.ts';
import { JsonNumber } from './value.ts';

const raw = (text: string): RawJson => scanJson(new TextEncoder().encode(text));
const shown = (members: ReadonlyMap<string, RawJson>): [string, string][] =>
  [...members].map(([name, part]) => [name, part.text()]);

test('values open into maps, lists, texts and numbers with their source', () => {
  const value = raw('{"a":[1,-2.50,{"b":null}],"\\u00e9":"x\\ny","t":true,"f":false,"e":{},"l":[ ]}').value();
  assert.deepEqual(
    value,
    new Map<string, unknown>([
      ['a', [new JsonNumber('1'), new JsonNumber('-2.50'), new Map([['b', null]])]],
      ['é', 'x\ny'],
      ['t', true],
      ['f', false],
      ['e', new Map()],
      ['l', []],
    ]),
  );
});

test('members are the bytes they came as', () => {
  const text = ' { "a" : {"x":[1, "}]"]} , "b\\n":1.0,"é":"\\"}","c":true, "d":[] ,"z":null}';
  assert.deepEqual(shown(raw(text).members()), [
    ['a', '{"x":[1, "}]"]}'],
    ['b\n', '1.0'],
    ['é', '"\\"}"'],
    ['c', 'true'],
    ['d', '[]'],
    ['z', 'null'],
  ]);
  assert.equal(raw('{}').members().size, 0);
  assert.equal(raw('{ }').members().size, 0);
});

test('only objects have members', () => {
  for (const text of ['[]', '1', '"{}"', 'null']) assert.throws(() => raw(text).members(), TypeError);
});

test('long and short strings open alike', () => {
  for (const text of [
    'a',
    'a'.repeat(100),
    'é'.repeat(3),
    'é'.repeat(100),
    '"\\'.repeat(60),
    '\u0000'.repeat(3),
    '😀',
    '\ufeffa',
    `\ufeff${'a'.repeat(60)}`,
  ]) {
    assert.equal(raw(JSON.stringify(text)).value(), text);
  }
});

test('bytes that hold no value are a mistake of the caller', () => {
  assert.throws(() => new RawJson(new Uint8Array()).value(), TypeError);
});

const plain = (text: string): unknown => toPlain(raw(text).value());

test('applications get numbers, and integers that would lose digits as bigint', () => {
  assert.equal(plain('12'), 12);
  assert.equal(plain('1.5'), 1.5);
  assert.equal(plain('9007199254740993'), 9007199254740993n);
  assert.equal(plain('-8019210420527506405'), -8019210420527506405n);
  const object = plain('{"a":[{"b":1}],"constructor":null}') as Record<string, unknown>;
  assert.equal(Object.getPrototypeOf(object), null);
  assert.equal(JSON.stringify(object), '{"a":[{"b":1}],"constructor":null}');
});

test('long texts without escapes may stay bytes, everything else opens as ever', () => {
  const long = 'a'.repeat(65);
  const cases = [long, 'a'.repeat(64), `${long}é😀`, `${long}\n`, '"'.repeat(40), '', long.repeat(100)];
  const given = { [long]: cases, deep: [[{ x: long, y: null, z: [1.5, true] }]], short: 'x' };
  for (const text of [JSON.stringify(given), JSON.stringify(given, null, 2), JSON.stringify(long)]) {
    const sent = raw(text);
    const lengths: number[] = [];
    const revealed = (value: unknown): unknown => {
      if (value instanceof Secret) {
        lengths.push(value.length);
        return value.revealText();
      }
      if (Array.isArray(value)) return value.map(revealed);
      return value instanceof Map ? new Map([...value].map(([name, member]) => [name, revealed(member)])) : value;
    };
    assert.deepEqual(revealed(sent.valueWithLong()), sent.value());
    assert.ok(lengths.length > 0 && lengths.every(length => length > 64));
  }
});
