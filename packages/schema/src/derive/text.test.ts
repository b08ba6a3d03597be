import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiRow, apiSource } from './api-types.ts';
import { sample } from './fixture/rows.ts';
import { mountHelp, pathHelp } from './path-help.ts';
import { referencePage } from './reference.ts';
import type { ServedRows } from './served.ts';

const info = { title: 'Coffer', version: '1', description: 'Test' };
const ofKey: ServedRows = { ...sample, rows: sample.rows.filter(({ path }) => path === 'keys/:name') };

test('help for a path names its operations and every field once', () => {
  const { help, see_also: seeAlso } = pathHelp(info, 'lock/keys/a', ofKey);
  assert.equal(seeAlso, '');
  assert.match(help, /^Request: {8}lock\/keys\/a\nMatching Route: lock\/keys\/\{name\}\n/);
  assert.match(help, / {4}GET {4}Show a key\n {4}POST {3}Make or change a key\n {4}DELETE Remove a key \(needs sudo\)/);
  assert.match(help, / {4}bits \(integer, default 256\)\n\n {8}Its length/);
  assert.match(help, / {4}type \(oneOf, required\)/);
  assert.match(help, / {4}old \(boolean, deprecated\)/);
  assert.equal(help.split('name (name)').length, 2);
  assert.match(help, /## DESCRIPTION\n\nA key that is there is changed\./);
});

test('parts of a path are shown in braces, those that may be left out in brackets', () => {
  const rows = [
    { ...sample.rows[0], path: 'data/:path*' },
    { ...sample.rows[0], path: 'metadata/:path*?' },
  ] as ServedRows['rows'];
  const { help } = mountHelp(info, 'Locks things', { ...sample, rows });
  assert.match(help, /\n {2}data\/\{path…\}\n/);
  assert.match(help, /\n {2}metadata\/\[\{path…\}\]\n/);
});

test('help for a mount names every path of it', () => {
  const { help } = mountHelp(info, 'Locks things', sample);
  assert.match(help, /^## DESCRIPTION\n\nLocks things\.\n\n## PATHS\n/);
  for (const { path } of sample.rows) {
    const shown = path.replaceAll(
      /:([a-z]+)(\*?)/g,
      (_, name: string, many: string) => `{${name}${many === '' ? '' : '…'}}`,
    );
    assert.ok(help.includes(path === '' ? '(the mount itself)' : `  ${shown}\n`), path);
  }
  assert.match(help, /GET {4}Say how it is \(no token needed\)/);
});

test('the reference has a section for each operation, and nothing breaks its tables', () => {
  const page = referencePage({ ...sample, title: 'Lock', summary: 'Locks things' });
  assert.equal(page.split('\n### ').length - 1, sample.rows.length);
  assert.match(page, /\| `tags` \| body \| list \| {2}\| Any \\\| words\. \|/);
  assert.match(page, /\| `bits` \| body \| integer \| `256` \| Its length\. Also: `size`\. \|/);
  assert.match(page, /\| `after` \| query \|/);
  assert.match(page, /\| `data` \| whole body \|/);
  assert.match(page, /Needs the `sudo` capability\./);
  assert.match(page, /Other name: `lock\/ca\.pem`\./);
  for (const line of page.split('\n')) assert.ok(!/\s$/.test(line) || line.startsWith('|'), line);
});

test('a row is data without its function', () => {
  const [, row] = sample.rows;
  assert.ok(row !== undefined);
  const data = apiRow(sample, row);
  assert.equal(data.path, 'lock/keys/:name');
  assert.deepEqual(data.in.map(({ name, inPath }) => [name, inPath ?? false]).slice(0, 2), [
    ['name', true],
    ['type', false],
  ]);
  assert.deepEqual(data.in[1]?.choices, ['aes', 'rsa']);
  assert.equal(data.in[3]?.secret, true);
});

test('the generated source types what a call takes and answers', () => {
  const source = apiSource([sample]);
  assert.match(source, /^import type \{ Secret \} from '\.\/secret\.ts';$/m);
  const has = (line: string): void => assert.ok(source.includes(line), line);
  has(
    "    readonly write: { readonly in: { readonly name: string; readonly type: 'aes' | 'rsa'; readonly bits?: number; " +
      'readonly pin?: string | Secret; readonly tags?: readonly string[] | string; readonly old?: boolean }; readonly out: Record<never, never> };',
  );
  has("  readonly 'lock/random/:bytes?': {\n    readonly read: { readonly in: { readonly bytes?: string };");
  has('readonly patch: { readonly in: { readonly path: string; readonly [name: string]: unknown }');
  has("  readonly 'lock': {");
  assert.equal(source, apiSource([sample]));
});
