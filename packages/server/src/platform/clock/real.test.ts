import assert from 'node:assert/strict';
import { test } from 'node:test';
import { realClock } from './real.ts';

const clock = realClock();

test('the real clock tells wall time in milliseconds and a monotonic time that does not go back', () => {
  assert.ok(Math.abs(clock.now() - Date.now()) < 10_000);
  const first = clock.monotonic();
  assert.ok(clock.monotonic() >= first);
});

test('a task runs once after its delay, unless it is cancelled', async () => {
  const ran: string[] = [];
  const cancel = clock.after(1, () => ran.push('cancelled'));
  cancel();
  clock.after(1, () => ran.push('kept'));
  await new Promise(done => setTimeout(done, 50));
  assert.deepEqual(ran, ['kept']);
});

test('a delay longer than a timer can hold does not run at once', async () => {
  let ran = false;
  const cancel = clock.after(5_000_000_000, () => (ran = true));
  await new Promise(done => setTimeout(done, 20));
  cancel();
  assert.equal(ran, false);
});
