import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { errorFacts } from '@coffer/schema/errors.ts';
import { anchorsOf, filesOf, linksOf, type Reference, scriptsOf } from './docs.ts';
import { readText, repositoryFiles, root } from './source/tree.ts';

const documents = repositoryFiles.filter(file => file.endsWith('.md')).map(file => ({ file, text: readText(file) }));

/** Every reference of every document that `judge` complains about, with its place. */
const complain = (
  read: (text: string) => Reference[],
  judge: (file: string, target: string) => string | undefined,
): string[] =>
  documents.flatMap(({ file, text }) =>
    read(text).flatMap(({ line, target }) => {
      const message = judge(file, target);
      return message === undefined ? [] : [`${file}:${line}: ${message}`];
    }),
  );

const brokenLink = (file: string, target: string): string | undefined => {
  const [way = '', anchor] = decodeURIComponent(target).split('#');
  const wanted = way === '' ? file : path.posix.join(path.posix.dirname(file), way);
  if (!existsSync(path.join(root, wanted))) return `the link ${target} leads nowhere: there is no ${wanted}`;
  if (anchor === undefined || !wanted.endsWith('.md') || anchorsOf(readText(wanted)).has(anchor)) return undefined;
  return `the link ${target} leads nowhere: ${wanted} has no heading for #${anchor}`;
};

test('every link in the documents leads somewhere', () => {
  assert.deepEqual(complain(linksOf, brokenLink), []);
});

test('every `npm run` in the documents is a script', () => {
  const { scripts } = JSON.parse(readText('package.json')) as { scripts: Record<string, string> };
  const known = new Set(Object.keys(scripts));
  assert.deepEqual(
    complain(scriptsOf, (_, name) => (known.has(name) ? undefined : `package.json has no script ${name}`)),
    [],
  );
});

test('every file the documents name exists', () => {
  const missing = (_: string, name: string): string | undefined =>
    existsSync(path.join(root, name)) ? undefined : `there is no ${name}`;
  assert.deepEqual(complain(filesOf, missing), []);
});

test('every error code stands in the reference of errors', () => {
  const reference = readText('docs/errors.md');
  const missing = Object.keys(errorFacts).filter(code => !reference.includes(`\`${code}\``));
  assert.deepEqual(missing, [], 'docs/errors.md must name each code of packages/schema/src/errors.ts in code marks');
});

const sample =
  '# A `b` c\n\n[x](y.md#z) ![p](<q.png>) [w](https://example.org/)\n`[no](no.md)`\n\n```\n[no](no.md)\n```\n\n[r]: s.md\n';

test('links, headings, scripts and files are found, code is left alone', () => {
  assert.deepEqual(
    linksOf(sample).map(({ line, target }) => [line, target]),
    [
      [3, 'y.md#z'],
      [3, 'q.png'],
      [10, 's.md'],
    ],
  );
  assert.deepEqual([...anchorsOf(`${sample}## D & e_f\n`)], ['a-b-c', 'd--e_f']);
  assert.deepEqual(
    scriptsOf('say `npm run ok` or npm run bench -- x').map(({ target }) => target),
    ['ok', 'bench'],
  );
  assert.deepEqual(
    filesOf('see `packages/schema/src/row.ts` and `test/tidy/`, not packages/no.ts').map(({ target }) => target),
    ['packages/schema/src/row.ts', 'test/tidy/'],
  );
  assert.match(brokenLink('README.md', 'nowhere.md') ?? '', /leads nowhere/);
});
