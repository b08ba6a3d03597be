import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf, type Staged } from './check.ts';
import { manifestOf } from './manifest.ts';
import { published } from './plan.ts';

const workspace = { name: '@coffer/schema', version: '1.0.0', description: 'd', license: 'l' };
const entry = (folder: string) => {
  const found = published.find(one => one.folder === folder);
  assert.ok(found);
  return found;
};

const schema: Staged = {
  manifest: manifestOf(workspace, entry('schema')),
  files: new Map([
    ['lib/a.js', ''],
    ['lib/a.d.ts', ''],
    ['lib/in/b.js', ''],
  ]),
};

const client = (file: string, text: string): Staged => ({
  manifest: manifestOf(
    { ...workspace, name: '@coffer/client', dependencies: { '@coffer/schema': '1.0.0' } },
    entry('client'),
  ),
  files: new Map([
    ['lib/own.js', ''],
    [file, text],
  ]),
});

const faults = (file: string, text: string): readonly string[] => faultsOf([schema, client(file, text)]);

test('imports that lead somewhere are let pass', () => {
  const text =
    "import { a } from '@coffer/schema/a';\nimport { b } from '@coffer/schema/in/b';\nimport './own.js';\nimport 'node:fs';\n";
  assert.deepEqual(faults('lib/c.js', text), []);
  assert.deepEqual(faults('README.md', "import 'nothing';"), []);
});

test('an import that would fail at a user is named with its package and file', () => {
  for (const [text, message] of [
    ["import './gone.js';", './gone.js is not in the package'],
    ["import '../../outside.js';", '../../outside.js is not in the package'],
    ["import '@coffer/schema/gone';", '@coffer/schema does not offer ./gone'],
    ["import '@coffer/schema/a.ts';", '@coffer/schema does not offer ./a.ts'],
    ["import '@coffer/server/main';", '@coffer/server/main is no dependency'],
    ["import { parse } from 'yaml';", 'yaml is no dependency'],
    ["new Worker(new URL('./gone.js', import.meta.url));", './gone.js is not in the package'],
  ] as const) {
    assert.deepEqual(faults('lib/c.js', text), [`@coffer/client: lib/c.js: ${message}`]);
  }
});

test('a declaration needs declarations', () => {
  assert.deepEqual(faults('lib/c.d.ts', "import type { Own } from './own.js';"), [
    '@coffer/client: lib/c.d.ts: ./own.js is not in the package',
  ]);
});
