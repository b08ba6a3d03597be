/** The names of all metrics, with their types and labels: dashboards are built on them. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { families } from '../../packages/server/src/core/metrics/families.ts';
import { openBed } from '../core/bed.ts';

test('the names, types and labels of metrics are these', async () => {
  const { core, root } = await openBed();
  await root('GET', 'sys/mounts');
  const all = families(core, await core.usage.current());
  const labelsOf = (samples: (typeof all)[number]['samples']): string =>
    [...new Set(samples.flatMap(({ labels }) => labels.map(([name]) => name)))].toSorted().join(',');
  const text = all
    .map(({ name, type, samples }) => `${name} ${type} ${labelsOf(samples) || '-'}\n`)
    .toSorted()
    .join('');
  const file = new URL('metrics.txt', import.meta.url);
  if (process.env['COFFER_GOLDEN'] === 'write') writeFileSync(file, text);
  assert.equal(
    text,
    readFileSync(file, 'utf8'),
    'metrics.txt differs: if it should, run the test with COFFER_GOLDEN=write',
  );
});
