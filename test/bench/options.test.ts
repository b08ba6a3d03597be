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

test('what cannot be measured is refused, and the refusal says what can', () => {
  for (const value of ['0', '-1', '1.5', '524289', 'much'])
    assert.throws(() => shapeOf(`--value=${value}`), /from 1 to 524288 bytes|is not a number/);
  assert.throws(() => shapeOf('--keys', 'constructor'), /--keys: uniform or zipf, not "constructor"/);
});
