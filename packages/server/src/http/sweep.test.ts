import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '../contracts/clock.ts';
import { DateLine } from './date.ts';
import { never, type Timed } from './members.ts';
import { stepMs, Sweep } from './sweep.ts';

interface Turned extends Clock {
  turn(ms: number): void;
}

const turnedClock = (): Turned => {
  let elapsed = 0;
  let timers: { at: number; task: () => void }[] = [];
  return {
    now: () => elapsed,
    monotonic: () => elapsed,
    after: (delayMs, task) => {
      const timer = { at: elapsed + delayMs, task };
      timers.push(timer);
      return () => {
        timers = timers.filter(other => other !== timer);
      };
    },
    turn: ms => {
      elapsed += ms;
      const due = timers.filter(({ at }) => at <= elapsed);
      timers = timers.filter(({ at }) => at > elapsed);
      for (const { task } of due) task();
    },
  };
};

const member = (deadline: number): Timed & { count: number } => ({
  count: 0,
  deadline,
  origin: '',
  isIdle: true,
  waitsForClient: true,
  expired() {
    this.count++;
    this.deadline = never;
  },
  close: () => {},
  destroy: () => {},
});

test('a deadline is met after its time, never before, and at most two steps late', () => {
  const clock = turnedClock();
  const sweep = new Sweep(clock);
  clock.turn(stepMs);
  clock.turn(stepMs / 2);
  const timed = member(sweep.in(5000));
  sweep.members.add(timed);
  let waitedMs = 0;
  while (timed.count === 0) {
    clock.turn(stepMs / 2);
    waitedMs += stepMs / 2;
    assert.ok(waitedMs < 10_000);
  }
  assert.ok(waitedMs >= 5000 && waitedMs <= 5000 + 2 * stepMs, String(waitedMs));
});

test('a member without a deadline is left alone, and a stopped sweep does nothing', () => {
  const clock = turnedClock();
  const sweep = new Sweep(clock);
  const [without, later] = [member(never), member(sweep.in(3000))];
  sweep.members.add(without);
  sweep.members.add(later);
  for (let turn = 0; turn < 3; turn++) clock.turn(stepMs);
  sweep.stop();
  for (let turn = 0; turn < 10; turn++) clock.turn(stepMs);
  assert.deepEqual([without.count, later.count], [0, 0]);
});

test('the date line follows the clock by the second', () => {
  const clock = turnedClock();
  const line = new DateLine(clock);
  assert.equal(line.get(), 'Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n');
  clock.turn(999);
  assert.equal(line.get(), 'Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n');
  clock.turn(1);
  assert.equal(line.get(), 'Date: Thu, 01 Jan 1970 00:00:01 GMT\r\n');
});
