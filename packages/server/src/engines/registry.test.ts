import assert from 'node:assert/strict';
import { test } from 'node:test';
import { engineConformance } from '../../../../test/conformance/engine.ts';
import { engines, resolveEngine } from './registry.ts';
import { kvV1 } from './secrets/kv/v1.ts';
import { kvV2 } from './secrets/kv/v2.ts';

const found = (type: string, version?: string) =>
  resolveEngine(type, new Map(version === undefined ? [] : [['version', version]]));

test('kv is found by type, by version and by the names that mean a version', () => {
  assert.equal(found('kv'), kvV1);
  assert.equal(found('kv', '1'), kvV1);
  assert.equal(found('kv', '2'), kvV2);
  assert.equal(found('kv-v1'), kvV1);
  assert.equal(found('kv-v2'), kvV2);
  assert.equal(found('kv-v2', '1'), kvV2);
  assert.equal(found('generic', '2'), kvV1);
});

test('what there is not, is not found', () => {
  for (const type of ['', 'KV', 'kv-v3', 'constructor', '__proto__', 'toString'])
    assert.equal(found(type), undefined, type);
  assert.equal(found('kv', '3'), undefined);
  assert.equal(found('kv', ''), undefined);
});

test('no two engines answer to the same type and option', () => {
  const names = engines.map(({ kind, type, variant }) => `${kind} ${type} ${variant?.value ?? ''}`);
  assert.equal(new Set(names).size, names.length);
});

for (const engine of engines) engineConformance(engine);
