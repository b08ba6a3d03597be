/** Files of snapshots: kept whole or not at all, whoever else writes there. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { snapshotIo } from './snapshot-io.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test('two that save to one file at a time do not touch what the other has written, nor what was there', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coffer-snap-'));
  const file = path.join(folder, 'store.snap');
  writeFileSync(`${file}.tmp`, 'of a person');
  const one = await snapshotIo.files.open(file);
  await one.write(bytes('whole'));
  const other = await snapshotIo.files.open(file);
  await other.write(bytes('ha'));
  await one.keep();
  assert.equal(readFileSync(file, 'utf8'), 'whole');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  await other.drop();
  assert.equal(readFileSync(file, 'utf8'), 'whole');
  assert.deepEqual(readdirSync(folder).toSorted(), ['store.snap', 'store.snap.tmp']);
  assert.equal(readFileSync(`${file}.tmp`, 'utf8'), 'of a person');
});
