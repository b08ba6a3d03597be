/** The storage suite on real servers: the oldest PostgreSQL that is supported, and the newest. */
import { after, before, describe } from 'node:test';
import { openLog } from '../../packages/server/src/platform/log/standard.ts';
import { openPostgresStore } from '../../packages/server/src/platform/postgres/store.ts';
import { parseTarget } from '../../packages/server/src/platform/postgres/target.ts';
import { need } from '../counterparts/counterpart.ts';
import { postgres15, postgres18 } from '../counterparts/postgres.ts';
import { PostgresPlace } from '../peers/postgres/programs.ts';
import { type PostgresServer, startPostgres } from '../peers/postgres/server.ts';
import { sharedStoreConformance, storeConformance } from './store.ts';
import type { Open } from './store-given.ts';

const log = openLog({ level: 'error', format: 'standard', write: line => process.stderr.write(line) });
const fatal = (error: Error): void => {
  throw error;
};

/** Each directory is a set of tables of its own. */
const tableOf = (directory: string): string => {
  const [last = ''] = directory.split('coffer-store-').slice(-1);
  return `t_${Buffer.from(last).toString('hex')}`.slice(0, 40);
};

const opening =
  (server: () => PostgresServer, sharesCore: boolean): Open =>
  (directory, historyLimit) =>
    openPostgresStore({
      target: parseTarget(server().url(), () => undefined),
      log,
      fatal,
      table: tableOf(directory),
      sharesCore,
      ...(historyLimit === undefined ? {} : { historyLimit }),
    });

for (const counterpart of [postgres15, postgres18]) {
  const { skip, path } = need(counterpart);
  describe(counterpart.name, { skip }, () => {
    let place: PostgresPlace;
    let server: PostgresServer;
    before(async () => {
      place = new PostgresPlace(path);
      server = await startPostgres(place);
    });
    after(async () => {
      await server.stop('SIGQUIT');
      place.remove();
    });
    const open = opening(() => server, counterpart === postgres15);
    storeConformance(counterpart.name, open, true);
    sharedStoreConformance(`${counterpart.name}, two nodes`, open);
  });
}
