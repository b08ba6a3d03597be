/** JSON taken as it is: any value, an object, or an object opened into a map. */
import { CofferError } from '../../errors.ts';
import { RawJson } from '../../json/raw.ts';
import { scanJson } from '../../json/scan.ts';
import type { JsonObject } from '../../json/value.ts';
import { writeJson } from '../../json/write.ts';
import { type Kind, makeKind, Refused } from '../kind.ts';
import { refuseExpecting } from './scalar.ts';

const utf8 = new TextEncoder();
const oddValues: readonly unknown[] = [{}, { a: 1 }, { a: { b: [null] } }, [], [1], 'a', '', 1, 1.5, true, null];

const anObject = 'an object';
const objectOnly = (value: RawJson): RawJson => (value.type === 'object' ? value : refuseExpecting(anObject));

const readText = (text: string): RawJson => {
  try {
    return objectOnly(scanJson(utf8.encode(text)));
  } catch (cause) {
    if (cause instanceof CofferError) throw new Refused('expected an object, as JSON');
    throw cause;
  }
};

export const raw: Kind<RawJson> = makeKind({
  name: 'raw',
  expects: 'any JSON value',
  json: {},
  ts: { in: 'unknown', out: 'unknown' },
  coerce: value => value,
  form: text => new RawJson(writeJson(text)),
  arbitrary: pick => pick(oddValues),
});

export const object: Kind<RawJson> = makeKind({
  name: 'object',
  expects: anObject,
  json: { type: 'object' },
  ts: { in: '{ readonly [name: string]: unknown }', out: '{ readonly [name: string]: unknown }' },
  coerce: objectOnly,
  form: readText,
  arbitrary: pick => pick(oddValues),
});

export const map: Kind<JsonObject> = makeKind({
  name: 'map',
  expects: anObject,
  json: { type: 'object' },
  ts: { in: '{ readonly [name: string]: unknown }', out: '{ readonly [name: string]: unknown }' },
  coerce: value => objectOnly(value).value() as JsonObject,
  form: text => readText(text).value() as JsonObject,
  arbitrary: pick => pick(oddValues),
});
