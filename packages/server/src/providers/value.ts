/** JSON values of external stores → the bytes that a Kubernetes Secret holds: one rule for all stores. */
import { Secret } from '@coffer/schema/secret.ts';
import { type Json, JsonNumber } from '@coffer/schema/json/value.ts';
import { writeJson } from '@coffer/schema/json/write.ts';

/** Digits that an exponent is written out to: all of a 64-bit floating-point number. Beyond, the source text stays. */
const shiftLimit = 400;
const exponentForm = /^(-?)([0-9]+)(?:\.([0-9]+))?[eE]([+-]?[0-9]{1,9})$/;

const trimmed = (whole: string, fraction: string): string => {
  const head = whole.replace(/^0+(?=[0-9])/, '');
  let end = fraction.length;
  while (end > 0 && fraction[end - 1] === '0') end -= 1;
  return end === 0 ? head : `${head}.${fraction.slice(0, end)}`;
};

/** A number as its source has it, an exponent written out: `1.50` stays, `15e2` becomes `1500`. */
export const decimalText = (source: string): string => {
  const [, sign = '', whole = '', fraction = '', exponent = ''] = exponentForm.exec(source) ?? [];
  const shift = Number(exponent);
  if (exponent === '' || Math.abs(shift) > shiftLimit) return source;
  const digits = whole + fraction;
  const point = whole.length + shift;
  if (point <= 0) return `${sign}${trimmed('0', '0'.repeat(-point) + digits)}`;
  const padded = digits.padEnd(point, '0');
  return `${sign}${trimmed(padded.slice(0, point), padded.slice(point))}`;
};

/** Text as it is, null as nothing; what has structure as compact JSON, its numbers with all their digits. */
export const bytesOf = (value: Json): Secret => {
  if (value === null) return Secret.of('');
  if (typeof value === 'string') return Secret.of(value);
  if (value instanceof JsonNumber) return Secret.of(decimalText(value.source));
  return Secret.of(writeJson(value));
};
