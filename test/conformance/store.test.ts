import { openMemoryStore } from '../../packages/server/src/platform/memory/store.ts';
import { realClock } from '../../packages/server/src/platform/clock/real.ts';
import { openLog } from '../../packages/server/src/platform/log/standard.ts';
import { openSqliteStore } from '../../packages/server/src/platform/sqlite/store.ts';
import { storeConformance } from './store.ts';
import type { Open } from './store-given.ts';

const log = openLog({ level: 'error', format: 'standard', write: line => process.stderr.write(line) });
const fatal = (error: Error): void => {
  throw error;
};

const memory: Open = async (_, historyLimit) => openMemoryStore(historyLimit === undefined ? {} : { historyLimit });
const sqlite =
  (sharesCore: boolean): Open =>
  (directory, historyLimit) =>
    openSqliteStore({
      path: `${directory}/store.db`,
      clock: realClock(),
      log,
      fatal,
      sharesCore,
      ...(historyLimit === undefined ? {} : { historyLimit }),
    });

storeConformance('memory', memory, false);
storeConformance('sqlite', sqlite(false), true);
storeConformance('sqlite on one core', sqlite(true), true);
