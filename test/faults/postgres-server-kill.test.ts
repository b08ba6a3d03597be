import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { need } from '../counterparts/counterpart.ts';
import { postgres18 } from '../counterparts/postgres.ts';
import { PostgresPlace } from '../peers/postgres/programs.ts';
import { startPostgres } from '../peers/postgres/server.ts';
import { newFolder, type ServerProcess } from '../peers/server.ts';
import { configure, survive } from './kept-writes.ts';

const rounds = 6;
const { skip, path } = need(postgres18);

test('F1: a server on PostgreSQL killed under load opens again with every write it acknowledged', {
  skip,
}, async context => {
  const folder = newFolder();
  const place = new PostgresPlace(path);
  const database = await startPostgres(place);
  configure(folder, `storage "postgresql" {\n  connection_url = "${database.url()}"\n}`);
  let last: ServerProcess | undefined;
  context.after(async () => {
    await last?.stop('SIGKILL');
    await database.stop('SIGKILL');
    place.remove();
    rmSync(folder, { recursive: true });
  });
  const written = await survive(folder, rounds, server => {
    last = server;
  });
  context.diagnostic(`${written} acknowledged writes over ${rounds} kills, none lost`);
});
