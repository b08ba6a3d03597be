/** The tour of the README, run as it is printed. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { newFolder, type ServerProcess, startServer } from './server.ts';
import { blocksBelow, runTour } from './tour.ts';

const folder = newFolder();
const data = path.join(folder, 'coffer-data');
let server: ServerProcess;

before(async () => {
  server = await startServer({
    args: ['-embedded', `-data=${data}`, '-listen=127.0.0.1:0'],
    folder,
    ready: /running at (http:\/\/\S+)[\s\S]*docs\/production/,
  });
});

after(async () => {
  await server.stop();
});

test('the tour of the README answers as printed', async () => {
  // The first block starts the server and is the test's own.
  const steps = await runTour({
    blocks: blocksBelow('README.md', 'Five minutes').slice(1),
    home: folder,
    change: script => script.replaceAll('http://127.0.0.1:8200', server.address).replaceAll('coffer-data/', `${data}/`),
  });
  assert.ok(steps >= 6, 'the tour has its steps');
});
