/** The tour of the page about events, run as it is printed. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newFolder, type ServerProcess, startDevServer } from './server.ts';
import { blocksBelow, runTour } from './tour.ts';

let server: ServerProcess;

before(async () => {
  server = await startDevServer();
});

after(async () => {
  await server.stop();
});

test('the tour of events answers as printed', async () => {
  const steps = await runTour({
    blocks: blocksBelow('docs/events.md', 'A short tour'),
    home: newFolder(),
    env: { COFFER_ADDR: server.address, COFFER_TOKEN: 'root' },
  });
  assert.ok(steps >= 6, 'the tour has its steps');
});
