import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Ban, bans, isEntry, isPlatform, textBans } from './bans.ts';
import type { Finding } from './finding.ts';
import { testRule } from './rule.ts';
import { importsOf } from './source/imports.ts';
import { isFile, isTest, lineAt, readText, repositoryFiles, type Source, sourceOf } from './source/tree.ts';

const anyFile = 'packages/schema/src/a.ts';
const textLimitBytes = 1_000_000;

const findBan = (ban: Ban, file: string, text: string): Finding[] =>
  ban.except?.(file) === true
    ? []
    : [...text.matchAll(ban.pattern)].map(match => ({
        file,
        line: lineAt(text, match.index + match[0].length),
        message: `${match[0].trim()}: ${ban.mend}`,
      }));

for (const ban of bans) {
  testRule({
    name: ban.name,
    find: sources =>
      sources
        .filter(({ path }) => !path.startsWith('test/tidy/bans'))
        .flatMap(({ path, code }) => findBan(ban, path, code)),
    bad: ban.bad.map(text => [anyFile, text] as const),
    good: (ban.good ?? []).map(text => [anyFile, text] as const),
  });
}

const written = /\.(?:ts|mjs|json|md|ya?ml|sh|txt|hcl)$|(?:^|\/)(?:coffer|run|\.npmrc|\.gitignore)$/;
const generated = /(?:^|\/)(?:package-lock\.json|coverage\.json|[^/]+\.gen\.ts)$|\/golden\//;

const textSources = (): Source[] =>
  repositoryFiles
    .filter(file => written.test(file) && !generated.test(file) && file !== 'test/tidy/bans.ts' && isFile(file))
    .map(file => ({ path: file, text: readText(file).slice(0, textLimitBytes), code: '' }));

for (const ban of textBans) {
  testRule({
    name: ban.name,
    // Samples come one at a time; the repository is read anew, because these rules see more than TypeScript.
    find: sources =>
      (sources.length === 1 ? sources : textSources()).flatMap(({ path, text }) => findBan(ban, path, text)),
    bad: ban.bad.map(text => ['README.md', text] as const),
    good: (ban.good ?? []).map(text => ['README.md', text] as const),
  });
}

testRule({
  name: 'what Node offers is imported only in platform/ and main.ts',
  find: sources =>
    sources
      .filter(({ path }) => !isTest(path) && path.startsWith('packages/') && !isPlatform(path) && !isEntry(path))
      .flatMap(source =>
        importsOf(source)
          .filter(({ specifier }) => specifier.startsWith('node:'))
          .map(({ specifier, line }) => ({
            file: source.path,
            line,
            message: `${specifier}: put what needs it in platform/ behind a contract, and hand it in`,
          })),
      ),
  bad: [
    ['packages/server/src/core/a.ts', "import { b } from 'node:fs';"],
    ['packages/client/src/a.ts', "await import('node:os')"],
  ],
  good: [
    ['packages/server/src/platform/x/a.ts', "import { b } from 'node:fs';"],
    ['packages/server/src/core/a.test.ts', "import { b } from 'node:fs';"],
  ],
});

const silent = /(?:^|\/)(?:utils?|helpers?|managers?|common|misc|index)(?:\.[^/]*)?(?:\/|$)/i;

test('no file or folder is named utils, helpers, manager, common, misc or index', () => {
  assert.match('packages/server/src/core/utils.ts', silent);
  assert.match('packages/server/src/helpers/a.ts', silent);
  assert.doesNotMatch('packages/server/src/core/indexes.ts', silent);
  const found = repositoryFiles.filter(file => silent.test(file));
  assert.deepEqual(found, [], 'name each after what it owns');
});

test('the linter still forbids `any`, default exports and floating promises', () => {
  const { rules } = JSON.parse(readText('.oxlintrc.json')) as { rules: Record<string, unknown> };
  for (const rule of ['typescript/no-explicit-any', 'import/no-default-export', 'typescript/no-floating-promises']) {
    assert.match(JSON.stringify(rules[rule]), /^(?:"error"|\["error")/, `${rule} must stay "error" in .oxlintrc.json`);
  }
});

test('a sample in a comment or a text is not code', () => {
  assert.equal(sourceOf('a.ts', "// Date.now()\n'Date.now()'").code.includes('Date'), false);
});
