/** The store's own composition on a disk that is slow: `slow-main.ts CONFIGURATION MILLISECONDS`. */
import { openLog } from '../../../packages/server/src/platform/log/standard.ts';
import { boundMemory } from '../../../packages/server/src/platform/process/memory.ts';
import { readConfiguration } from '../../../packages/server/src/compose/configuration/read.ts';
import { readSources } from '../../../packages/server/src/compose/server/sources.ts';
import { startServer } from '../../../packages/server/src/compose/server/start.ts';

const [file = '', delay = '0'] = process.argv.slice(2);
boundMemory();
const { configuration } = readConfiguration(await readSources([file]), {});
const running = await startServer({
  configuration,
  log: openLog({ level: 'warn', format: 'standard', write: line => void process.stderr.write(line) }),
  fatal: reason => {
    process.stderr.write(`${reason}\n`);
    process.exit(70);
  },
  fsyncDelayMs: Number(delay),
});
process.once('SIGTERM', () => void running.close().then(() => process.exit(0)));
process.stdout.write(`listening on ${running.addresses.join(', ')}\n`);
