/** What an ExternalSecret asks for, and what its status says so far, as the checks see it. */
import type { OwnerReference } from '../../../contracts/kube.ts';

export type CreationPolicy = 'Owner' | 'Orphan' | 'Merge' | 'None' | 'CreateOrMerge';
export type DeletionPolicy = 'Retain' | 'Delete' | 'Merge';
export type RefreshPolicy = 'Periodic' | 'CreatedOnce' | 'OnChange';

export interface Wanted {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Changes with spec, labels and annotations, and with nothing else: see `syncedVersion`. */
  readonly version: string;
  /** Name of the Secret. */
  readonly target: string;
  readonly creationPolicy: CreationPolicy;
  readonly deletionPolicy: DeletionPolicy;
  readonly immutable: boolean;
  readonly refreshPolicy: RefreshPolicy;
  /** 0: fetched once. */
  readonly refreshIntervalMs: number;
}

export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
}

export interface PriorStatus {
  readonly ready: Condition | undefined;
  /** Wall clock; undefined: never. */
  readonly refreshedAtMs: number | undefined;
  /** `Wanted.version` at that time. */
  readonly syncedVersion: string;
}

/** Merging leaves what others put into the Secret. */
export const isMerging = ({ creationPolicy }: Wanted): boolean =>
  creationPolicy === 'Merge' || creationPolicy === 'CreateOrMerge';

export const ownerOf = (wanted: Wanted, apiVersion: string): OwnerReference => ({
  apiVersion,
  kind: 'ExternalSecret',
  name: wanted.name,
  uid: wanted.uid,
  controller: true,
  blockOwnerDeletion: true,
});
