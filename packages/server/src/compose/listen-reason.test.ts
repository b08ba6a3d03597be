import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listenReason } from './listen-reason.ts';

test('a port that is taken is said with the flag that chooses another, the rest in words, what is not known by its code', () => {
  assert.match(listenReason('EADDRINUSE', '-listen'), /another program listens there; .* another address \(-listen\)$/);
  assert.equal(listenReason('EADDRNOTAVAIL', '-listen'), 'this machine has no such address');
  assert.equal(listenReason('EODD', '-listen'), 'EODD');
});
