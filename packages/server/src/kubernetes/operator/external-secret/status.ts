/** The status of an ExternalSecret: read, and made anew of a verdict. It is written only where it says something new. */
import type { KubeObject } from '../../../contracts/kube.ts';
import { type SeenExternalSecret, targetName } from './seen-external-secret.ts';
import type { Outcome, Verdict } from './verdict.ts';
import type { Condition, PriorStatus } from './wanted.ts';

type Loose = { readonly [name: string]: unknown };
const loose = (value: unknown): Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Loose) : {};
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

const conditionsOf = (object: KubeObject): readonly Loose[] => {
  const { conditions } = loose(object['status']);
  return Array.isArray(conditions) ? conditions.map(loose) : [];
};

const conditionOf = (found: Loose): Condition => ({
  type: text(found['type']),
  status: found['status'] === 'True' || found['status'] === 'False' ? found['status'] : 'Unknown',
  reason: text(found['reason']),
  message: text(found['message']),
  lastTransitionTime: text(found['lastTransitionTime']),
});

export const readyCondition = (object: KubeObject): Condition | undefined => {
  const found = conditionsOf(object).find(({ type }) => type === 'Ready');
  return found === undefined ? undefined : conditionOf(found);
};

export const priorStatus = (object: KubeObject): PriorStatus => {
  const status = loose(object['status']);
  const refreshedAtMs = Date.parse(text(status['refreshTime']));
  return {
    ready: readyCondition(object),
    refreshedAtMs: Number.isNaN(refreshedAtMs) ? undefined : refreshedAtMs,
    syncedVersion: text(status['syncedResourceVersion']),
  };
};

/** RFC 3339 in whole seconds, as Kubernetes writes times. */
export const secondsText = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

type Fresh = Pick<Condition, 'status' | 'reason' | 'message'>;

/** All conditions with this one in its place; undefined where it says nothing new. The time is that of the last change of status. */
export const withReady = (object: KubeObject, fresh: Fresh, nowMs: number): readonly unknown[] | undefined => {
  const prior = readyCondition(object);
  const isSame = prior?.status === fresh.status && prior.reason === fresh.reason && prior.message === fresh.message;
  if (isSame) return undefined;
  const lastTransitionTime = prior?.status === fresh.status ? prior.lastTransitionTime : secondsText(nowMs);
  const condition: Condition = { type: 'Ready', ...fresh, lastTransitionTime };
  return [...conditionsOf(object).filter(({ type }) => type !== 'Ready'), condition];
};

/** As the status says it already, and the interval is not over: that it was looked at is no news. */
const isUnchanged = (seen: SeenExternalSecret, { act, outcome, next }: Verdict, nowMs: number): boolean => {
  const { ready, refreshedAtMs, syncedVersion: version } = priorStatus(seen.object);
  return (
    act.do === 'leave' &&
    outcome?.status === ready?.status &&
    outcome?.reason === ready?.reason &&
    version === seen.version &&
    refreshedAtMs !== undefined &&
    (typeof next !== 'object' || nowMs - refreshedAtMs < next.afterMs)
  );
};

/** What to write into the status; undefined: nothing. */
export const statusChange = (seen: SeenExternalSecret, verdict: Verdict, nowMs: number): Loose | undefined => {
  const { outcome, isRefreshed, act } = verdict;
  if (outcome === undefined) return undefined;
  const conditions = withReady(seen.object, outcome, nowMs);
  const changes = {
    ...(conditions === undefined ? {} : { conditions }),
    ...(isRefreshed && !isUnchanged(seen, verdict, nowMs)
      ? { refreshTime: secondsText(nowMs), syncedResourceVersion: seen.version, ...bindingOf(seen, outcome) }
      : {}),
    ...(act.do === 'delete' ? { binding: null } : {}),
  };
  return Object.keys(changes).length === 0 ? undefined : changes;
};

const bindingOf = (seen: SeenExternalSecret, { reason }: Outcome): Loose => {
  const isBound = reason === 'SecretSynced' && 'spec' in seen.read && seen.read.spec.target.creationPolicy !== 'None';
  return isBound ? { binding: { name: targetName(seen) } } : {};
};
