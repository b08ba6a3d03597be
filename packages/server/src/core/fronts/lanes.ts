/** Of a thread that only reads: its records end where the thread that writes goes on with them. */
import type { DeviceLane, Lanes } from '../audit/devices.ts';

const nothing = async (): Promise<void> => {};

const lane: DeviceLane = {
  recordEnd: () => '',
  head: () => '',
  close: () => '',
  settle: () => {},
};

export const frontLanes: Lanes = { load: nothing, unload: () => {}, begin: () => lane, end: nothing };
