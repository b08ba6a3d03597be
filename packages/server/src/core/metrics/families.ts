/** What can be measured, as families of samples: the one list from which both forms of `sys/metrics` are written. */
import type { LedgerStatus } from '../ledger/keeper.ts';
import type { Core } from '../request/core.ts';
import { wireVersion } from '../system/version.ts';
import { auditFamilies } from './audit.ts';
import { bucketBoundsMs, type Counted } from './counts.ts';
import type { Family, Sample } from './family.ts';
import type { Usage } from './usage.ts';

const single = (value: number): readonly Sample[] => [{ labels: [], value }];
const gauge = (name: string, help: string, value: number): Family => ({
  name,
  help,
  type: 'gauge',
  samples: single(value),
});

const mountsById = ({ mounts }: Core): ReadonlyMap<string, string> =>
  new Map([...mounts.list('secret'), ...mounts.list('auth')].map(({ record, prefix }) => [record.id, prefix] as const));

const requestSamples = (mount: string, all: readonly Counted[]): readonly Sample[] =>
  all.map(({ operation, statusClass, count }) => ({
    labels: [
      ['mount', mount],
      ['operation', operation],
      ['status', statusClass],
    ],
    value: count,
  }));

const requests = (core: Core): readonly Family[] => {
  const { count, sumMs, within } = core.answerCounts.durations();
  const buckets = within.map((value, index): Sample => {
    const bound = String((bucketBoundsMs[index] ?? 0) / 1000);
    return { suffix: '_bucket', labels: [['le', bound]], value };
  });
  const whole: Sample = { suffix: '_bucket', labels: [['le', '+Inf']], value: count };
  const sum = (value: number): readonly Sample[] => [
    { suffix: '_sum', labels: [], value },
    { suffix: '_count', labels: [], value: count },
  ];
  return [
    {
      name: 'coffer_requests_total',
      help: 'Requests answered, by mount, operation and class of status',
      type: 'counter',
      samples: [...core.answerCounts.list(mountsById(core))].flatMap(([mount, all]) => requestSamples(mount, all)),
    },
    {
      name: 'coffer_request_duration_seconds',
      help: 'From the head of a request to its answer',
      type: 'histogram',
      samples: [...buckets, whole, ...sum(sumMs / 1000)],
    },
    {
      name: 'vault_core_handle_request',
      help: 'The same in milliseconds, under the name that dashboards know',
      type: 'summary',
      samples: sum(sumMs),
    },
    gauge('vault_core_in_flight_requests', 'Requests that wait for something', core.inFlight.count),
  ];
};

const mountGauges = ({ mounts }: Core): Family => ({
  name: 'vault_core_mount_table_num_entries',
  help: 'Mounts, by kind',
  type: 'gauge',
  samples: (['secret', 'auth'] as const).map(kind => ({
    labels: [
      ['type', kind === 'auth' ? 'auth' : 'logical'],
      ['local', 'false'],
    ],
    value: mounts.list(kind).length,
  })),
});

const counter = (name: string, help: string, value: number): Family => ({
  name,
  help,
  type: 'counter',
  samples: single(value),
});

const tokenFamilies = ({ tally }: Core, { tokens }: Usage): readonly Family[] => [
  gauge('coffer_tokens', 'Service tokens that are stored, counted every ten minutes', tokens),
  gauge('vault_token_count', 'The same, under the name that dashboards know', tokens),
  {
    name: 'vault_token_creation',
    help: 'Tokens made, by their type; wrapping tokens apart',
    type: 'counter',
    samples: (['service', 'batch'] as const).map(type => ({
      labels: [['token_type', type]],
      value: tally.of(`${type} token made`),
    })),
  },
  counter('vault_token_lookup_count', 'Tokens looked up for requests', tally.of('token looked up')),
  counter('vault_token_revoke_count', 'Tokens revoked, on word or at their end', tally.of('token revoked')),
  counter('vault_expire_renew_token_count', 'Tokens renewed', tally.of('token renewed')),
];

const leaseFamilies = ({ tally }: Core, { leases, irrevocableLeases }: Usage): readonly Family[] => [
  gauge('coffer_leases', 'Leases that are stored, counted every ten minutes', leases),
  gauge('vault_expire_num_leases', 'The same, under the name that dashboards know', leases),
  gauge('vault_expire_num_irrevocable_leases', 'Leases whose engine failed too often', irrevocableLeases),
  counter('vault_expire_register_count', 'Leases given', tally.of('lease made')),
  counter('vault_expire_renew_count', 'Leases renewed', tally.of('lease renewed')),
  counter('vault_expire_revoke_count', 'Leases revoked, on word or at their end', tally.of('lease revoked')),
];

const ledgerFamilies = ({ records, refused, missing }: LedgerStatus): readonly Family[] => [
  gauge('coffer_ledger_records', 'Records in the ledger', records),
  gauge('coffer_ledger_refused', 'Records that are not the ones written last, as far as anybody has looked', refused),
  gauge('coffer_ledger_missing', 'Records that are gone though nobody removed them', missing),
];

/** A store in doubt answers no metrics: its health does. */
const anchorFamilies = ({ anchor }: Core): readonly Family[] => {
  const { place, sequence, isStuck, ledger } = anchor.status;
  if (place === undefined) return [];
  const ofLedger = ledger === undefined ? [] : ledgerFamilies(ledger);
  return [
    ...ofLedger,
    gauge('coffer_anchor_marks', 'Marks that the store has had', sequence),
    gauge('coffer_anchor_stuck', 'Whether the anchor could not be written the last time', isStuck ? 1 : 0),
  ];
};

/** Everything, in the order in which it is written. */
export const families = (core: Core, usage: Usage): readonly Family[] => {
  const { residentBytes, heapUsedBytes, cpuSeconds, startedAtMs } = core.host.usage();
  const { term, encryptions } = core.barrier.keyStatus();
  return [
    {
      name: 'coffer_build_info',
      help: 'Always 1; the version is in the label',
      type: 'gauge',
      samples: [{ labels: [['version', wireVersion]], value: 1 }],
    },
    // A sealed store answers no metrics, and one node is always the active one.
    gauge('vault_core_unsealed', 'Whether the store is open', 1),
    gauge('vault_core_active', 'Whether this node serves', 1),
    ...requests(core),
    mountGauges(core),
    ...tokenFamilies(core, usage),
    ...leaseFamilies(core, usage),
    ...auditFamilies(core),
    gauge('coffer_barrier_key_term', 'Number of the key term that encrypts', term),
    gauge('coffer_barrier_encryptions', 'Records encrypted under it', encryptions),
    ...anchorFamilies(core),
    gauge('coffer_event_subscribers', 'Who follow the change stream', core.events.count),
    {
      name: 'coffer_event_subscribers_dropped_total',
      help: 'Who were ended for being too slow',
      type: 'counter',
      samples: single(core.events.dropped),
    },
    gauge('vault_runtime_sys_bytes', 'Memory of the process', residentBytes),
    gauge('vault_runtime_alloc_bytes', 'Memory of its objects', heapUsedBytes),
    gauge('process_resident_memory_bytes', 'Memory of the process', residentBytes),
    gauge('process_start_time_seconds', 'When it started, in seconds since 1970', startedAtMs / 1000),
    { name: 'process_cpu_seconds_total', help: 'Processor time used', type: 'counter', samples: single(cpuSeconds) },
  ];
};
