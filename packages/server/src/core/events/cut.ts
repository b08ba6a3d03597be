/** A stream that has ended says so with its last words; a client that does not read them is not waited for. */
import type { Clock } from '../../contracts/clock.ts';

/** What a stream is made of, and when it is over. */
export interface Ends {
  /** Aborts when it ends. */
  readonly ended: AbortSignal;
  /** Its last words were read, or nobody reads any more. */
  readonly isOver: boolean;
}

/** From the end of a stream to the end of its connection. */
const lastWordsMs = 400;

export const cutAfter = (clock: Clock, stream: Ends): AbortSignal => {
  const cut = new AbortController();
  stream.ended.addEventListener('abort', () => void clock.after(lastWordsMs, () => !stream.isOver && cut.abort()), {
    once: true,
  });
  return cut.signal;
};
