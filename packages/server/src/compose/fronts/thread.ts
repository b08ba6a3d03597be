/** The thread that only reads, as something that is started. */
import type { Thread } from '../../platform/threads/start.ts';

export const frontThread: Thread = {
  name: 'front',
  asset: 'front.js',
  source: new URL('./front.ts', import.meta.url),
};
