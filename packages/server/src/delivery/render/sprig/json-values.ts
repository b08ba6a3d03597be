/** Values of templates to and from JSON's: what is read holds floats for all numbers, as in Go. */
import { type Json, JsonNumber } from '@coffer/schema/json/value.ts';
import { stringOfText, textOfString } from '../bytes.ts';
import { Dict, Int, List, type Value } from '../value.ts';
import { fault, type Work } from '../work.ts';

export const valueOfJson = (json: Json, work: Work): Value => {
  work.step();
  if (json instanceof JsonNumber) return json.toNumber();
  if (json === null || typeof json === 'boolean') return json;
  if (typeof json === 'string') return stringOfText(json);
  return work.deeper(() => {
    if (Array.isArray(json)) return new List(json.map((item: Json) => valueOfJson(item, work)));
    const members = [...(json as ReadonlyMap<string, Json>)];
    return new Dict(members.map(([key, item]) => [stringOfText(key), valueOfJson(item, work)]));
  });
};

/** A number as JSON writes it. */
export const numberText = (value: number): string => {
  if (!Number.isFinite(value)) return fault('there is no number in JSON that is infinite or none');
  return Object.is(value, -0) ? '-0' : String(value);
};

/** Keys come sorted; bytes that are not UTF-8 become U+FFFD. */
export const jsonOfValue = (value: Value, work: Work): Json => {
  work.step();
  if (value instanceof Int) return new JsonNumber(String(value.value));
  if (typeof value === 'number') return new JsonNumber(numberText(value));
  if (typeof value === 'string') {
    work.make(value.length);
    return textOfString(value);
  }
  if (value === null || typeof value === 'boolean') return value;
  return work.deeper(() =>
    value instanceof List
      ? value.items.map(item => jsonOfValue(item, work))
      : new Map(value.sorted().map(([key, item]) => [textOfString(key), jsonOfValue(item, work)])),
  );
};
