/** What `coffer run` takes from outside. */
import type { RunningIo } from '../running/surroundings.ts';
export const runningIo: RunningIo = { processes: undefined };
