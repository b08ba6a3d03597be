/** Whether the store has to be asked now, and when next. Pure. */
import { createdBy, createdByLabel, dataHashAnnotation, managedLabel, managedValue } from '../names.ts';
import type { SeenSecret } from './seen-secret.ts';
import type { PriorStatus, Wanted } from './wanted.ts';

export interface DueView {
  readonly nowMs: number;
  readonly wanted: Wanted;
  readonly prior: PriorStatus;
  /** The Secret as it is; undefined: there is none that is marked as managed. */
  readonly current: SeenSecret | undefined;
  /** The store told of a change, or may have failed to. */
  readonly isTold: boolean;
}

/** It is read again and again. */
export const isPeriodic = ({ refreshPolicy, refreshIntervalMs }: Wanted): boolean =>
  refreshPolicy === 'Periodic' && refreshIntervalMs > 0;

const isOwned = (current: SeenSecret, wanted: Wanted): boolean =>
  current.labels.get(createdByLabel) === createdBy(wanted.namespace, wanted.name) &&
  current.owners.some(({ uid }) => uid === wanted.uid);

/** The Secret is as it was written. */
export const isIntact = (current: SeenSecret | undefined, wanted: Wanted): boolean =>
  current !== undefined &&
  current.labels.get(managedLabel) === managedValue &&
  current.annotations.get(dataHashAnnotation) === current.hash &&
  (wanted.creationPolicy !== 'Owner' || isOwned(current, wanted));

/** Reasons of conditions under which the Secret is rightly not there, or not as the ExternalSecret would have it. */
const withoutSecret: ReadonlySet<string> = new Set(['SecretDeleted', 'SecretMissing']);

/** An orphan is left alone between refreshes; where nothing is created, nothing can be amiss. */
const isAmiss = ({ wanted, current, prior }: DueView): boolean => {
  if (wanted.creationPolicy === 'Orphan' || wanted.creationPolicy === 'None') return false;
  if (withoutSecret.has(prior.ready?.reason ?? '')) return false;
  return !isIntact(current, wanted);
};

/** When the interval has elapsed, in milliseconds from now; undefined: never. */
export const untilRefreshMs = ({ wanted, prior, nowMs }: DueView): number | undefined => {
  if (!isPeriodic(wanted)) return undefined;
  if (prior.refreshedAtMs === undefined) return 0;
  // A clock that was set back must not put a refresh off for longer than the interval.
  const sinceMs = Math.max(0, nowMs - prior.refreshedAtMs);
  return Math.max(0, wanted.refreshIntervalMs - sinceMs);
};

const reasons: readonly ((view: DueView) => boolean)[] = [
  ({ prior }) => prior.refreshedAtMs === undefined,
  ({ prior }) => prior.ready?.status !== 'True',
  // What is created once follows neither the store nor its own manifest.
  ({ prior, wanted }) => wanted.refreshPolicy !== 'CreatedOnce' && prior.syncedVersion !== wanted.version,
  ({ isTold, wanted }) => isTold && isPeriodic(wanted),
  view => untilRefreshMs(view) === 0,
  isAmiss,
];

/** Nobody asked for anything new: the Secret is not as it was left. */
export const isMend = (view: DueView): boolean =>
  view.prior.refreshedAtMs !== undefined &&
  view.prior.syncedVersion === view.wanted.version &&
  !view.isTold &&
  untilRefreshMs(view) !== 0 &&
  isAmiss(view);

export const isDue = (view: DueView): boolean => reasons.some(applies => applies(view));
