import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CofferError } from '@coffer/schema/errors.ts';
import { readMigration } from './configuration.ts';
import { migrateHelp, parseMigrateFlags } from './flags.ts';

const read = (text: string) => readMigration([{ name: 'm.hcl', text }], {});
const canary = 'canary-of-a-password';
const sqlite = (side: string, path: string): string => `storage_${side} "sqlite" { path = "${path}" }\n`;
const postgres = (side: string, host: string): string =>
  `storage_${side} "postgresql" { connection_url = "postgres://u:${canary}@${host}/d" }\n`;

test('two storages of any kinds', () => {
  const { source, destination, warnings } = read(
    sqlite('source', '/a') + postgres('destination', 'h') + 'cluster_addr = "x"',
  );
  assert.deepEqual(source, { type: 'sqlite', path: '/a' });
  assert.equal(destination.type, 'postgresql');
  assert.equal(warnings.length, 1);
  assert.equal(read(sqlite('source', '/a') + sqlite('destination', '/b')).destination.type, 'sqlite');
});

test('what is missing, twice there, unknown, in memory or the same is refused, and no password is told', () => {
  const cases: readonly [text: string, words: RegExp][] = [
    ['', /"storage_source" must be specified[^]*"storage_destination" must be specified/],
    [sqlite('source', '/a'), /"storage_destination" must be specified/],
    [sqlite('source', '/a') + sqlite('source', '/b') + sqlite('destination', '/c'), /only one "storage_source"/],
    [sqlite('source', '/a') + 'storage_destination "inmem" {}', /memory keeps nothing/],
    [sqlite('source', '/a') + 'storage_destination "raft" { path = "/b" }', /not supported/],
    [sqlite('source', '') + sqlite('destination', '/b'), /"path" must be set/],
    [sqlite('source', '/a') + sqlite('destination', '/a'), /one and the same place/],
    [postgres('source', 'h') + postgres('destination', 'h'), /one and the same place/],
    [postgres('source', 'h:99999') + postgres('destination', 'h'), /connection_url/],
    ['storage_source {', /m\.hcl:1/],
  ];
  for (const [text, words] of cases)
    assert.throws(
      () => read(text),
      (error: unknown) =>
        error instanceof CofferError &&
        error.code === 'usage' &&
        words.test(error.publicMessage) &&
        !error.publicMessage.includes(canary),
      text,
    );
});

test('flags: a configuration must be named, a part of a store cannot be', () => {
  assert.deepEqual(parseMigrateFlags(['-config=a', '-config', 'b', '-reset', '-max-parallel=3']), ['a', 'b']);
  assert.equal(parseMigrateFlags(['-help']), undefined);
  assert.match(migrateHelp(), /-config=PATH/);
  assert.throws(() => parseMigrateFlags([]), /-config=PATH must be given/);
  assert.throws(() => parseMigrateFlags(['-config=a', '-start=x']), /all of a store or nothing/);
  assert.throws(() => parseMigrateFlags(['-confg=a']), /did you mean|Did you mean/i);
});
