/** The real clock: the machine's wall and monotonic time, and timers that never keep the process alive. */
import type { Clock } from '../../contracts/clock.ts';

/** Longest delay a timer of the runtime takes; a longer one would run at once. */
const timerLimitMs = 2_147_483_647;

const after = (delayMs: number, task: () => void): (() => void) => {
  let timer: NodeJS.Timeout;
  const arm = (leftMs: number): void => {
    const stepMs = Math.min(Math.max(leftMs, 0), timerLimitMs);
    timer = setTimeout(() => (leftMs > timerLimitMs ? arm(leftMs - timerLimitMs) : task()), stepMs);
    timer.unref();
  };
  arm(delayMs);
  return () => clearTimeout(timer);
};

export const realClock = (): Clock => ({ now: Date.now, monotonic: () => performance.now(), after });
