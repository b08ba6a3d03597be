/**
 * A subscription as server-sent events (HTML, "Server-sent events"). The id is the revision to resume after; it comes
 * alone, without data, as a sign of life. `compacted` and `closed` are events of their own.
 */
import type { Subscription, Told } from './subscription.ts';

const utf8 = new TextEncoder();

const pieceOf = (told: Told): Uint8Array => {
  switch (told.kind) {
    case 'event':
      return told.event.sse;
    case 'beat':
      return utf8.encode(`id: ${told.revision}\n\n`);
    case 'compacted':
      return utf8.encode(`id: ${told.revision - 1}\nevent: compacted\ndata: {"revision":"${told.revision}"}\n\n`);
    default:
      return utf8.encode(`event: closed\ndata: ${JSON.stringify(told.ending)}\n\n`);
  }
};

export const pieces = (subscription: Subscription): AsyncIterable<Uint8Array> => mapped(subscription, pieceOf);

/** Each item in another form. Ends when the subscription does, and ends it when nobody asks for more. */
export const mapped = <T>(subscription: Subscription, form: (told: Told) => T): AsyncIterable<T> => ({
  [Symbol.asyncIterator]: () => ({
    next: async () => {
      const step = await subscription.next();
      return step.done === true ? step : { done: false, value: form(step.value) };
    },
    return: () => subscription.return(),
  }),
});
