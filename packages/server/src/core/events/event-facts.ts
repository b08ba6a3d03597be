/** What an event says, before it has a form. */
import type { Mount } from '../mounts/mount.ts';

export interface EventFacts {
  readonly id: string;
  /** `kv-v2/data-write`. */
  readonly type: string;
  /** 0 where it is not known. */
  readonly timeMs: number;
  /** Revision of the change that it tells of. */
  readonly revision: number;
  /** Who has seen this event goes on after this revision: that of the change once all its events were told. */
  readonly resumeAt: number;
  readonly metadata: ReadonlyMap<string, string>;
  /** Undefined for what is told of the stream itself. */
  readonly mount: Pick<Mount, 'record' | 'prefix'> | undefined;
  /** Names the store that tells it. */
  readonly source: string;
}
