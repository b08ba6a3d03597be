import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WireRequest } from '../../contracts/wire.ts';
import type { Mount } from '../mounts/mount.ts';
import { Exchange } from '../request/exchange.ts';
import { AnswerCounts, bucketBoundsMs, mountsLimit, noMount, otherMounts } from './counts.ts';

const wire: WireRequest = {
  method: 'GET',
  rawTarget: '/v1/a',
  headers: new Map<string, string>(),
  peer: { address: '127.0.0.1', port: 1, secure: false },
  body: () => new Uint8Array(0),
  pieces: () => assert.fail('nobody asks for its body'),
};
const exchangeIn = (id: string | undefined): Exchange => {
  const exchange = new Exchange(wire, 'x', 0);
  if (id !== undefined) exchange.mount = { record: { id } } as Mount;
  return exchange;
};

test('answers are counted by mount, operation and class of status', () => {
  const counts = new AnswerCounts();
  const written = exchangeIn('a');
  written.operation = 'create';
  counts.add(written, 204, 1);
  counts.add(written, 200, 1);
  counts.add(exchangeIn('a'), 404, 1);
  counts.add(exchangeIn(undefined), 500, 1);
  assert.deepEqual(
    [...counts.list(new Map([['a', 'secret/']]))],
    [
      [
        'secret/',
        [
          { operation: 'read', statusClass: '4xx', count: 1 },
          { operation: 'create', statusClass: '2xx', count: 2 },
        ],
      ],
      [noMount, [{ operation: 'read', statusClass: '5xx', count: 1 }]],
      [otherMounts, []],
    ],
  );
});

test('mounts past the limit are counted together; one that is gone is forgotten and makes room', () => {
  const counts = new AnswerCounts();
  const ids = Array.from({ length: mountsLimit + 3 }, (_, index) => `m${index}`);
  for (const id of ids) counts.add(exchangeIn(id), 200, 1);
  const listed = counts.list(new Map(ids.map(id => [id, `${id}/`])));
  assert.equal(listed.size, mountsLimit + 2);
  assert.deepEqual(listed.get(otherMounts), [{ operation: 'read', statusClass: '2xx', count: 3 }]);
  assert.equal(counts.list(new Map([['m0', 'm0/']])).size, 3);
  counts.add(exchangeIn('new'), 200, 1);
  assert.ok(counts.list(new Map([['new', 'new/']])).has('new/'));
});

test('durations fall into the first bucket that holds them, and add up', () => {
  const counts = new AnswerCounts();
  for (const ms of [0, 0.25, 0.26, 3, 40_000]) counts.add(exchangeIn(undefined), 200, ms);
  const { count, sumMs, within } = counts.durations();
  assert.deepEqual([count, sumMs, within.length], [5, 40_003.51, bucketBoundsMs.length]);
  assert.deepEqual([within[0], within[1], within[4], within.at(-1)], [2, 3, 4, 4]);
});

test('what another thread has counted is added once, and it begins anew', () => {
  const [whole, other] = [new AnswerCounts(), new AnswerCounts()];
  whole.add(exchangeIn('a'), 200, 1);
  assert.equal(other.take(), undefined);
  for (const id of ['a', 'b', undefined]) other.add(exchangeIn(id), 200, 30);
  const taken = other.take();
  assert.ok(taken);
  whole.merge(structuredClone(taken));
  assert.equal(other.take(), undefined);
  const listed = whole.list(
    new Map([
      ['a', 'a/'],
      ['b', 'b/'],
    ]),
  );
  assert.deepEqual(
    ['a/', 'b/', noMount].map(name => listed.get(name)?.[0]?.count),
    [2, 1, 1],
  );
  const { count, sumMs, within } = whole.durations();
  assert.deepEqual([count, sumMs, within.at(-1)], [4, 91, 4]);
});
