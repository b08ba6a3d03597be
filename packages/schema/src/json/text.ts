/** JSON as applications expect it: plain values, objects without a prototype. */
import { JsonNumber, type Json } from './value.ts';

const integer = /^-?[0-9]+$/;

const numberOf = (source: string): number | bigint => {
  const value = Number(source);
  return Number.isSafeInteger(value) || !integer.test(source) ? value : BigInt(source);
};

/** Numbers become `number`, or `bigint` where an integer would lose digits. */
export const toPlain = (json: Json): unknown => {
  if (json instanceof JsonNumber) return numberOf(json.source);
  if (json === null || typeof json !== 'object') return json;
  if (Array.isArray(json)) return json.map(toPlain);
  const plain = Object.create(null) as { [name: string]: unknown };
  for (const [name, value] of json as ReadonlyMap<string, Json>) plain[name] = toPlain(value);
  return plain;
};
