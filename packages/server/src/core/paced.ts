/** Records whose long reads give the event loop back, so that whoever walks through many of them holds up nobody. */
import type { MountStorage } from '../contracts/engine.ts';
import { turn } from '../platform/clock/turn.ts';

/** Records in one read from which on it is a long one. */
const longRead = 128;

export const paced = (storage: MountStorage): MountStorage => ({
  get: (key, beside) => storage.get(key, beside),
  range: async (prefix, options) => {
    const found = await storage.range(prefix, options);
    if (found.length >= longRead) await turn();
    return found;
  },
  commit: changes => storage.commit(changes),
});
