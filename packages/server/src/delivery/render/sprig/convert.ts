/** Conversions that functions of this table do on their own: any value to text, whole number, float. What cannot be is 0. */
import { show } from '../format/show.ts';
import { Int, List, type Value } from '../value.ts';
import type { Work } from '../work.ts';

const wholeText = /^[+-]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|[1-9]\d*|0)$/;
const floatText = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const longestNumber = 400;
const smallest = -(2n ** 63n);
const largest = 2n ** 63n - 1n;

/** A whole number as Go writes it in any base; undefined where it is none, or does not fit 64 bits. */
export const parseWhole = (text: string): bigint | undefined => {
  if (text.length > longestNumber || !wholeText.test(text)) return undefined;
  const size = text.replace(/^[+-]/, '').toLowerCase();
  const octal = /^0\d/.test(size) ? `0o${size.slice(1)}` : size;
  const value = BigInt(octal) * (text.startsWith('-') ? -1n : 1n);
  return value >= smallest && value <= largest ? value : undefined;
};

export const parseFloatText = (text: string): number | undefined =>
  text.length <= longestNumber && floatText.test(text) ? Number(text) : undefined;

const truncated = (value: number): bigint =>
  Number.isFinite(value) && Math.abs(value) < 2 ** 63 ? BigInt(Math.trunc(value)) : smallest;

/** `12.00` counts as 12. */
const wholeOfText = (text: string): bigint => parseWhole(text.replace(/^([^.]*\d)\.0*$/, '$1')) ?? 0n;

export const toWhole = (value: Value): bigint => {
  if (value instanceof Int) return value.value;
  if (typeof value === 'string') return wholeOfText(value);
  if (typeof value === 'number') return truncated(value);
  return value === true ? 1n : 0n;
};

export const toFloat = (value: Value): number => {
  if (value instanceof Int) return Number(value.value);
  if (typeof value === 'string') return parseFloatText(value) ?? 0;
  return typeof value === 'number' ? value : value === true ? 1 : 0;
};

export const toText = (value: Value, work: Work): string => show(value, work);

/** The items as texts, nil left out; what is no list is a list of one. */
export const toTexts = (value: Value, work: Work): string[] => {
  const items = value instanceof List ? value.items : [value];
  const texts = items.filter(item => item !== null).map(item => toText(item, work));
  work.make(texts.length);
  return texts;
};
