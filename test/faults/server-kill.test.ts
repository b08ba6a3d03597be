import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { newFolder, type ServerProcess } from '../peers/server.ts';
import { configure, survive } from './kept-writes.ts';

const rounds = 12;

test('F1: a server killed under load opens again by itself with every write it acknowledged', async context => {
  const folder = newFolder();
  configure(folder);
  let last: ServerProcess | undefined;
  context.after(async () => {
    await last?.stop('SIGKILL');
    rmSync(folder, { recursive: true });
  });
  const written = await survive(folder, rounds, server => {
    last = server;
  });
  context.diagnostic(`${written} acknowledged writes over ${rounds} kills, none lost`);
});
