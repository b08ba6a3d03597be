/**
 * What to do about an ExternalSecret: an ordered chain of checks, the first that has an answer decides. Pure. Nothing
 * here deletes a Secret or takes keys away unless the store was asked, answered for every entry, and said that there is
 * nothing; and a Secret is only deleted where it is told to be, and ours.
 */
import { reservedTypes } from '../../api/external-secret-target.ts';
import { cleanupFinalizer } from '../names.ts';
import { type Data, type Desired, desiredSecret, isAsDesired, type Rendered, type Target } from './desired.ts';
import { type DueView, isDue, isMend, isPeriodic, untilRefreshMs } from './due.ts';
import type { Failure } from './failure.ts';
import type { SeenSecret } from './seen-secret.ts';
import { mendAgainMs } from './mends.ts';
import { secondsText } from './status.ts';
import { type Act, leave, type Outcome, type ToldEvent, type Verdict } from './verdict.ts';
import { isMerging, type PriorStatus } from './wanted.ts';

/** What the store answered for all entries together. */
export type Fetched =
  | { readonly kind: 'failed'; readonly failure: Failure }
  | {
      readonly kind: 'data';
      readonly data: Data;
      /** Entries that the store proved not to have, as in `secret "a/b"`. */
      readonly absent: readonly string[];
      /** Not one entry is there. */
      readonly isAllAbsent: boolean;
    };

export type RenderResult =
  | { readonly kind: 'rendered'; readonly rendered: Rendered }
  | { readonly kind: 'failed'; readonly message: string };

/** How the stores of the ExternalSecret are, before any of them is asked. */
export type StoresView =
  | { readonly kind: 'ready' }
  /** Another operator's. */
  | { readonly kind: 'foreign' }
  /** Not looked at yet: whoever does comes back to this. */
  | { readonly kind: 'pending' }
  | { readonly kind: 'failed'; readonly failure: Failure };

export interface EarlyView extends DueView {
  /** It has been mended so often that it has to wait. */
  readonly isContested: boolean;
  readonly stores: StoresView;
}

export interface View extends EarlyView {
  readonly fetched: Fetched;
  readonly render: RenderResult;
  /** As `current`; of merged Secrets with what is in it, and whether it is marked as managed or not. */
  readonly target: Target | undefined;
}

type EarlyCheck = (view: EarlyView) => Verdict | undefined;
type Check = (view: View) => Verdict | undefined;

/** Where a Secret that is to be merged into is not there, nobody tells when it comes. */
const missingTargetMs = 30_000;

/** Since when it is not in step: the first failure of an unbroken row. */
const sinceText = (prior: PriorStatus, nowMs: number): string =>
  prior.ready?.status === 'False' ? prior.ready.lastTransitionTime : secondsText(nowMs);

/** One line: what happened, what to do, since when; and that nothing was taken away. */
export const failed = (
  { prior, nowMs }: Pick<DueView, 'prior' | 'nowMs'>,
  text: string,
  options: { readonly retry: boolean },
): Verdict => {
  const message = `${text}; not in step since ${sinceText(prior, nowMs)}, the Secret stays as it is`;
  const isNews = prior.ready?.message !== message;
  return {
    act: leave,
    outcome: { status: 'False', reason: 'SecretSyncedError', message },
    isRefreshed: false,
    events: isNews ? [{ type: 'Warning', reason: 'UpdateFailed', message }] : [],
    next: options.retry ? 'failed' : 'done',
  };
};

const again: { readonly retry: boolean } = { retry: true };

interface Effects {
  readonly act?: Act;
  readonly events?: readonly ToldEvent[];
}

const done = (view: DueView, outcome: Outcome, { act = leave, events = [] }: Effects = {}): Verdict => {
  const { wanted } = view;
  const afterMs = wanted.refreshPolicy === 'Periodic' ? wanted.refreshIntervalMs : 0;
  return { act, outcome, isRefreshed: true, events, next: afterMs > 0 ? { afterMs } : 'done' };
};

const synced: Outcome = { status: 'True', reason: 'SecretSynced', message: 'secret synced' };
const retained: Outcome = { ...synced, message: 'secret retained due to DeletionPolicy=Retain' };
const empty: Outcome = { ...synced, message: 'secret retained: what the store has is empty, not deleted' };
const deleted: Outcome = {
  status: 'True',
  reason: 'SecretDeleted',
  message: 'secret deleted due to DeletionPolicy=Delete',
};
const missing: Outcome = {
  status: 'True',
  reason: 'SecretMissing',
  message: 'secret will not be created due to CreationPolicy=Merge',
};

const silence = (next: Verdict['next']): Verdict => ({
  act: leave,
  outcome: undefined,
  isRefreshed: false,
  events: [],
  next,
});

const foreignClass: EarlyCheck = ({ stores }) => (stores.kind === 'foreign' ? silence('done') : undefined);

const notDue: EarlyCheck = view => {
  if (isDue(view)) return undefined;
  const afterMs = untilRefreshMs(view);
  return silence(afterMs === undefined ? 'done' : { afterMs });
};

const storePending: EarlyCheck = ({ stores }) => (stores.kind === 'pending' ? silence('done') : undefined);

/** The store's own controller comes back to this as soon as the store is ready. What needs no store any more is in step. */
const storeFailed: EarlyCheck = view =>
  view.stores.kind === 'failed' && (isPeriodic(view.wanted) || isDue(view))
    ? failed(view, view.stores.failure.text, { retry: false })
    : undefined;

const contested: EarlyCheck = view => {
  if (!view.isContested || !isMend(view)) return undefined;
  const text = `Secret "${view.wanted.target}" is changed by others as often as it is mended`;
  const todo = 'find out by whom (kubectl get secret --show-managed-fields) and stop one of both';
  return { ...failed(view, `${text}: ${todo}`, { retry: false }), next: { afterMs: mendAgainMs } };
};

const earlyChecks: readonly EarlyCheck[] = [foreignClass, storeFailed, storePending, notDue, contested];

/** What can be said before any store is asked; undefined: the stores have to be asked. */
export const decideEarly = (view: EarlyView): Verdict | undefined => firstOf(earlyChecks, view);

const firstOf = <V>(checks: readonly ((view: V) => Verdict | undefined)[], view: V): Verdict | undefined => {
  for (const check of checks) {
    const verdict = check(view);
    if (verdict !== undefined) return verdict;
  }
  return undefined;
};

const fetchFailed: Check = view =>
  view.fetched.kind === 'failed' ? failed(view, view.fetched.failure.text, again) : undefined;

const absentOf = ({ fetched }: View): readonly string[] => (fetched.kind === 'data' ? fetched.absent : []);
const isEmpty = ({ fetched }: View): boolean => fetched.kind === 'data' && fetched.data.size === 0;

const shownLimit = 3;
const listed = (names: readonly string[]): string =>
  names.length <= shownLimit
    ? names.join(', ')
    : `${names.slice(0, shownLimit).join(', ')} and ${names.length - shownLimit} more`;

const absentRetained: Check = view => {
  const absent = absentOf(view);
  if (absent.length === 0 || view.wanted.deletionPolicy !== 'Retain') return undefined;
  return failed(view, `${listed(absent)} not found: write it there, or set target.deletionPolicy`, again);
};

const isOurs = ({ wanted }: View, { owners }: SeenSecret): boolean => owners.some(({ uid }) => uid === wanted.uid);

const deleteTold: Check = view => {
  const { wanted, target, fetched } = view;
  if (fetched.kind !== 'data' || !fetched.isAllAbsent || wanted.deletionPolicy !== 'Delete') return undefined;
  if (wanted.creationPolicy !== 'Owner') {
    const text = 'the store has nothing any more, and only a Secret that is owned is deleted';
    return failed(view, `${text}: set target.creationPolicy to Owner, or delete it yourself`, again);
  }
  if (target === undefined || !isOurs(view, target.seen)) return done(view, deleted, { events: missingEvents(view) });
  const event = { type: 'Normal', reason: 'Deleted', message: 'secret deleted due to DeletionPolicy=Delete' } as const;
  return done(view, deleted, { act: { do: 'delete', seen: target.seen }, events: [...missingEvents(view), event] });
};

/** A secret that is there and holds nothing is no absent one: that is no reason to delete. */
const emptyRetained: Check = view => {
  const { deletionPolicy } = view.wanted;
  if (!isEmpty(view) || deletionPolicy === 'Merge') return undefined;
  return done(view, deletionPolicy === 'Retain' ? retained : empty);
};

const renderFailed: Check = view =>
  view.render.kind === 'failed' ? failed(view, `${view.render.message}: correct target.template`, again) : undefined;

const nothingCreated: Check = view => (view.wanted.creationPolicy === 'None' ? done(view, synced) : undefined);

const mergeTargetMissing: Check = view =>
  view.wanted.creationPolicy === 'Merge' && view.target === undefined
    ? { ...done(view, missing), next: { afterMs: missingTargetMs } }
    : undefined;

/** The object that controls the Secret, unless it is this ExternalSecret, or one that had its name. */
const otherController = ({ wanted, target }: View) =>
  target?.seen.owners.find(
    ({ uid, kind, name, controller }) =>
      controller === true && uid !== wanted.uid && !(kind === 'ExternalSecret' && name === wanted.name),
  );

const ownedByOther: Check = view => {
  const other = otherController(view);
  const isOtherExternalSecret = other?.kind === 'ExternalSecret';
  if (other === undefined || !(isOtherExternalSecret || !isMerging(view.wanted))) return undefined;
  const what = isOtherExternalSecret
    ? 'target is owned by another ExternalSecret'
    : 'failed to take ownership of target secret';
  const whose = `Secret "${view.wanted.target}" belongs to ${other.kind} "${other.name}"`;
  return failed(view, `${what}: ${whose}; choose another target.name`, again);
};

const desiredOf = ({ wanted, render, target }: View): Desired | undefined =>
  render.kind === 'rendered' ? desiredSecret(wanted, render.rendered, target) : undefined;

const asDesired: Check = view => {
  const desired = desiredOf(view);
  return desired !== undefined && view.target !== undefined && isAsDesired(view.wanted, desired, view.target)
    ? done(view, synced, { events: missingEvents(view) })
    : undefined;
};

const immutableTarget: Check = view =>
  view.target?.seen.immutable === true
    ? failed(
        view,
        `could not update secret, target is immutable: delete Secret "${view.wanted.target}", and it is made anew`,
        again,
      )
    : undefined;

/** Who may change what lies in these gets, or takes, identities of the cluster. */
const reservedType: Check = view => {
  const type = view.target?.seen.type ?? '';
  if (!reservedTypes.has(type)) return undefined;
  const text = `could not update secret: Secret "${view.wanted.target}" has type ${type}, which the cluster itself reads`;
  return failed(view, `${text}; choose another target.name`, again);
};

const typeDiffers: Check = view => {
  const desired = desiredOf(view);
  const { target, wanted } = view;
  if (desired?.type === undefined || target === undefined || isMerging(wanted) || target.seen.type === desired.type)
    return undefined;
  const types = `Secret "${wanted.target}" has type ${target.seen.type}, the template says ${desired.type}`;
  return failed(view, `could not update secret: ${types}; delete it, and it is made anew`, again);
};

const missingEvents = (view: View): readonly ToldEvent[] => {
  const absent = absentOf(view);
  const message = `not found in the store: ${listed(absent)}`;
  return absent.length === 0 ? [] : [{ type: 'Normal', reason: 'MissingProviderSecret', message }];
};

const write: Check = view => {
  const desired = desiredOf(view);
  if (desired === undefined) return undefined;
  const { target } = view;
  const [reason, message] = target === undefined ? ['Created', 'secret created'] : ['Updated', 'secret updated'];
  const act: Act = target === undefined ? { do: 'create', desired } : { do: 'patch', target, desired };
  return done(view, synced, { act, events: [...missingEvents(view), { type: 'Normal', reason, message }] });
};

const checks: readonly Check[] = [
  fetchFailed,
  absentRetained,
  deleteTold,
  emptyRetained,
  renderFailed,
  nothingCreated,
  mergeTargetMissing,
  ownedByOther,
  reservedType,
  asDesired,
  immutableTarget,
  typeDiffers,
  write,
];

/** After the stores answered. The last check answers whatever the others left. */
export const decide = (view: View): Verdict => {
  const verdict = firstOf(checks, view);
  if (verdict === undefined) throw new TypeError('no check decided');
  return verdict;
};

/** The original operator's finalizer: with it, the object would stay for ever once that operator is gone. */
export const finalizersLeft = (finalizers: readonly string[]): readonly string[] | undefined =>
  finalizers.includes(cleanupFinalizer) ? finalizers.filter(name => name !== cleanupFinalizer) : undefined;
