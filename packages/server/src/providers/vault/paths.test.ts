import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CofferError } from '@coffer/schema/errors.ts';
import { dataPath, locate, metadataPath, normalKey } from './paths.ts';

type Row = readonly [path: string | undefined, version: 'v1' | 'v2', key: string, data: string, normal: string];

const rows: readonly Row[] = [
  ['secret', 'v2', 'app', 'secret/data/app', 'secret/app'],
  ['secret', 'v2', 'team/app', 'secret/data/team/app', 'secret/team/app'],
  ['secret', 'v2', 'secret/app', 'secret/data/app', 'secret/app'],
  ['secret', 'v2', 'secret/data/app', 'secret/data/app', 'secret/app'],
  ['secret', 'v2', 'data/app', 'secret/data/data/app', 'secret/data/app'],
  ['/secret/', 'v2', '/app', 'secret/data/app', 'secret/app'],
  ['team/kv', 'v2', 'team/kv/data/app', 'team/kv/data/app', 'team/kv/app'],
  ['secret', 'v2', 'secrets/app', 'secret/data/secrets/app', 'secret/secrets/app'],
  ['secret', 'v1', 'app', 'secret/app', 'secret/app'],
  ['secret', 'v1', 'secret/data/app', 'secret/data/app', 'secret/data/app'],
  [undefined, 'v2', 'secret/app', 'secret/data/app', 'secret/app'],
  [undefined, 'v2', 'secret/team/app', 'secret/data/team/app', 'secret/team/app'],
  [undefined, 'v2', 'team/kv/data/app', 'team/kv/data/app', 'team/kv/app'],
  [undefined, 'v1', 'secret/app', 'secret/app', 'secret/app'],
];
for (const [path, version, key, data, normal] of rows) {
  test(`store path ${path}, ${version}: ${key} is ${data}`, () => {
    const location = locate({ path, version }, key);
    assert.equal(dataPath(version, location), data);
    assert.equal(normalKey(location), normal);
    if (version === 'v2') assert.equal(metadataPath(location), data.replace('/data/', '/metadata/'));
  });
}

test('a key that leaves nothing to read is refused', () => {
  for (const [path, key] of [
    ['secret', ''],
    ['secret', 'secret/'],
    ['secret', 'secret/data/'],
    [undefined, 'app'],
    [undefined, ''],
    [undefined, 'secret/'],
  ] as const)
    assert.throws(
      () => locate({ path, version: 'v2' }, key),
      (error: unknown) => error instanceof CofferError && error.code === 'usage' && /MOUNT\/KEY/.test(error.message),
      `${path} ${key}`,
    );
});
