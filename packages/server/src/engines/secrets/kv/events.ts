/** What a change tells those who follow events: its kind, paths and versions, never values. */
import { writeTransient } from '@coffer/schema/json/write.ts';
import type { ChangeEvent } from '../../../contracts/storage.ts';
import type { KvCx } from './cx.ts';
import type { KvEventType } from './event-types.ts';

export interface Happening {
  readonly type: KvEventType;
  /** Below the mount, as the request named it. */
  readonly path: string;
  /** Below the mount, where the change can be read. */
  readonly dataPath?: string;
  readonly modified: boolean;
  readonly versions?: { readonly currentVersion: number; readonly oldestVersion: number };
}

/** Paths are told below the mount: where that stands is known when the event is told. */
export const eventOf = ({ clock }: KvCx, happening: Happening): ChangeEvent => {
  const { type, path, dataPath, modified, versions } = happening;
  const payload = writeTransient({
    at: clock.now(),
    current_version: versions === undefined ? undefined : String(versions.currentVersion),
    data_path: dataPath,
    modified: String(modified),
    oldest_version: versions === undefined ? undefined : String(versions.oldestVersion),
    operation: type.slice(type.indexOf('/') + 1),
    path,
  });
  return { type, payload };
};
