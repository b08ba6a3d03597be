import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { scratchFolder } from './compile.ts';
import { compileManyRows, rowCount } from './many-rows.ts';

test('600 rows type-check, with every argument and answer typed', async context => {
  const { faults, seconds } = await compileManyRows();
  assert.deepEqual(faults, []);
  const folder = scratchFolder('many-rows');
  const rows = readdirSync(folder)
    .filter(name => name.endsWith('.ts'))
    .flatMap(name => readFileSync(path.join(folder, name), 'utf8').match(/^export const /gm) ?? []);
  assert.equal(rows.length, rowCount);
  context.diagnostic(`${rowCount} rows type-check in ${seconds.toFixed(2)} s`);
});
