/**
 * Reads values of the tree as what a key expects, with the coercions of the wire. Refusals are `HclError` at the value,
 * and name what was expected, never what was found.
 */
import { DurationError, parseDuration } from '../duration.ts';
import { HclError } from './error.ts';
import type { HclItem, HclKey, HclObject, HclValue } from './tree.ts';

const goTrue = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const goFalse = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);
const int64Limit = 2n ** 63n;

const fail = (value: HclValue, expected: string): never => {
  throw new HclError(value, `expected ${expected}`);
};

/** A text; an integer counts as the text it was written as. */
export const readText = (value: HclValue): string => {
  if (value.kind === 'text') return value.text;
  return value.kind === 'number' && value.integer ? value.source : fail(value, 'a text in quotes');
};

/** The integer a number of HCL means: `0x1F`, `017` and `-5` too. Undefined where it is none, or beyond 64 bits. */
const integerOf = (source: string): bigint | undefined => {
  const found = /^(-?)(0[xX][0-9a-fA-F]{1,16}|[0-9]{1,22})$/.exec(source);
  const digits = found?.[2];
  if (digits === undefined) return undefined;
  const isOctal = /^0[0-7]+$/.test(digits);
  if (!isOctal && /^0[0-9]/.test(digits)) return undefined;
  const magnitude = BigInt(isOctal ? `0o${digits.slice(1)}` : digits);
  return magnitude < int64Limit ? (found?.[1] === '-' ? -magnitude : magnitude) : undefined;
};

/** An integer, also in quotes. */
export const readInteger = (value: HclValue): number => {
  const source =
    value.kind === 'number' && value.integer ? value.source : value.kind === 'text' ? value.text.trim() : '';
  const integer = Number(integerOf(source) ?? Number.NaN);
  return Number.isSafeInteger(integer) ? integer : fail(value, 'an integer');
};

/** A bool, as Go reads one: also in quotes, and numbers (0 is false). */
export const readBool = (value: HclValue): boolean => {
  if (value.kind === 'bool') return value.value;
  if (value.kind === 'number') return Number(value.source) !== 0;
  if (value.kind === 'text' && goTrue.has(value.text)) return true;
  if (value.kind === 'text' && goFalse.has(value.text)) return false;
  return fail(value, 'true or false');
};

/** Only a bare `true` or `false`. */
export const readStrictBool = (value: HclValue): boolean =>
  value.kind === 'bool' ? value.value : fail(value, 'true or false, without quotes');

/** Seconds: an integer, or a duration such as "90s" or "7d". */
export const readSeconds = (value: HclValue): number => {
  if (value.kind === 'number' && value.integer) return readInteger(value);
  if (value.kind !== 'text') return fail(value, 'a duration: seconds, or a text such as "90s", "1h30m" or "7d"');
  try {
    return parseDuration(value.text);
  } catch (error) {
    if (error instanceof DurationError) throw new HclError(value, error.message);
    throw error;
  }
};

/** A list of texts; a text alone is refused. */
export const readTexts = (value: HclValue): string[] =>
  value.kind === 'list' ? value.values.map(readText) : fail(value, 'a list of texts');

/** A list of texts, or one text with commas between them. */
export const readTextsOrCommas = (value: HclValue): string[] =>
  value.kind === 'list'
    ? value.values.map(readText)
    : readText(value)
        .split(',')
        .map(part => part.trim())
        .filter(part => part !== '');

export const readObject = (value: HclValue): HclObject =>
  value.kind === 'object' ? value : fail(value, 'a block { … }');

/** One block with the labels it was written under: `path "a" { … }` has one. */
export interface HclBlock {
  readonly item: HclItem;
  readonly labels: readonly HclKey[];
  readonly body: HclObject;
}

/**
 * The blocks an item stands for, each with `count` labels. Labels missing on the item are the members of its value, as in
 * `{"path": {"a": {…}, "b": {…}}}`; a list of objects is the block repeated.
 */
export const readBlocks = (item: HclItem, count: number): HclBlock[] => {
  const labels = item.keys.slice(1);
  return blocksIn(item.value, { name: item.keys[0].text, item, labels, count });
};

interface Wanted {
  readonly name: string;
  readonly item: HclItem;
  readonly labels: readonly HclKey[];
  readonly count: number;
}

const labelsError = ({ name, item, labels, count }: Wanted): HclError =>
  new HclError(labels[count] ?? item, `"${name}" takes ${count} label${count === 1 ? '' : 's'}`);

const blocksIn = (value: HclValue, wanted: Wanted): HclBlock[] => {
  if (value.kind === 'list') return value.values.flatMap(one => blocksIn(readObject(one), wanted));
  const body = readObject(value);
  const { name, item, labels, count } = wanted;
  if (labels.length === count) return [{ item, labels, body }];
  if (!item.assigned || labels.length > count) throw labelsError(wanted);
  return body.items.flatMap(member =>
    blocksIn(member.value, { name, item: member, labels: [...labels, ...member.keys], count }),
  );
};
