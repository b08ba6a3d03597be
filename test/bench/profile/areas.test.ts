import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byArea, collectorArea, runtimeArea } from './areas.ts';
import type { Stack } from './samples.ts';

const stack = (microseconds: number, ...frames: readonly string[]): Stack => ({
  frames: frames.map(frame => {
    const [functionName = '', url = ''] = frame.split('|');
    return { functionName, url };
  }),
  microseconds,
});

test('what the runtime does counts as the work of who asked for it, and idling as nothing', () => {
  const ours = 'file:///any/where/packages/server/src';
  const found = byArea([
    stack(
      5,
      'hash|node:internal/crypto/hash',
      `sha256Hex|${ours}/platform/crypto/hash.ts`,
      `close|${ours}/core/audit/lane.ts`,
      `run|${ours}/core/request/run.ts`,
    ),
    stack(4, 'get', `get|${ours}/core/barrier/cache.ts`),
    stack(3, `record|${ours}/core/barrier/record.ts`),
    stack(2, '(garbage collector)', `get|${ours}/core/barrier/cache.ts`),
    stack(9, '(idle)'),
    stack(1, '(program)'),
    stack(6, `at|file:///any/where/packages/schema/src/json/parse.ts`),
  ]);
  assert.deepEqual(found, [
    ['JSON, fields, rows', 6],
    ['audit records', 5],
    ['cache of records', 4],
    ['barrier: sealing and opening records', 3],
    [collectorArea, 2],
    [runtimeArea, 1],
  ]);
});
