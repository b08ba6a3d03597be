/** A subscription as messages of a WebSocket: one event each. Signs of life are the connection's own business there. */
import type { SocketMessage } from '@coffer/schema/row.ts';
import type { Subscription, Told } from './subscription.ts';
import { compactedEvent, type ToldEvent } from './told-event.ts';

const eventMessage = (event: ToldEvent, json: boolean): SocketMessage =>
  json ? { kind: 'text', bytes: event.json } : { kind: 'binary', bytes: event.protobuf };

const messageOf = (told: Exclude<Told, { readonly kind: 'beat' }>, json: boolean): SocketMessage => {
  switch (told.kind) {
    case 'event':
      return eventMessage(told.event, json);
    case 'compacted':
      return eventMessage(compactedEvent(told.revision), json);
    default:
      return { kind: 'close', ...told.ending };
  }
};

export const messages = (subscription: Subscription, json: boolean): AsyncIterable<SocketMessage> => ({
  [Symbol.asyncIterator]: () => ({
    next: async () => {
      for (;;) {
        const step = await subscription.next();
        if (step.done === true) return step;
        if (step.value.kind !== 'beat') return { done: false, value: messageOf(step.value, json) };
      }
    },
    return: () => subscription.return(),
  }),
});
