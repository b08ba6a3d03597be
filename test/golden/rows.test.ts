/** Rows that need no token, and rows that leave no audit record: a change here changes the attack surface. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Row } from '@coffer/schema/row.ts';
import { systemRows } from '../../packages/server/src/core/system/rows.ts';
import { tokenRows } from '../../packages/server/src/core/tokens/rows.ts';
import { engines } from '../../packages/server/src/engines/registry.ts';

type Known = Pick<Row<never>, 'verb' | 'path' | 'access' | 'audit' | 'whileSealed' | 'openable'>;

const all: readonly (readonly [place: string, row: Known])[] = [
  ...systemRows.map(row => ['sys', row] as const),
  ...tokenRows.map(row => ['auth/token', row] as const),
  ...engines.flatMap(engine => engine.rows.map(row => [engine.kind === 'auth' ? `auth/${engine.type}` : engine.type, row as Known] as const)),
];

const listed = (wanted: (row: Known) => boolean): string =>
  all
    .filter(([, row]) => wanted(row))
    .map(([place, row]) => `${row.verb} ${place}/${row.path}\n`)
    .toSorted()
    .join('');

const golden = (name: string, text: string): void => {
  const file = new URL(name, import.meta.url);
  if (process.env['COFFER_GOLDEN'] === 'write') writeFileSync(file, text);
  assert.equal(text, readFileSync(file, 'utf8'), `${name} differs: if it should, run the test with COFFER_GOLDEN=write`);
};

test('the rows that need no token are these', () => {
  golden(
    'open-rows.txt',
    listed(row => row.access === 'open'),
  );
});

test('the rows that a listener may open to callers without a token are these', () => {
  golden(
    'openable-rows.txt',
    listed(row => row.openable !== undefined),
  );
});

test('the rows that leave no audit record, or go on without one, are these', () => {
  golden(
    'unaudited-rows.txt',
    listed(row => row.audit !== 'full'),
  );
});

test('the rows that work while sealed are these', () => {
  golden(
    'sealed-rows.txt',
    listed(row => row.whileSealed),
  );
});
