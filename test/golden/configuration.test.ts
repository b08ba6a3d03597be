/**
 * The table of configuration keys against the golden list and the reference. With COFFER_GOLDEN=write both are written
 * anew; the difference is then read by whoever commits it.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { configurationReference, goldenText } from '../../packages/server/src/compose/configuration/reference.ts';
import { keyRows } from '../../packages/server/src/compose/configuration/table.ts';
import { RowTable } from '../../packages/server/src/core/mounts/row-table.ts';
import { systemRows } from '../../packages/server/src/core/system/rows.ts';

const goldenFile = new URL('configuration.txt', import.meta.url);
const referenceFile = new URL('../../docs/configuration.md', import.meta.url);

const agrees = (file: URL, text: string): void => {
  if (process.env['COFFER_GOLDEN'] === 'write') writeFileSync(file, text);
  assert.equal(readFileSync(file, 'utf8'), text);
};

test('D14: every configuration key stands in the golden list it belongs to', () => {
  agrees(goldenFile, goldenText());
});

test('the configuration reference is made from the same table', () => {
  agrees(referenceFile, configurationReference());
});

test('every key says what it does or what to do, and none that is honoured needs an excuse', () => {
  for (const row of keyRows) {
    assert.ok(row.note.length > 3, `${row.block}: ${row.key}`);
    assert.ok(row.list !== 'honoured' || row.harmless.length === 0, `${row.block}: ${row.key}`);
  }
});

test('no key with a meaning for security is merely warned about', () => {
  const security = /^(?:tls_(?!prefer|auto)|x_forwarded|proxy_protocol|chroot|audit|user_lockout|disable_unauthed|initialize|max_lease|raw_|introspection_|seal$|unsafe_|log_raw|hmac_)/;
  for (const row of keyRows) {
    assert.ok(row.list !== 'warning' || !security.test(row.key), `${row.block}: ${row.key}`);
  }
});

test('a path that a note sends people to is there', () => {
  const system = new RowTable(systemRows);
  for (const { key, note } of keyRows) {
    for (const [, path = ''] of note.matchAll(/\bsys\/([a-z/-]+)/g))
      assert.equal(system.at(path).length > 0, !note.startsWith(`sys/${path} is not offered`), `${key}: sys/${path}`);
  }
});
