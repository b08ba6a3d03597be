/** What `run` takes from outside, in one place to load when asked for. */
import { systemRuntime } from '@coffer/client/runtime.ts';
import type { RunningIo } from '../running/surroundings.ts';
import { childEnvironment } from './child-environment.ts';
import { openFiles } from './private-files.ts';
import { processes } from './processes.ts';

const isSet = (entry: [string, string | undefined]): entry is [string, string] => entry[1] !== undefined;

export const runningIo: RunningIo = {
  processes,
  openFiles,
  timer: systemRuntime(),
  environment: () => new Map(Object.entries(childEnvironment(process.env)).filter(isSet)),
  leave: code => process.exit(code),
};
