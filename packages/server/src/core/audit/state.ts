/** What is known of one device since it was opened: counts for metrics, and whether it is well. */
import type { AuditDevice } from './device.ts';

export interface DeviceState {
  readonly device: AuditDevice;
  /** Handed to it. */
  records: number;
  /** Writes that it did not take, or not in time. */
  failures: number;
  /** How often its file was deleted under it. */
  losses: number;
  /** Failures since it was well; undefined while it is. */
  unconfirmed: number | undefined;
}

export const newState = (device: AuditDevice): DeviceState => ({
  device,
  records: 0,
  failures: 0,
  losses: 0,
  unconfirmed: undefined,
});
