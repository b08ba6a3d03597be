/**
 * The store's own composition with an engine that gives leases and does nothing else: what is measured is the store's part.
 * `lease-main.ts CONFIGURATION [LEASES ENDS_AT]` lays down so many leases first, all of which end in that second, in
 * seconds since 1970. Asked by a message, it tells how many were taken back, and when the last one was.
 */
import { t } from '@coffer/schema/fields/t.ts';
import { rowsFor } from '@coffer/schema/row.ts';
import type { Cx, Engine } from '../../../packages/server/src/contracts/engine.ts';
import { openLog } from '../../../packages/server/src/platform/log/standard.ts';
import { boundMemory } from '../../../packages/server/src/platform/process/memory.ts';
import { readConfiguration } from '../../../packages/server/src/compose/configuration/read.ts';
import { readSources } from '../../../packages/server/src/compose/server/sources.ts';
import { startServer } from '../../../packages/server/src/compose/server/start.ts';
import type { Lease } from '../../../packages/server/src/core/leases/lease.ts';
import type { Core } from '../../../packages/server/src/core/request/core.ts';
import { layDown } from '../leases.ts';
import { leaseMount } from '../workloads.ts';

export interface TakenBack {
  readonly count: number;
  readonly lastAtMs: number;
}

const needs = ['leases'] as const;
const rows = rowsFor<Cx<(typeof needs)[number]>>();
let takenBack: TakenBack = { count: 0, lastAtMs: 0 };

const engine: Engine = {
  kind: 'secret',
  type: 'bench-leases',
  summary: 'Leases about nothing',
  needs,
  rows: [
    rows.read(
      'creds/:name',
      { summary: 'Make a lease', in: { name: t.name('Role') }, out: { username: t.string('Who') }, pure: false },
      cx => cx.leases.issue({ data: new Map([['username', 'nobody']]) }, () => ({ username: 'nobody' })),
    ),
  ],
  leases: {
    renew: () => undefined,
    revoke: () => {
      takenBack = { count: takenBack.count + 1, lastAtMs: Date.now() };
    },
  },
};

const hourSeconds = 3600;

const prepare = async (core: Core, leases: number, endsAtSeconds: number): Promise<void> => {
  const mount = core.mounts.at('secret', `${leaseMount}/`);
  if (mount === undefined || leases === 0) return;
  await layDown(
    core,
    leases,
    (number, nowSeconds): Lease => ({
      id: `${leaseMount}/creds/ending/${String(number).padStart(24, '0')}`,
      path: `${leaseMount}/creds/ending`,
      mountId: mount.record.id,
      owner: '',
      state: 'live',
      issuedAtSeconds: nowSeconds,
      expiresAtSeconds: endsAtSeconds,
      renewedAtSeconds: 0,
      ttlSeconds: hourSeconds,
      maxTtlSeconds: 0,
      renewable: true,
      attempts: 0,
      retryAtSeconds: 0,
      failure: '',
      forced: false,
      data: new Map([['username', `nobody-${number}`]]),
    }),
  );
};

const [file = '', leases = '0', endsAt = '0'] = process.argv.slice(2);
boundMemory();
const { configuration } = readConfiguration(await readSources([file]), {});
const running = await startServer({
  configuration,
  log: openLog({ level: 'warn', format: 'standard', write: line => void process.stderr.write(line) }),
  fatal: reason => {
    process.stderr.write(`${reason}\n`);
    process.exit(70);
  },
  prepare: core => prepare(core, Number(leases), Number(endsAt)),
  engines: [engine],
});
process.on('message', () => process.send?.(takenBack));
process.once('SIGTERM', () => void running.close().then(() => process.exit(0)));
process.stdout.write(`listening on ${running.addresses.join(', ')}\n`);
