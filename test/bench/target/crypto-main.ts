/**
 * The store's own composition with an engine that makes RSA keys and does nothing else: `crypto-main.ts CONFIGURATION`.
 * Asked by a message, it tells how late its loop has been since it was last asked.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { t } from '@coffer/schema/fields/t.ts';
import { rowsFor } from '@coffer/schema/row.ts';
import type { Cx, Engine } from '../../../packages/server/src/contracts/engine.ts';
import { openLog } from '../../../packages/server/src/platform/log/standard.ts';
import { boundMemory } from '../../../packages/server/src/platform/process/memory.ts';
import { readConfiguration } from '../../../packages/server/src/compose/configuration/read.ts';
import { readSources } from '../../../packages/server/src/compose/server/sources.ts';
import { startServer } from '../../../packages/server/src/compose/server/start.ts';

/** Of the loop, the millisecond that lies between two looks at it included. */
export interface LoopDelay {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

const needs = ['slow'] as const;
const rows = rowsFor<Cx<(typeof needs)[number]>>();

const engine: Engine = {
  kind: 'secret',
  type: 'bench-keys',
  summary: 'Keys for nothing',
  needs,
  rows: [
    rows.write(
      'keys/:name',
      { summary: 'Make a key', in: { name: t.name('Key') }, out: { bytes: t.integer('Of its public half') } },
      async cx => ({ bytes: (await cx.slow('rsaKeyPair', { bits: 4096 })).publicKey.length }),
    ),
  ],
};

const nanosecondsInMs = 1e6;
const delay = monitorEventLoopDelay({ resolution: 1 });

const told = (): LoopDelay => {
  const found = {
    p50Ms: delay.percentile(50) / nanosecondsInMs,
    p99Ms: delay.percentile(99) / nanosecondsInMs,
    maxMs: delay.max / nanosecondsInMs,
  };
  delay.reset();
  return found;
};

const [file = ''] = process.argv.slice(2);
boundMemory();
const { configuration } = readConfiguration(await readSources([file]), {});
const running = await startServer({
  configuration,
  log: openLog({ level: 'warn', format: 'standard', write: line => void process.stderr.write(line) }),
  fatal: reason => {
    process.stderr.write(`${reason}\n`);
    process.exit(70);
  },
  engines: [engine],
});
delay.enable();
process.on('message', () => process.send?.(told()));
process.once('SIGTERM', () => void running.close().then(() => process.exit(0)));
process.stdout.write(`listening on ${running.addresses.join(', ')}\n`);
