import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RawJson } from '../../json/raw.ts';
import { fromUnknown } from '../../json/unknown.ts';
import { writeJson } from '../../json/write.ts';
import type { Out } from '../../out.ts';
import { type Kind, Refused } from '../kind.ts';
import { map, object, raw } from './json.ts';
import { integers, keyvalues, list } from './list.ts';
import { boolean, integer, limit, natural } from './number.ts';
import { name, oneOf, path, secret, string } from './text.ts';
import { duration, lease, time } from './time.ts';

const kinds: readonly Kind<unknown>[] = [
  string,
  name,
  path,
  secret,
  oneOf(['a', 'b']),
  integer,
  natural,
  limit,
  boolean,
  duration,
  lease,
  time,
  list,
  integers,
  keyvalues,
  raw,
  object,
  map,
];
const runs = 400;
const canary = 'kanarienvogel8019210420527506405';

/** mulberry32: the same choices for the same seed. */
const chooser = (seed: number) => {
  let state = seed;
  return <V>(choices: readonly V[]): V => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return choices[((mixed ^ (mixed >>> 14)) >>> 0) % choices.length] as V;
  };
};

const outcome = (read: () => unknown): { readonly value?: unknown; readonly refusal?: Refused } => {
  try {
    return { value: read() };
  } catch (error) {
    assert.ok(error instanceof Refused, String(error));
    return { refusal: error };
  }
};

const text = (value: unknown): string => new TextDecoder().decode(writeJson(value as Out));

test('what a kind made of a value, it makes again of what is written for it', () => {
  for (const kind of kinds) {
    const pick = chooser(kind.name.length);
    let taken = 0;
    for (let run = 0; run < runs; run += 1) {
      const { value } = outcome(() => kind.coerce(fromUnknown(kind.arbitrary(pick))));
      if (value === undefined) continue;
      taken += 1;
      const written = new RawJson(writeJson(value as Out));
      assert.equal(text(kind.coerce(written)), written.text(), kind.name);
    }
    assert.ok(taken > 0, `${kind.name} took nothing`);
  }
});

test('each kind sees values it must refuse', () => {
  for (const kind of kinds) {
    if (kind.name === 'raw') continue;
    const pick = chooser(3);
    const refused = Array.from(
      { length: runs },
      () => outcome(() => kind.coerce(fromUnknown(kind.arbitrary(pick)))).refusal,
    );
    assert.ok(refused.some(Boolean), kind.name);
  }
});

test('S11: a refusal says what is expected and never what came', () => {
  const values: unknown[] = [
    canary,
    [canary],
    { [canary]: canary },
    [[canary]],
    { a: { b: canary } },
    `${canary}\u0000/`,
    `${canary}=`,
    8.01921042e300,
  ];
  for (const kind of kinds) {
    for (const value of values) {
      const { refusal } = outcome(() => kind.coerce(fromUnknown(value)));
      if (refusal !== undefined) assert.doesNotMatch(refusal.message, /kanarien|8019|8\.019/, kind.name);
    }
    for (const given of [canary, `${canary}\u0000`, `{"${canary}"`, `${canary},=`]) {
      const { refusal } = outcome(() => kind.form(given));
      if (refusal !== undefined) assert.doesNotMatch(refusal.message, /kanarien|8019/, kind.name);
    }
  }
});

test('every kind is a Standard Schema', () => {
  for (const kind of kinds) {
    const { version, vendor, validate } = kind['~standard'];
    assert.deepEqual([version, vendor], [1, 'coffer']);
    const good = validate(kind.json.enum === undefined ? (sample.get(kind.name) ?? 'a') : 'a');
    assert.ok('value' in good, kind.name);
    if (kind.name !== 'raw') assert.ok('issues' in validate([[canary]]), kind.name);
  }
  assert.throws(() => string['~standard'].validate(() => 1), TypeError);
});

const sample: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['integer', 1],
  ['natural', 1],
  ['limit', 'max'],
  ['boolean', true],
  ['duration', '1h'],
  ['lease', 'system'],
  ['time', '2026-08-21T08:00:00Z'],
  ['integers', [1]],
  ['keyvalues', { a: 'b' }],
  ['object', {}],
  ['map', {}],
]);
