import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HclError } from './error.ts';
import { parseHcl } from './parse.ts';
import * as read from './read.ts';
import type { HclItem, HclValue } from './tree.ts';

const itemOf = (text: string): HclItem => {
  const [item] = parseHcl(text).items;
  assert.ok(item);
  return item;
};
const valueOf = (text: string): HclValue => itemOf(`v = ${text}`).value;

const check = <T>(
  reader: (value: HclValue) => T,
  good: readonly (readonly [string, T])[],
  bad: readonly string[],
): void => {
  for (const [text, want] of good) assert.deepEqual(reader(valueOf(text)), want, text);
  for (const text of bad) assert.throws(() => reader(valueOf(text)), HclError, text);
};

test('a text is a text or an integer as written', () => {
  check(
    read.readText,
    [
      ['"a"', 'a'],
      ['0x1F', '0x1F'],
      ['-5', '-5'],
    ],
    ['1.5', 'true', '[]', '{}'],
  );
});

test('an integer knows hexadecimal, octal, quotes and its bounds', () => {
  check(
    read.readInteger,
    [
      ['5', 5],
      ['"5"', 5],
      ['0x1F', 31],
      ['0755', 493],
      ['-5', -5],
      ['0', 0],
      ['"0x10"', 16],
    ],
    ['1.5', '1e3', '"a"', '""', '"08"', 'true', '9223372036854775808', '9007199254740993', '[1]'],
  );
});

test('a bool reads as Go reads it, a strict one only bare', () => {
  check(
    read.readBool,
    [
      ['true', true],
      ['"T"', true],
      ['"0"', false],
      ['2', true],
      ['0', false],
    ],
    ['"yes"', '""', '[]'],
  );
  check(
    read.readStrictBool,
    [
      ['true', true],
      ['false', false],
    ],
    ['"true"', '1'],
  );
});

test('seconds are integers or durations', () => {
  check(
    read.readSeconds,
    [
      ['90', 90],
      ['"90"', 90],
      ['"1h30m"', 5400],
      ['"7d"', 604_800],
      ['""', 0],
    ],
    ['1.5', '"abc"', 'true', '[]'],
  );
});

test('lists of texts', () => {
  check(
    read.readTexts,
    [
      ['["a", 1]', ['a', '1']],
      ['[]', []],
    ],
    ['"a"', '[true]', '[[]]'],
  );
  check(
    read.readTextsOrCommas,
    [
      ['["a,b"]', ['a,b']],
      ['"a, b,,c"', ['a', 'b', 'c']],
      ['""', []],
    ],
    ['true', '[true]'],
  );
});

const blocks = (text: string, count: number): string[] =>
  parseHcl(text).items.flatMap(item =>
    read
      .readBlocks(item, count)
      .map(block => `${block.labels.map(label => label.text).join('|')}:${block.body.items.length}`),
  );

test('blocks take their labels from the item or from the members of its value', () => {
  assert.deepEqual(blocks('p "a" { x = 1 } p "b" {}', 1), ['a:1', 'b:0']);
  assert.deepEqual(blocks('{"p": {"a": {"x": 1}, "b": {}}}', 1), ['a:1', 'b:0']);
  assert.deepEqual(blocks('{"p": [{"a": {}}, {"b": [{}, {"y": 2}]}]}', 1), ['a:0', 'b:0', 'b:1']);
  assert.deepEqual(blocks('{"audit": {"file": {"out": {"x": 1}}}}', 2), ['file|out:1']);
  assert.deepEqual(blocks('p = { "a" = { x = 1 } }', 1), ['a:1']);
  assert.deepEqual(blocks('telemetry { x = 1 }', 0), [':1']);
});

test('a block with too few or too many labels is refused where it stands', () => {
  for (const [text, count, want] of [
    ['p { x = 1 }', 1, 'At 1:3: "p" takes 1 label'],
    ['p "a" "b" {}', 1, 'At 1:7: "p" takes 1 label'],
    ['p "a" {}', 0, 'At 1:3: "p" takes 0 labels'],
    ['p = { q "a" "b" {} }', 2, 'At 1:13: "p" takes 2 labels'],
    ['{"p": {"a": 1}}', 1, 'At 1:13: expected a block { … }'],
    ['p = 1', 0, 'At 1:5: expected a block { … }'],
  ] as const) {
    assert.throws(() => blocks(text, count), { message: want }, text);
  }
});

test('S11: a refusal names what was expected, never the value', () => {
  const canary = 'canary7f3a';
  for (const reader of [
    read.readInteger,
    read.readBool,
    read.readStrictBool,
    read.readSeconds,
    read.readTexts,
    read.readObject,
  ]) {
    assert.throws(
      () => reader(valueOf(`"${canary}"`)),
      (error: Error) => error instanceof HclError && !error.message.includes(canary),
    );
  }
});
