/**
 * Every statement that PostgreSQL is sent, so that others can judge which servers would understand them. With
 * COFFER_GOLDEN=write the list is written anew; the difference is then read by whoever commits it.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { layout, statementsOf } from '../../packages/server/src/platform/postgres/statements.ts';

const goldenFile = new URL('postgresql.sql', import.meta.url);
const docsFile = new URL('../../docs/postgresql.md', import.meta.url);

const all = [...layout('coffer'), ...Object.values(statementsOf('coffer'))];
const text = all.map(statement => `-- ${statement.name}\n${statement.text};\n`).join('\n');

test('every statement for PostgreSQL stands in the golden list', () => {
  if (process.env['COFFER_GOLDEN'] === 'write') writeFileSync(goldenFile, text);
  assert.equal(readFileSync(goldenFile, 'utf8'), text);
});

test('the page has the statements that make the tables', () => {
  const page = readFileSync(docsFile, 'utf8');
  for (const statement of layout('coffer')) assert.ok(page.includes(statement.text.replaceAll('"', '')), statement.name);
});

test('names of tables are the only thing put into a statement, and only well-formed ones', () => {
  for (const name of ['', 'a"', 'A', 'a;b', 'a.b.c', '.a', 'a.', 'a-b', 'x'.repeat(41), 'é'])
    assert.throws(() => statementsOf(name), /expected PREFIX/, name);
  assert.match(statementsOf('own.kept').get.text, /FROM "own"\."kept_entries"/);
});
