/** How many threads take requests in. */
import type { StorageSettings } from './configuration.ts';
import type { Report } from './problem.ts';
import type { Settings } from './settings.ts';

export const threadsLimit = 64;
const key = 'request_threads';

/** One that writes, and the others beside it that read what it wrote: that takes a storage which they can open as well. */
export const readThreads = (settings: Settings, storage: StorageSettings | undefined, report: Report): number => {
  const threads = settings.number(key);
  const origin = settings.setting(key)?.origin;
  if (threads === undefined || origin === undefined) return 1;
  if (!Number.isSafeInteger(threads) || threads < 1 || threads > threadsLimit)
    report.add('error', origin, `"${key}": expected 1 to ${threadsLimit}`);
  else if (threads > 1 && storage !== undefined && storage.type !== 'sqlite')
    report.add(
      'error',
      origin,
      `"${key}": more than one needs storage "sqlite"${storage.type === 'postgresql' ? '; over PostgreSQL run more nodes instead' : ''}`,
    );
  return threads;
};
