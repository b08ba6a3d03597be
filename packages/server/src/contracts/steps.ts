/** What the threads of one process know of a storage that one of them writes. */
import type { ChangeOrGap } from './storage.ts';

export interface Steps {
  /** For every request: cheap. Differs once anything was committed that any of the threads could have seen. */
  now(): number;
  /** Whether that is still the last step, and the thread that writes has made all of its own memory follow it. */
  isSettled(step: number): boolean;
  /** All that were committed after this revision and can be seen, in order; one gap where they are too many to be told. */
  changesAfter(revision: number): Iterable<ChangeOrGap>;
}
