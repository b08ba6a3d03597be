/** What is measured of audit devices. Their paths are the only label: there are sixteen at most. */
import type { DeviceState } from '../audit/state.ts';
import type { Core } from '../request/core.ts';
import type { Family } from './family.ts';

interface Told {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly value: (state: DeviceState) => number;
}

const told: readonly Told[] = [
  { name: 'coffer_audit_records_total', help: 'Records given to a device', type: 'counter', value: one => one.records },
  {
    name: 'coffer_audit_failures_total',
    help: 'Writes that a device did not take, or not in time',
    type: 'counter',
    value: one => one.failures,
  },
  {
    name: 'coffer_audit_files_lost_total',
    help: 'How often the file of a device was deleted under it',
    type: 'counter',
    value: one => one.losses,
  },
  {
    name: 'coffer_audit_device_healthy',
    help: 'Whether a device took its last record',
    type: 'gauge',
    value: one => (one.unconfirmed === undefined ? 1 : 0),
  },
  {
    name: 'coffer_audit_queue_characters',
    help: 'Characters that wait for a device',
    type: 'gauge',
    value: ({ device }) => device.sink.waiting?.() ?? 0,
  },
];

const failures = (name: string, help: string, value: number): Family => ({
  name,
  help,
  type: 'counter',
  samples: [{ labels: [], value }],
});

export const auditFamilies = ({ audit }: Core): readonly Family[] => [
  failures('vault_audit_log_request_failure', 'Requests that no device could record', audit.unrecorded.requests),
  failures('vault_audit_log_response_failure', 'Answers that no device could record', audit.unrecorded.responses),
  ...told.map(({ value, ...family }) => ({
    ...family,
    samples: audit.states().map(state => ({ labels: [['device', state.device.path] as const], value: value(state) })),
  })),
];
