/** Rows that a listener opens to callers without a token: these, here, and nothing else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBed } from '../bed.ts';

test('without a token a row is open where its listener opens it, and only there', async () => {
  const bed = await openBed();
  for (const [path, word, other] of [
    ['sys/metrics', 'metrics', 'in-flight requests'],
    ['sys/in-flight-req', 'in-flight requests', 'metrics'],
  ] as const) {
    assert.equal((await bed.ask('GET', path)).status, 403);
    assert.equal((await bed.ask('GET', path, { opens: [other] })).status, 403);
    assert.equal((await bed.ask('GET', path, { opens: [word] })).status, 200);
    assert.equal(
      (await bed.ask('GET', path, { opens: [word], token: 'none' })).status,
      200,
      'a token is not looked at',
    );
    assert.equal((await bed.ask('POST', path, { opens: [word], body: {} })).status, 403);
  }
});

test('nothing else is opened by it, nor the same row for more than its answer', async () => {
  const bed = await openBed();
  const opens = ['metrics', 'in-flight requests'] as const;
  for (const path of [
    'sys/mounts',
    'sys/host-info',
    'sys/monitor',
    'secret/data/x',
    'sys/metrics/x',
    'sys/metrics?help=1',
  ])
    assert.notEqual((await bed.ask('GET', path, { opens })).status, 200, path);
  const wrapped = await bed.ask('GET', 'sys/metrics', { opens, headers: { 'x-vault-wrap-ttl': '60' } });
  assert.equal(wrapped.status, 400);
  assert.match(wrapped.json.errors[0], /cannot be wrapped/);
  await bed.root('PUT', 'sys/seal');
  assert.equal((await bed.ask('GET', 'sys/metrics', { opens })).status, 503);
});

test('what a stranger asked for is on record', async () => {
  const bed = await openBed();
  bed.audited.length = 0;
  await bed.ask('GET', 'sys/metrics', { opens: ['metrics'] });
  const records = bed.audited.map(line => JSON.parse(line) as { type: string; request: { path: string } });
  assert.deepEqual(
    records.map(({ type, request }) => [type, request.path]),
    [
      ['request', 'sys/metrics'],
      ['response', 'sys/metrics'],
    ],
  );
});
