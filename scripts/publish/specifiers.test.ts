import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rewriteSpecifiers, specifiersOf } from './specifiers.ts';

const emitted = `import { a } from './a.ts';
import type { B } from "@coffer/schema/fields/b.ts";
import {
  c,
} from '../c.ts';
export declare const d: import('./d.ts').D;
const e = await import('@coffer/server/main.ts');
new Worker(new URL('./writer.ts', import.meta.url), common);
import './side.ts';
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
`;

test('files inside a package get .js, modules of other packages lose their extension', () => {
  assert.deepEqual(specifiersOf(rewriteSpecifiers(emitted)), [
    './a.js',
    '@coffer/schema/fields/b',
    '../c.js',
    './side.js',
    'node:fs/promises',
    'yaml',
    './d.js',
    '@coffer/server/main',
    './writer.js',
  ]);
});

test('code that writes code is left as it is', () => {
  const text = "const head = \"import type { A } from './a.ts';\\n\";\n * import { a } from './a.ts';\n";
  assert.equal(rewriteSpecifiers(text), text);
});

test('what is rewritten stays so', () => {
  const once = rewriteSpecifiers(emitted);
  assert.equal(rewriteSpecifiers(once), once);
});
