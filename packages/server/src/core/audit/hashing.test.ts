import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RawJson } from '@coffer/schema/json/raw.ts';
import { HmacKey } from '../../platform/crypto/hash.ts';
import { AuditHasher } from './hashing.ts';

const hasher = (all: boolean): AuditHasher =>
  new AuditHasher(new HmacKey(new Uint8Array(32).fill(7)), { all, accessors: false });
const texts = [
  'short',
  'x'.repeat(65),
  'é😀'.repeat(30),
  `${'x'.repeat(80)}\n"`,
  'y'.repeat(5000),
  '2026-11-26T00:00:00Z',
];

test('what was sent is hashed alike, whether it was opened or not', () => {
  const raw = new RawJson(new TextEncoder().encode(JSON.stringify({ a: texts, b: { c: texts[1], n: 1e3 } })));
  for (const all of [false, true]) assert.equal(hasher(all).sent(raw), hasher(all).sent(raw.value()));
  const clear = hasher(true).sent(raw);
  assert.deepEqual(JSON.parse(clear).a, texts);
  const hashed = hasher(false).sent(raw);
  for (const text of texts.slice(0, -1)) assert.ok(hashed.includes(`"${hasher(false).hash(text)}"`));
});
