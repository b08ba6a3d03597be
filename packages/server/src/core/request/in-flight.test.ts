import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WireRequest } from '../../contracts/wire.ts';
import { Exchange } from './exchange.ts';
import { InFlight, inFlightLimit } from './in-flight.ts';

const wire: WireRequest = {
  method: 'GET',
  rawTarget: '/v1/a',
  headers: new Map<string, string>(),
  peer: { address: '127.0.0.1', port: 1, secure: false },
  body: () => new Uint8Array(0),
  pieces: () => assert.fail('nobody asks for its body'),
};

test('no more are kept than the limit says, and each is forgotten once', () => {
  const inFlight = new InFlight();
  const all = Array.from({ length: inFlightLimit + 5 }, (_, index) => new Exchange(wire, String(index), 0));
  for (const one of all) inFlight.enter(one);
  assert.equal(inFlight.count, inFlightLimit);
  assert.equal(inFlight.list()[0]?.id, '0');
  for (const one of all) inFlight.leave(one);
  for (const one of all) inFlight.leave(one);
  assert.equal(inFlight.count, 0);
});

test('a request that waits several times is kept once', () => {
  const inFlight = new InFlight();
  const one = new Exchange(wire, 'a', 0);
  inFlight.enter(one);
  inFlight.enter(one);
  assert.equal(inFlight.count, 1);
  inFlight.leave(one);
  assert.deepEqual(inFlight.list(), []);
});

test('whoever leaves, the others keep their order: against a plain list', () => {
  const inFlight = new InFlight();
  const plain: Exchange[] = [];
  let seed = 7;
  const next = (below: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  for (let step = 0; step < 5000; step++) {
    if (next(2) === 0) {
      const one = new Exchange(wire, String(step), 0);
      inFlight.enter(one);
      plain.push(one);
    } else if (plain.length > 0) {
      const [gone] = plain.splice(next(plain.length), 1);
      if (gone !== undefined) inFlight.leave(gone);
    }
    assert.equal(inFlight.count, plain.length);
    if (step % 50 === 0)
      assert.deepEqual(
        inFlight.list().map(({ id }) => id),
        plain.map(({ id }) => id),
      );
  }
});
