/**
 * A store with many leases, none of them due: how long it takes from the start of its process until it answers. They are
 * laid down by the store's own code; no engine here makes them.
 */
import { openLog } from '../../packages/server/src/platform/log/standard.ts';
import { readConfiguration } from '../../packages/server/src/compose/configuration/read.ts';
import { readSources } from '../../packages/server/src/compose/server/sources.ts';
import { startServer } from '../../packages/server/src/compose/server/start.ts';
import { indexWrites, type Lease, leaseRecords } from '../../packages/server/src/core/leases/lease.ts';
import type { Core } from '../../packages/server/src/core/request/core.ts';
import { measureStartUp, type Starts, type StartUp } from './start-up.ts';
import { initialise, startCoffer } from './target/coffer.ts';

export interface LeaseStart {
  readonly leases: number;
  readonly start: Starts;
}

const monthSeconds = 2_764_800;
const inOneCommit = 1000;

export const measureLeaseStart = async (place: StartUp, leases: number): Promise<LeaseStart> => {
  const coffer = await startCoffer({ ...place, audit: false });
  await initialise(coffer);
  await coffer.stop();
  await fill(`${place.folder}/audit-off.hcl`, leases);
  return { leases, start: await measureStartUp(place) };
};

const fill = async (file: string, leases: number): Promise<void> => {
  const { configuration } = readConfiguration(await readSources([file]), {});
  const running = await startServer({
    configuration,
    log: openLog({ level: 'warn', format: 'standard', write: line => void process.stderr.write(line) }),
    fatal: reason => {
      throw new Error(reason);
    },
    prepare: core => layDown(core, leases, spread),
  });
  await running.close();
};

/** Leases that nobody asked for, made by `leaseOf` from their numbers and the time now. */
export const layDown = async (
  { storage, tokens }: Core,
  leases: number,
  leaseOf: (number: number, nowSeconds: number) => Lease,
): Promise<void> => {
  const records = leaseRecords(storage);
  const now = tokens.nowSeconds();
  for (let from = 0; from < leases; from += inOneCommit) {
    const some = Array.from({ length: Math.min(inOneCommit, leases - from) }, (_, at) => leaseOf(from + at, now));
    await storage.commit({
      writes: some.flatMap(lease => [records.put(lease.id, lease), ...indexWrites(undefined, lease)]),
    });
  }
};

/** Their ends are spread over a month, as where they were made one after the other. */
const spread = (number: number, nowSeconds: number): Lease => ({
  id: `database/creds/role-${number % 100}/${String(number).padStart(24, '0')}`,
  path: `database/creds/role-${number % 100}`,
  mountId: 'bench',
  owner: `owner-${number % 1000}`,
  state: 'live',
  issuedAtSeconds: nowSeconds,
  expiresAtSeconds: nowSeconds + 86_400 + (number % monthSeconds),
  renewedAtSeconds: 0,
  ttlSeconds: monthSeconds,
  maxTtlSeconds: 0,
  renewable: true,
  attempts: 0,
  retryAtSeconds: 0,
  failure: '',
  forced: false,
  data: new Map([['username', `v-token-role-${number}`]]),
});
