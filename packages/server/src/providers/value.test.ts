import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scanJson } from '@coffer/schema/json/scan.ts';
import { bytesOf, decimalText } from './value.ts';

const numbers: readonly (readonly [source: string, text: string])[] = [
  ['0', '0'],
  ['-0', '-0'],
  ['1.50', '1.50'],
  ['12345678901234567890123', '12345678901234567890123'],
  ['1e3', '1000'],
  ['1E+3', '1000'],
  ['-1.5e2', '-150'],
  ['1.25e1', '12.5'],
  ['1e-3', '0.001'],
  ['-12.5e-2', '-0.125'],
  ['0e5', '0'],
  ['0.00e0', '0'],
  ['1.0e1', '10'],
  ['0.05e1', '0.5'],
  ['1e999999999', '1e999999999'],
  ['1e99999999999', '1e99999999999'],
];
for (const [source, text] of numbers) {
  test(`the number ${source} is ${text}`, () => assert.equal(decimalText(source), text));
}

const values: readonly (readonly [json: string, text: string])[] = [
  ['null', ''],
  ['""', ''],
  ['"a\\n\\u00e9"', 'a\né'],
  ['true', 'true'],
  ['false', 'false'],
  ['{ "b" : 1.0, "a" : [ 1e2, null ] }', '{"b":1.0,"a":[1e2,null]}'],
  ['[ ]', '[]'],
];
for (const [json, text] of values) {
  test(`the value ${json} is ${JSON.stringify(text)}`, () => {
    assert.equal(bytesOf(scanJson(new TextEncoder().encode(json)).value()).revealText(), text);
  });
}
