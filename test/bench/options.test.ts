import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOptions } from './options.ts';

const shapeOf = (...argv: readonly string[]): unknown => {
  const options = readOptions(argv);
  return typeof options === 'string' ? options : options.shape;
};

test('values and keys are as the command line has them', () => {
  assert.deepEqual(shapeOf(), { valueBytes: 1024, distribution: 'uniform' });
  assert.deepEqual(shapeOf('--value', '16384', '--keys', 'zipf'), { valueBytes: 16_384, distribution: 'zipf' });
});

const fsyncOf = (...argv: readonly string[]): unknown => {
  const options = readOptions(argv);
  return typeof options === 'string' ? options : options.fsyncDelayMs;
};

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
