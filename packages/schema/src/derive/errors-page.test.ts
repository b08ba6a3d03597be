import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorFacts } from '../errors.ts';
import { errorsPage } from './errors-page.ts';

test('the page has every code, with what each edge makes of it', () => {
  const lines = errorsPage().split('\n');
  assert.ok(
    lines.includes(
      '| `sealed` | 503 | 2 | yes | The store is sealed: its key is not in memory. | Open it: `coffer operator unseal`. |',
    ),
  );
  assert.ok(lines.includes('| `sealed` | `UNAVAILABLE` | `Sealed` |  |'));
  for (const code of Object.keys(errorFacts)) {
    assert.equal(lines.filter(line => line.startsWith(`| \`${code}\` |`)).length, 2, code);
  }
});

test('what happened and what to do is said of every code, in words that fit into a table', () => {
  for (const [code, { meaning, advice }] of Object.entries(errorFacts)) {
    for (const words of [meaning, advice]) {
      assert.match(words, /^[A-Z][^|\n]*[^.|\n]$/, code);
      assert.ok(words.length <= 120, `${code}: ${words.length} characters`);
    }
  }
});

test('conditions are reasons that Kubernetes takes, each of one code', () => {
  const reasons = Object.values(errorFacts).map(({ condition }) => condition);
  for (const reason of reasons) assert.match(reason, /^[A-Z][A-Za-z]*$/);
  assert.equal(new Set(reasons).size, reasons.length);
});
