/** A stream that has ended says so with its last words; a client that does not read them is not waited for. */
import type { Clock } from '../../contracts/clock.ts';
import type { Subscription } from './subscription.ts';

/** From the end of a subscription to the end of its connection. */
const lastWordsMs = 400;

export const cutAfter = (clock: Clock, subscription: Subscription): AbortSignal => {
  const cut = new AbortController();
  subscription.ended.addEventListener(
    'abort',
    () => void clock.after(lastWordsMs, () => !subscription.isOver && cut.abort()),
    { once: true },
  );
  return cut.signal;
};
