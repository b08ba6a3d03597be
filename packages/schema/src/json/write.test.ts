import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Out } from '../out.ts';
import { Secret } from '../secret.ts';
import { RawJson } from './raw.ts';
import { scanJson } from './scan.ts';
import { JsonNumber } from './value.ts';
import { giveBack, writeTransient, writeJson } from './write.ts';

const written = (value: Out): string => new TextDecoder().decode(writeJson(value));
const texts = [
  '',
  'plain',
  '"quoted" \\ back',
  'tab\tnl\n\u0000\u001f\u007f',
  'é€😀',
  'x'.repeat(5000),
  `${'x'.repeat(300)}"é`,
  'é'.repeat(900),
];

test('texts are written as JSON.stringify writes them', () => {
  for (const text of texts) assert.equal(JSON.parse(written(text)), text);
  assert.equal(written('a"\n'), '"a\\"\\n"');
});

test('half a surrogate pair becomes the replacement character, so that the answer stays UTF-8', () => {
  assert.equal(written('a\ud800b'), '"a\ufffdb"');
  assert.equal(written(`${'x'.repeat(200)}\udc00`), `"${'x'.repeat(200)}\ufffd"`);
});

test('every kind of value has its form', () => {
  const value: Out = {
    nothing: undefined,
    none: null,
    yes: true,
    count: 3,
    part: -1.5e-7,
    large: 2n ** 70n,
    exact: new JsonNumber('1.00'),
    when: new Date(Date.UTC(2026, 7, 21, 8, 0, 0, 5)),
    raw: new RawJson(new TextEncoder().encode('{"b":  1.0}')),
    list: [1, undefined, 'a', []],
    map: new Map<string, Out>([
      ['a', 1],
      ['gone', undefined],
      ['é"', {}],
    ]),
  };
  assert.equal(
    written(value),
    '{"none":null,"yes":true,"count":3,"part":-1.5e-7,"large":1180591620717411303424,"exact":1.00,' +
      '"when":"2026-08-21T08:00:00.005Z","raw":{"b":  1.0},"list":[1,null,"a",[]],"map":{"a":1,"é\\"":{}}}',
  );
});

test('a secret is written as the text of its bytes', () => {
  for (const text of texts) assert.equal(JSON.parse(written({ s: Secret.of(text) })).s, text);
  assert.equal(written(Secret.of('a"\u0001\n')), '"a\\"\\u0001\\n"');
});

test('a secret that is no UTF-8 cannot be written', () => {
  for (const bytes of [[0xff], [0xc3], [0x61, 0xed, 0xa0, 0x80]]) {
    assert.throws(() => writeJson(Secret.of(Uint8Array.from(bytes))), TypeError);
  }
});

test('what JSON cannot carry is refused', () => {
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  const bad: unknown[] = [
    NaN,
    Infinity,
    -Infinity,
    new Date(NaN),
    () => 1,
    Symbol('x'),
    new Set([1]),
    Uint8Array.of(1),
    cycle,
    undefined,
  ];
  for (const value of bad) assert.throws(() => writeJson(value as Out), TypeError, typeof value);
});

test('what is written is what the scanner accepts', () => {
  const value: Out = { a: texts, b: texts.map(Secret.of), c: new Map([['k', [1, -0, 1e300]]]) };
  const bytes = writeJson(value);
  assert.deepEqual(scanJson(bytes).bytes, bytes);
});

test('answers that leave at once are the same JSON and never lie on one another, whatever their size, also after a failure', () => {
  const values = Array.from({ length: 300 }, (_, at) => ({ at, text: 'é'.repeat((at * at) % 5000) }));
  const answers = values.map((value, at) => {
    if (at % 7 === 0) assert.throws(() => writeTransient({ lost: 'x'.repeat(at), b: Number.NaN }), TypeError);
    return writeTransient(value);
  });
  const large = writeTransient('x'.repeat(200_000));
  for (const [at, value] of values.entries())
    assert.deepEqual(JSON.parse(new TextDecoder().decode(answers[at])), value);
  assert.equal(large.length, 200_002);
});

test('a value in a frame is the same JSON, written, as bytes, opened and as a type', () => {
  const inner = scanJson(new TextEncoder().encode('{"a":"é","b":[1]}')).bytes;
  const framed = new RawJson(inner, { before: '{"data":', after: ',"more":"yes"}' });
  const whole = { data: { a: 'é', b: [1] }, more: 'yes' };
  assert.equal(new TextDecoder().decode(writeJson({ x: framed, y: 1 })), `{"x":${JSON.stringify(whole)},"y":1}`);
  assert.equal(framed.text(), JSON.stringify(whole));
  assert.deepEqual([framed.type, [...framed.members().keys()]], ['object', ['data', 'more']]);
  assert.deepEqual(framed.inner, inner);
});

test('bytes that were not given back stay as they are, whatever is given back around them', () => {
  // A linear congruential generator: the same run each time.
  let state = 7;
  const below = (limit: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return state % limit;
  };
  const held: { readonly bytes: Uint8Array; readonly text: string }[] = [];
  for (let turn = 0; turn < 5_000; turn++) {
    if (below(3) > 0 || held.length === 0) {
      const text = JSON.stringify(String(turn).repeat(1 + below(900)));
      held.push({ bytes: writeTransient(JSON.parse(text)), text });
    } else {
      const [one] = held.splice(below(held.length), 1);
      if (one !== undefined && below(10) > 0) giveBack(one.bytes);
    }
    if (below(20) === 0) for (const { bytes } of held.splice(0)) giveBack(bytes);
    for (const { bytes, text } of held) assert.equal(new TextDecoder().decode(bytes), text);
  }
});

test('one after the other they lie in the same place', () => {
  // Behind what others have kept.
  for (let turn = 0; turn < 40; turn++) giveBack(writeTransient('x'.repeat(2_000)));
  const [one, other] = [0, 1].map(() => {
    const bytes = writeTransient('some text');
    giveBack(bytes);
    return bytes;
  });
  assert.equal(one?.buffer, other?.buffer);
  assert.equal(one?.byteOffset, other?.byteOffset);
});

test('bytes from elsewhere are nothing to give back', () => {
  const kept = writeTransient('kept');
  for (let turn = 0; turn < 3; turn++) giveBack(new Uint8Array(10));
  writeTransient('next');
  assert.equal(new TextDecoder().decode(kept), '"kept"');
});
