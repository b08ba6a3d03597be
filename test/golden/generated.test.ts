import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { differing, wanted } from '../../scripts/gen/gen.ts';
import { root } from '../run/environment.ts';

test('what is generated is what the rows say (npm run gen)', () => {
  assert.deepEqual(differing(wanted()), []);
});

interface Entry {
  readonly tests: readonly string[];
  readonly refused?: readonly string[];
}

test('every test that coverage names is there', () => {
  const entries = JSON.parse(readFileSync(path.join(root, 'coverage.json'), 'utf8')) as Entry[];
  for (const name of new Set(entries.flatMap(({ tests, refused = [] }) => [...tests, ...refused]))) {
    const [file = '', ...title] = name.split(': ');
    assert.ok(existsSync(path.join(root, file)), `${file} is gone: npm run gen -- --coverage FOLDER`);
    assert.notEqual(title.join(': '), '', name);
  }
});
