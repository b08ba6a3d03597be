/** The client left, or was answered for: what comes piece by piece is told to stop. */
import type { WireAnswer } from '../contracts/wire.ts';

export const abandon = ({ messages, body }: Pick<WireAnswer, 'messages' | 'body'>): void => {
  const pieces = messages ?? body;
  if (pieces === undefined || pieces instanceof Uint8Array) return;
  void pieces[Symbol.asyncIterator]()
    .return?.()
    .catch(() => {});
};
