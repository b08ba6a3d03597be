/** Who waits for the last request waits for exactly that. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestCount } from './running.ts';

test('drained resolves when the last request has left, and at once where none is inside', async () => {
  const running = new RequestCount();
  await running.drained();
  const leaveOne = running.enter();
  const leaveTwo = running.enter();
  let drained = false;
  const waiting = running.drained().then(() => (drained = true));
  leaveOne();
  leaveOne();
  await new Promise(done => setImmediate(done));
  assert.deepEqual([drained, running.count], [false, 1]);
  leaveTwo();
  await waiting;
  assert.equal(running.count, 0);
});
