/**
 * Parameter constraints: which parameters a request must, may and must not carry, and with which values. Scalars compare
 * by their text, as the wire coerces them (`3600` and `"3600"` are one value), so that a denied value cannot be passed in
 * another JSON type; lists and objects compare whole, and a denied value is also found inside a list.
 */
import type { HclValue } from '@coffer/schema/hcl/tree.ts';
import type { RawJson } from '@coffer/schema/json/raw.ts';
import { type Json, JsonNumber } from '@coffer/schema/json/value.ts';

/** Parameter (lower case, or `*`) → values; none means any value. */
export type ParameterValues = ReadonlyMap<string, readonly ParameterValue[]>;
export type Parameters = ReadonlyMap<string, RawJson>;

/** A value in one comparable text. `scalar` values of a policy may be globs: `*` at either end. */
export interface ParameterValue {
  readonly text: string;
  readonly scalar: boolean;
}

/** Numbers written longer than this compare by their text. */
const numberLengthLimit = 40;

const numberText = (source: string): string => {
  if (source.length > numberLengthLimit) return source;
  if (/^-?[0-9]+$/.test(source)) return BigInt(source).toString();
  const value = Number(source);
  return Number.isSafeInteger(value) ? String(BigInt(value)) : String(value);
};

const structure = (text: string): ParameterValue => ({ text, scalar: false });
const quoted = (value: ParameterValue): string => (value.scalar ? JSON.stringify(value.text) : value.text);
const list = (values: readonly ParameterValue[]): ParameterValue => structure(`[${values.map(quoted).join(',')}]`);
const object = (members: readonly (readonly [string, ParameterValue])[]): ParameterValue => {
  const texts = members.map(([name, value]) => `${JSON.stringify(name)}:${quoted(value)}`);
  return structure(`{${texts.toSorted().join(',')}}`);
};

export const fromHcl = (value: HclValue): ParameterValue => {
  if (value.kind === 'text') return { text: value.text, scalar: true };
  if (value.kind === 'bool') return { text: String(value.value), scalar: true };
  if (value.kind === 'number') return { text: numberText(value.source), scalar: true };
  if (value.kind === 'list') return list(value.values.map(fromHcl));
  return object(value.items.map(item => [item.keys.map(key => key.text).join('.'), fromHcl(item.value)] as const));
};

const fromJson = (value: Json): ParameterValue => {
  if (typeof value === 'string') return { text: value, scalar: true };
  if (value instanceof JsonNumber) return { text: numberText(value.source), scalar: true };
  if (value === null || typeof value === 'boolean') return { text: String(value), scalar: true };
  if (value instanceof Map) return object([...value].map(([name, member]) => [name, fromJson(member)] as const));
  return list((value as readonly Json[]).map(fromJson));
};

const matchesGlob = (glob: string, text: string): boolean => {
  if (glob.length < 2) return glob === text;
  const open = glob.startsWith('*');
  const close = glob.endsWith('*');
  if (open && close) return text.includes(glob.slice(1, -1));
  if (open) return text.endsWith(glob.slice(1));
  return close ? text.startsWith(glob.slice(0, -1)) : glob === text;
};

const equals = (wanted: ParameterValue, given: ParameterValue): boolean =>
  wanted.scalar && given.scalar ? matchesGlob(wanted.text, given.text) : quoted(wanted) === quoted(given);

const isAllowed = (wanted: readonly ParameterValue[], given: RawJson): boolean => {
  if (wanted.length === 0) return true;
  const value = fromJson(given.value());
  return wanted.some(one => equals(one, value));
};

const isDenied = (unwanted: readonly ParameterValue[], given: RawJson): boolean => {
  if (unwanted.length === 0) return true;
  const json = given.value();
  const values = [json, ...(Array.isArray(json) ? (json as readonly Json[]) : [])].map(fromJson);
  return unwanted.some(one => (one.scalar && one.text === '*') || values.some(value => equals(one, value)));
};

export interface ParameterLimits {
  readonly required: readonly string[];
  readonly allowed: ParameterValues | undefined;
  readonly denied: ParameterValues | undefined;
}

const refusedByDenied = (denied: ParameterValues, name: string, value: RawJson): boolean => {
  const unwanted = denied.get(name);
  return denied.has('*') || (unwanted !== undefined && isDenied(unwanted, value));
};

const refusedByAllowed = (allowed: ParameterValues, name: string, value: RawJson): boolean => {
  const wanted = allowed.get(name);
  return wanted === undefined ? !allowed.has('*') : !isAllowed(wanted, value);
};

/** The name of the first parameter that is missing or refused; undefined where all are well. */
export const refusedParameter = (limits: ParameterLimits, given: Parameters): string | undefined => {
  const named = [...given].map(([name, value]) => [name.toLowerCase(), value] as const);
  const missing = limits.required.find(name => !named.some(([one]) => one === name));
  if (missing !== undefined) return missing;
  const { denied, allowed } = limits;
  const refused = named.find(
    ([name, value]) =>
      (denied !== undefined && refusedByDenied(denied, name, value)) ||
      (allowed !== undefined && refusedByAllowed(allowed, name, value)),
  );
  return refused?.[0];
};

/** Both constraints together, as where two policies name one pattern: values add up, and "any value" wins. */
export const mergedValues = (
  a: ParameterValues | undefined,
  b: ParameterValues | undefined,
): ParameterValues | undefined => {
  if (a === undefined || b === undefined) return a ?? b;
  const merged = new Map(a);
  for (const [name, values] of b) {
    const before = merged.get(name);
    const any = values.length === 0 || before?.length === 0;
    merged.set(name, any ? [] : [...(before ?? []), ...values]);
  }
  return merged;
};
