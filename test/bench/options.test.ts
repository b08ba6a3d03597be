import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BenchOptions, readOptions } from './options.ts';

const optionsOf = (argv: readonly string[]): BenchOptions => {
  const options = readOptions(argv);
  if (typeof options === 'string') throw new Error('the help was asked for');
  return options;
};

const shapeOf = (...argv: readonly string[]): unknown => optionsOf(argv).shape;
const fsyncOf = (...argv: readonly string[]): unknown => optionsOf(argv).fsyncDelayMs;

test('values and keys are as the command line has them', () => {
  assert.deepEqual(shapeOf(), { valueBytes: 1024, distribution: 'uniform' });
  assert.deepEqual(shapeOf('--value', '16384', '--keys', 'zipf'), { valueBytes: 16_384, distribution: 'zipf' });
});

test('a slow disk is as slow as the command line has it', () => {
  assert.equal(fsyncOf(), 5);
  assert.equal(fsyncOf('--fsync', '0.5'), 0.5);
  for (const value of ['0', '-1', '1001', 'slow'])
    assert.throws(() => fsyncOf(`--fsync=${value}`), /more than 0 and at most 1000 ms|is not a number/);
});

test('what cannot be measured is refused, and the refusal says what can', () => {
  for (const value of ['0', '-1', '1.5', '524289', 'much'])
    assert.throws(() => shapeOf(`--value=${value}`), /from 1 to 524288 bytes|is not a number/);
  assert.throws(() => shapeOf('--keys', 'constructor'), /--keys: uniform or zipf, not "constructor"/);
});
