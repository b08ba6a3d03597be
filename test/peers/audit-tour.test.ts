/** The tour of the page about audit, run as it is printed. */
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

test('the tour of audit answers as printed', async () => {
  const home = newFolder();
  const steps = await runTour({
    blocks: blocksBelow('docs/audit.md', 'A short tour'),
    home,
    env: { COFFER_ADDR: server.address, COFFER_TOKEN: 'root' },
    change: script => `cd "$HOME"\n${script}`,
  });
  assert.ok(steps >= 11, 'the tour has its steps');
});
