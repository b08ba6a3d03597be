import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HclError } from './error.ts';
import { parseHcl } from './parse.ts';
import { depthLimit, textLimit } from './source.ts';
import type { HclItem, HclObject, HclValue } from './tree.ts';

type Plain = string | number | boolean | Plain[] | [string, Plain][];

/** A tree without places: objects as lists of [keys, value]. */
const plain = (value: HclValue): Plain => {
  if (value.kind === 'object') return members(value);
  if (value.kind === 'list') return value.values.map(plain);
  if (value.kind === 'text') return value.text;
  return value.kind === 'bool' ? value.value : `#${value.source}`;
};
const keysOf = (item: HclItem): string => item.keys.map(key => key.text).join('|');
const members = (object: HclObject): [string, Plain][] => object.items.map(item => [keysOf(item), plain(item.value)]);
const read = (text: string): [string, Plain][] => members(parseHcl(text));

test('items, labels, lists and comments read as the language says', () => {
  const cases: readonly (readonly [string, [string, Plain][]])[] = [
    ['', []],
    ['# only\n// comments\n/* here */', []],
    [
      'a = 1 b = 2',
      [
        ['a', '#1'],
        ['b', '#2'],
      ],
    ],
    [
      'a=1, b="x"\r\nc = true',
      [
        ['a', '#1'],
        ['b', 'x'],
        ['c', true],
      ],
    ],
    ['a.b-c_d = false', [['a.b-c_d', false]]],
    ['"q k" = 1', [['q k', '#1']]],
    ['é = 1', [['é', '#1']]],
    ['path "a" "b" { x = 1 }', [['path|a|b', [['x', '#1']]]]],
    [
      'k = { x = 1 } k { x = 2 }',
      [
        ['k', [['x', '#1']]],
        ['k', [['x', '#2']]],
      ],
    ],
    ['l = [1, "a", true, [], { x = 1 },]', [['l', ['#1', 'a', true, [], [['x', '#1']]]]]],
    ['l = [,1,,2,]', [['l', ['#1', '#2']]]],
    ['n = [0x1F, 017, -5, 1.5, .5, 1e3, 1.0e-2]', [['n', ['#0x1F', '#017', '#-5', '#1.5', '#.5', '#1e3', '#1.0e-2']]]],
    ['__proto__ = 1', [['__proto__', '#1']]],
  ];
  for (const [text, want] of cases) assert.deepEqual(read(text), want, text);
});

test('texts keep escapes, interpolation as it stands, and heredocs their lines', () => {
  const cases: readonly (readonly [string, string])[] = [
    [String.raw`v = "a\n\t\"\\\x41\u00e9\U0001F600\101"`, 'a\n\t"\\Aé😀A'],
    ['v = "${"in" + {}\n}"', '${"in" + {}\n}'],
    ['v = "{{ x }} %{ $$"', '{{ x }} %{ $$'],
    ['v = <<EOF\na\n  b\nEOF\n', 'a\n  b\n'],
    ['v = <<EOF\nfoo\n  EOF\n', 'foo\n  '],
    ['v = <<-EOF\n    a\n      b\n    EOF\n', 'a\n  b\n'],
    ['v = <<-EOF\n  a\n b\n  EOF\n', '  a\n b\n'],
    ['v = <<EOF\n"raw \\n"\nEOFX\nEOF\n', '"raw \\n"\nEOFX\n'],
  ];
  for (const [text, want] of cases)
    assert.deepEqual(
      read(text).map(([key, value]) => [key, value]),
      [['v', want]],
      text,
    );
});

test('the JSON form gives the same tree', () => {
  assert.deepEqual(read('{"path": {"a/*": {"capabilities": ["read",]}}, "n": 1.5e3, "t": true, "none": null,}'), [
    ['path', [['a/*', [['capabilities', ['read']]]]]],
    ['n', '#1.5e3'],
    ['t', true],
  ]);
  assert.deepEqual(read(String.raw`{"s": "\u00e9\ud83d\ude00\/\n${'${x}'}", "__proto__": {}}`), [
    ['s', 'é😀/\n${x}'],
    ['__proto__', []],
  ]);
});

test('keys and values know their place, in characters', () => {
  const [first, second] = parseHcl('é = "😀" b = 1\n  p "l" {}').items;
  assert.deepEqual([first?.line, first?.column, first?.value.column], [1, 3, 5]);
  assert.deepEqual([second?.keys[0].line, second?.keys[0].column, second?.value.column], [1, 9, 13]);
  const third = parseHcl('a = 1\n  p "l" {}').items[1];
  assert.deepEqual([third?.keys[1]?.line, third?.keys[1]?.column, third?.value.column], [2, 5, 9]);
});

test('what is no HCL is refused, with line and column', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['a = foo', '1:5: Unknown token: 1:5 IDENT'],
    ['a = null', '1:5: Unknown token: 1:5 IDENT'],
    ['a =', '1:4: Unknown token: 1:4 EOF'],
    ['a =\n}', '2:1: Unknown token: 2:1 RBRACE'],
    ['path "a" = {}', '1:10: nested object expected: LBRACE got: ASSIGN'],
    ['a {\n  b = 1\n', '3:1: object expected closing RBRACE got: EOF'],
    ['}', '1:1: expected: IDENT | STRING | ASSIGN | LBRACE got: RBRACE'],
    ['= 1', '1:1: expected: IDENT | STRING | ASSIGN | LBRACE got: ASSIGN'],
    ['key "hunter2"', "1:1: key 'key' expected start of object ('{') or assignment ('=')"],
    ['l = [1 2]', '1:8: error parsing list, expected comma or list end, got: NUMBER'],
    ['l = [1', '1:7: error parsing list, expected comma or list end, got: EOF'],
    ['l = ["read" }', '1:13: error parsing list, expected comma or list end, got: RBRACE'],
    ['a = 10s', '1:7: a number ends here: put a value with a unit in quotes'],
    ['a = +1', '1:5: illegal char'],
    ['a = 099', '1:5: illegal octal number'],
    ['a = -', '1:5: illegal number'],
    ["a = 'x'", '1:5: illegal char'],
    ['a = 1; b = 2', '1:6: illegal char'],
    ['a = "x\ny"', '1:5: literal not terminated'],
    ['a = "${x"', '1:6: literal not terminated'],
    [String.raw`a = "\q"`, '1:6: illegal char escape'],
    [String.raw`a = "\18"`, '1:6: illegal char escape'],
    [String.raw`a = "\xff"`, '1:6: illegal char escape'],
    [String.raw`a = "\ud800"`, '1:6: illegal char escape'],
    [String.raw`a = "\U00110000"`, '1:6: illegal char escape'],
    ['a = <<EOF\nx\nEOF', '1:5: heredoc not terminated'],
    ['a = << EOF\nx\nEOF\n', '1:5: invalid characters in heredoc anchor'],
    ['a = <<\nx\n', '1:5: zero-length heredoc anchor'],
    ['a = <x', "1:5: expected '<<'"],
    ['/* x', '1:1: comment not terminated'],
    ['/ x', "1:1: expected '/' for comment"],
    ['\ufeffa = 1', '1:1: illegal char (byte order mark)'],
    ['a = "x"\n\0', '2:1: unexpected null character (0x00)'],
    ['a = "\ud800"', '1:6: illegal UTF-8 encoding'],
    ['{"a": 1} x', '1:10: nothing may follow the JSON document'],
    ['{"a": ', '1:7: expected a JSON value'],
    ['{"a" 1}', '1:6: expected: COLON'],
    ['{"a": 1 "b": 2}', '1:9: expected: COMMA | RBRACE'],
    ['{"a": [1 2]}', '1:10: expected: COMMA | RBRACK'],
    ['{"a": [1, null]}', '1:11: null cannot stand in a list'],
    ['{a: 1}', '1:2: expected: STRING'],
    ['{"a": 01}', '1:7: expected a JSON value'],
    ['{"a": truex}', '1:7: expected a JSON value'],
    ['{"a": "\n"}', '1:8: control characters in a JSON string must be escaped'],
    ['{"a": "x', '1:7: literal not terminated'],
    ['{"a": "\\ud800x"}', '1:8: illegal char escape'],
    ['{"a": "\\x41"}', '1:8: illegal char escape'],
    ['{"a": 1, // c\n}', '1:10: expected: STRING'],
  ];
  for (const [text, want] of cases) {
    assert.throws(() => parseHcl(text), { name: 'HclError', message: `At ${want}` }, JSON.stringify(text));
  }
});

test('S11: no value stands in a refusal', () => {
  const canary = 'canary7f3a';
  for (const text of [
    `k = ${canary}`,
    `k "${canary}"`,
    `k = "${canary}`,
    `k = "${canary}\\q"`,
    `k = '${canary}'`,
    `k = [${canary}`,
    `k = <<${canary}\nx`,
    `k = 1${canary}`,
    `{"k": ${canary}}`,
    `{"k": "${canary}`,
    `{"k": "x" "${canary}"}`,
  ]) {
    assert.throws(
      () => parseHcl(text),
      (error: Error) => error instanceof HclError && !error.message.includes(canary),
      text,
    );
  }
});

test('S13: size, depth and number of items are bounded, and a bomb ends in an error', () => {
  const bombs = [
    `a = ${'['.repeat(depthLimit + 1)}`,
    'a {'.repeat(100_000),
    `{"a":${'['.repeat(100_000)}`,
    '{"a":'.repeat(100_000),
    'a=1 '.repeat(100_001),
    `l = [${'1,'.repeat(100_001)}]`,
    'x'.repeat(textLimit + 1),
    `a = "${'${'.repeat(100_000)}`,
    '<<A\n'.repeat(100_000),
  ];
  for (const bomb of bombs) assert.throws(() => parseHcl(bomb), HclError, bomb.slice(0, 20));
});

test('a large document of ordinary shape is read', () => {
  const items = parseHcl('path "é/a" { capabilities = ["read"] } '.repeat(10_000)).items;
  assert.equal(items.length, 10_000);
  assert.equal(items.at(-1)?.line, 1);
});
