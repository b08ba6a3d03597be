import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CofferError } from '@coffer/schema/errors.ts';
import { type KeyMeta, newMeta } from './key-meta.ts';
import { encodeMeta, storedMeta } from './meta-record.ts';

const read = (value: Uint8Array): KeyMeta => storedMeta({ value, revision: 1, memo: undefined }).meta;

const full: KeyMeta = {
  createdMs: 1_764_000_000_123,
  updatedMs: 1_764_000_000_456,
  currentVersion: 4_000_000_000,
  oldestVersion: 3_999_999_999,
  versions: [
    { createdMs: 1, deletionMs: 0, destroyed: false },
    { createdMs: 2, deletionMs: 8_640_000_000_000_000, destroyed: true },
  ],
  maxVersions: 65_536,
  casRequired: true,
  deleteAfterMs: 9_000_000_000_000,
  custom: new Map([
    ['owner', 'Zoë'],
    ['__proto__', ''],
  ]),
  metadataVersion: 7,
  metadataCasRequired: true,
};

test('metadata comes back as it was stored', () => {
  for (const meta of [full, newMeta(5), { ...full, casRequired: false }, { ...full, metadataCasRequired: false }])
    assert.deepEqual(read(encodeMeta(meta)), meta);
});

test('metadata that was stored as text is read', () => {
  const { versions, custom, ...rest } = full;
  const flat = versions.map(({ createdMs, deletionMs, destroyed }) => [createdMs, deletionMs, destroyed ? 1 : 0]);
  const text = JSON.stringify({ ...rest, versions: flat, custom: [...custom] });
  assert.deepEqual(read(new TextEncoder().encode(`\u0001${text}`)), full);
});

test('metadata of another format, or cut short, is refused as corrupt', () => {
  const whole = encodeMeta({ ...full, custom: new Map() });
  const other = new Uint8Array(whole);
  other[0] = 3;
  for (const bytes of [other, new Uint8Array(0), ...Array.from(whole, (_, length) => whole.slice(0, length))])
    assert.throws(
      () => read(bytes),
      (cause: unknown) => cause instanceof CofferError && cause.code === 'data_corrupt',
    );
});
