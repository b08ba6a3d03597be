import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CofferError } from '../errors.ts';
import { scanJson } from './scan.ts';

/** xorshift32: the same values for the same seed. */
const seeded = (seed: number) => {
  let state = seed;
  return (below: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
};

const pieces = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '"a"',
  '"b":',
  '"\\u0061"',
  '\\',
  'true',
  'null',
  '1',
  '-',
  '.5',
  'e1',
  ' ',
  '\n',
  'é',
  '\u0001',
  'x',
];
const runs = 30_000;

const accepted = (text: string): boolean => {
  try {
    scanJson(new TextEncoder().encode(text));
    return true;
  } catch (error) {
    assert.ok(error instanceof CofferError, String(error));
    return false;
  }
};

const parses = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

const value = (below: (n: number) => number, depth: number): string => {
  const kind = below(depth > 3 ? 4 : 6);
  if (kind === 0) return ['null', 'true', 'false'][below(3)] ?? '';
  if (kind === 1) return ['0', '-1', '1.25', '3e7', '9007199254740993'][below(5)] ?? '';
  if (kind < 4) return JSON.stringify(['', 'a', 'é😀', 'line\nbreak', '\u0007"\\'][below(5)]);
  const children = Array.from({ length: below(4) }, () => value(below, depth + 1));
  if (kind === 4) return `[${children.join(', ')}]`;
  return `{${children.map((child, index) => `"k${index}" : ${child}`).join(',')}}`;
};

test('random pieces: the scanner accepts only what JSON.parse accepts', () => {
  const below = seeded(20_260_821);
  let both = 0;
  for (let run = 0; run < runs; run += 1) {
    const text = Array.from({ length: 1 + below(7) }, () => pieces[below(pieces.length)]).join('');
    const ours = accepted(text);
    if (ours) both += 1;
    if (ours) assert.ok(parses(text), text);
    else if (parses(text)) assert.match(text, /"a"|"b"|\\u0061/, text);
  }
  assert.ok(both > 100, `only ${both} accepted`);
});

test('random values, and each of them with one byte changed', () => {
  const below = seeded(7);
  for (let run = 0; run < 3000; run += 1) {
    const text = value(below, 0);
    assert.ok(accepted(text), text);
    const at = below(text.length);
    const changed = text.slice(0, at) + (pieces[below(pieces.length)] ?? '') + text.slice(at + 1);
    if (accepted(changed)) assert.ok(parses(changed), changed);
  }
});
