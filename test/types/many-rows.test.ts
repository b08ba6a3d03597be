import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileManyRows, rowCount } from './many-rows.ts';

test('600 rows type-check, with every argument and answer typed', async context => {
  const { faults, declared, seconds } = await compileManyRows();
  assert.deepEqual(faults, []);
  assert.equal(declared, rowCount);
  context.diagnostic(`${rowCount} rows type-check in ${seconds.toFixed(2)} s`);
});
