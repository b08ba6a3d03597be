/** The tour of the page about snapshots, run as it is printed. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { newFolder, type ServerProcess, startServer } from './server.ts';
import { blocksBelow, runTour } from './tour.ts';

let server: ServerProcess;
const folder = newFolder();
const data = path.join(folder, 'data');

before(async () => {
  server = await startServer({
    args: ['-embedded', `-data=${data}`, '-listen=127.0.0.1:0'],
    folder,
    ready: /running at (http:\/\/[^\s]+)[\s\S]*The seal key opens the data/,
  });
});

after(async () => {
  await server.stop();
});

test('the tour of snapshots answers as printed', async () => {
  const steps = await runTour({
    blocks: blocksBelow('docs/snapshots.md', 'A short tour'),
    home: newFolder(),
    env: { COFFER_ADDR: server.address, COFFER_TOKEN: readFileSync(path.join(data, 'root-token'), 'utf8').trim() },
    change: script => `cd '${folder}'\n${script}`,
  });
  assert.ok(steps >= 6, 'the tour has its steps');
});
