import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { root } from './emit.ts';
import { manifestOf } from './manifest.ts';
import { published } from './plan.ts';

const workspaceOf = (folder: string): object =>
  JSON.parse(readFileSync(path.join(root, 'packages', folder, 'package.json'), 'utf8')) as object;

test('every workspace is published, with what a registry shows and without what only development needs', () => {
  const { workspaces } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { workspaces: string[] };
  assert.deepEqual(published.map(({ folder }) => `packages/${folder}`).toSorted(), workspaces.toSorted());
  for (const entry of published) {
    const manifest = manifestOf(
      { ...workspaceOf(entry.folder), devDependencies: { a: '1.0.0' }, scripts: { postinstall: 'b' } },
      entry,
    );
    assert.equal(manifest.license, 'Apache-2.0');
    assert.deepEqual(manifest['engines'], { node: entry.node });
    assert.equal('devDependencies' in manifest || 'scripts' in manifest || 'repository' in manifest, false);
    assert.doesNotMatch(JSON.stringify(manifest['exports']), /src\//);
  }
});

test('the promise of an old Node is the same in the workspace and in what is published', () => {
  for (const entry of published) {
    const { engines } = workspaceOf(entry.folder) as { engines?: { node: string } };
    if (engines !== undefined) assert.equal(engines.node, entry.node, entry.folder);
  }
});

test('a workspace without a description is not published', () => {
  const [entry] = published;
  assert.ok(entry);
  assert.throws(
    () => manifestOf({ name: 'a', version: '1.0.0', license: 'l' }, entry),
    /packages\/schema\/package\.json: no description/,
  );
});
