import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readYaml } from './yaml.ts';

const canary = 'canary-7f3a';
const read = (text: string) => readYaml(new TextEncoder().encode(text));
const lines = (text: string) => read(text).map(one => [one.line, one.fault]);

test('every document of a file is read, with its line', () => {
  const found = read('# head\nkind: A\n---\n# c\nkind: B\n---\n---\nkind: C\n...\n');
  assert.deepEqual(
    found
      .filter(one => one.value !== null)
      .map(one => [one.line, one.value instanceof Map ? one.value.get('kind') : '']),
    [
      [2, 'A'],
      [5, 'B'],
      [8, 'C'],
    ],
  );
});

test('a part of a document has its line', () => {
  const [list] = read('---\nkind: List\nitems:\n- kind: A\n- kind: B\n');
  assert.equal(list?.lineOf(['items', 1]), 5);
  const [json] = read('{"kind":"List",\n"items":[\n{"kind":"A"},\n{"kind":"B"}]}');
  assert.equal(json?.lineOf(['items', 1]), 4);
});

test('a marker inside a block of text starts no document; dashes of a certificate neither', () => {
  const found = read('a: |\n  ---\n  -----BEGIN X-----\nb: "--- x"\n');
  assert.equal(found.length, 1);
});

test('what is broken is named by its line and takes no other document with it', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    [`a: "${canary}\nb: 1\n`, /^not valid YAML: a closing quote/],
    [`a: ${canary}\na: 2\n`, /a key stands twice/],
    [`a: [${canary}\n`, /^not valid YAML/],
    [`a: !secret ${canary}\n`, /a custom tag/],
    [`a: *${canary}\n`, /aliases stand for/],
    [`a:\n\t- ${canary}\n`, /^not valid YAML/],
    [`a: @${canary}\n`, /reserved character/],
    [`  ${canary}: 1\n b: 2\n`, /^not valid YAML/],
    [`{"a": ${canary}`, /^not valid YAML/],
    [`{{ .Values.${canary} }}\n`, /^not valid YAML|a key/],
    [`${'['.repeat(300)}${canary}`, /brackets deep/],
    [`${'- '.repeat(20_000)}${canary}`, /not valid YAML/],
  ];
  for (const [text, fault] of cases) {
    const found = read(`kind: A\n---\n${text}\n---\nkind: B\n`);
    assert.equal(found.length, 3, text.slice(0, 40));
    assert.match(found[1]?.fault ?? '', fault);
    assert.ok((found[1]?.line ?? 0) >= 2 && (found[1]?.line ?? 0) < 8, text.slice(0, 40));
    assert.deepEqual(found[2]?.value, new Map([['kind', 'B']]));
    assert.ok(!found.some(one => one.fault.includes(canary)));
  }
});

test('S13: aliases cannot grow without bound', () => {
  let text = 'a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n';
  for (let level = 1; level < 12; level += 1) {
    text += `a${level}: &a${level} [${Array.from({ length: 10 }, () => `*a${level - 1}`).join(',')}]\n`;
  }
  assert.deepEqual(lines(text), [[1, 'aliases stand for too much, or for nothing']]);
});

test('S13: member names are no properties', () => {
  const [one] = read('__proto__: {a: 1}\nconstructor: b\n');
  assert.ok(one?.value instanceof Map);
  assert.deepEqual([...one.value.keys()], ['__proto__', 'constructor']);
});

test('keys stay text as they are written, other values keep their kind', () => {
  const [one] = read('8080: a\nyes: "1"\n1.10: b\nt: true\nn: 5\n');
  assert.deepEqual(
    one?.value,
    new Map<string, unknown>([
      ['8080', 'a'],
      ['yes', '1'],
      ['1.10', 'b'],
      ['t', true],
      ['n', 5],
    ]),
  );
});

test('bytes that are no text are one fault', () => {
  assert.deepEqual(
    readYaml(Uint8Array.of(0x61, 0xff)).map(one => one.fault),
    ['not UTF-8 text'],
  );
});

test('S13: what would take memory or time without bound is refused before it is read', () => {
  for (const text of [`a: [${'[],'.repeat(2_100_000)}]`, `a:\n${'- x\n'.repeat(2_100_000)}`]) {
    assert.match(read(text)[0]?.fault ?? '', /lines and commas/);
  }
});

test('S13: a key that stands twice is found among very many', () => {
  const keys = Array.from({ length: 20_000 }, (_, at) => `k${at}: v\n`).join('');
  assert.equal(read(keys)[0]?.fault, '');
  assert.deepEqual(lines(`${keys}k7: ${canary}\n`), [[20_001, 'not valid YAML: a key stands twice']]);
});
