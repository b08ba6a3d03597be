/** Whether the ExternalSecret is there, can be acted on, and is acted on. Pure. */
import { near } from '@coffer/schema/near.ts';
import { type SeenExternalSecret, targetName } from '../../operator/external-secret/seen-external-secret.ts';
import { priorStatus } from '../../operator/external-secret/status.ts';
import type { Evidence, LeaseSeen, Others } from '../evidence.ts';
import { type Finding, findingsOf } from '../finding.ts';
import { agoText, listed, quoted, spanText, timeIn } from '../phrases.ts';
import { grantFor, unseen, valueOf } from '../seen.ts';
import { leaseName } from '../gather/cluster.ts';

const aboutOf = ({ namespace, name }: Evidence): string => `ExternalSecret ${namespace}/${name}`;

/** Anything but silence is an answer. */
export const reached = (evidence: Evidence): readonly Finding[] => {
  const { server, externalSecret, user } = evidence;
  const say = findingsOf('cluster', server);
  if (externalSecret.kind === 'failed')
    return [say.stops(externalSecret.reason, 'kubectl auth whoami  (with the same kubeconfig and context)')];
  return [say.ok(user === undefined ? 'it answers' : `it answers; asked as ${user}`)];
};

const missing = ({ namespace, name }: Evidence, { names, namespaces }: Others): readonly [string, string?] => {
  if (namespaces.length > 0) {
    const [first = ''] = namespaces;
    const text = `it is not there; one of this name is in ${listed(namespaces)}`;
    return [text, `coffer doctor externalsecret ${name} -n ${first}`];
  }
  const alike = near(name, names);
  const [first] = alike;
  if (first !== undefined)
    return [`it is not there; near to it: ${quoted(alike)}`, `coffer doctor externalsecret ${first} -n ${namespace}`];
  const there =
    names.length === 0 ? `namespace ${namespace} has none, or you may not list them` : `there are ${quoted(names)}`;
  return [`it is not there; ${there}`, `kubectl get externalsecrets -n ${namespace}`];
};

export const there = (evidence: Evidence): readonly Finding[] => {
  const { externalSecret, others, user, namespace } = evidence;
  const say = findingsOf('ExternalSecret', aboutOf(evidence));
  if (externalSecret.kind === 'failed') return [];
  if (externalSecret.kind === 'forbidden')
    return [say.stops(`${unseen(externalSecret)}: without it nothing can be followed`, grantFor(externalSecret, user))];
  if (externalSecret.kind === 'absent') {
    if (others === undefined || others.isKindKnown) {
      const empty: Others = { isKindKnown: true, names: [], namespaces: [] };
      return [say.stops(...missing(evidence, others ?? empty))];
    }
    const text = 'the cluster does not know external-secrets.io/v1: the definitions are not installed';
    return [say.stops(text, 'coffer operator manifests -image=IMAGE | kubectl apply --server-side -f -')];
  }
  const found = externalSecret.value;
  return [say.ok(`it is there; it makes Secret ${namespace}/${targetName(found)}`), ...unfit(evidence, found)];
};

const unfit = (evidence: Evidence, { read }: SeenExternalSecret): readonly Finding[] => {
  const say = findingsOf('ExternalSecret', aboutOf(evidence));
  const todo = `kubectl edit externalsecret ${evidence.name} -n ${evidence.namespace}`;
  if (!('spec' in read)) return [say.stops(`it cannot be read: ${read.problem}`, todo)];
  const { unsupported } = read;
  return unsupported.length === 0
    ? []
    : [say.stops(`not supported yet: ${listed(unsupported)}; nothing of it is done while they are set`, todo)];
};

/** The operator's last word; it may be old. */
export const condition = (evidence: Evidence): readonly Finding[] => {
  const found = valueOf(evidence.externalSecret);
  if (found === undefined) return [];
  const say = findingsOf('ExternalSecret', `condition of ${aboutOf(evidence)}`);
  const { ready, syncedVersion } = priorStatus(found.object);
  if (ready === undefined) return [say.warning('it has none: no operator has looked at it yet')];
  const sinceMs = timeIn(ready.lastTransitionTime);
  const since = sinceMs === undefined ? '' : ` since ${agoText(sinceMs, evidence.nowMs)}`;
  const words = `${ready.reason}${since}: ${ready.message}`;
  if (ready.status !== 'True') return [say.warning(`not ready, ${words}`, undefined, 'suspect')];
  if (syncedVersion !== found.version)
    return [say.warning(`of an older state of the manifest: ${words}; the newest has not been acted on`)];
  return [say.ok(words)];
};

/** Renewals that may be missed, by a network or by clocks that differ. */
const renewalsMissed = 3;

const isFresh = ({ renewedAtMs, durationMs, holder }: LeaseSeen, nowMs: number): boolean =>
  holder !== '' && renewedAtMs !== undefined && nowMs - renewedAtMs <= renewalsMissed * durationMs;

const leaseWords = ({ namespace, name, holder, renewedAtMs }: LeaseSeen, nowMs: number): string => {
  const renewed = renewedAtMs === undefined ? 'never renewed' : `renewed ${spanText(nowMs - renewedAtMs)} ago`;
  return `${holder === '' ? 'nobody leads' : `${holder} leads`} (Lease ${namespace}/${name}, ${renewed})`;
};

const startIt =
  'kubectl get deployments -A | grep -i -e coffer -e external-secrets  (none: coffer operator -kubeconfig=PATH runs one)';

const overdue = (evidence: Evidence, found: SeenExternalSecret): string | undefined => {
  const { refreshedAtMs, ready } = priorStatus(found.object);
  if (ready === undefined) return 'nobody has acted on this ExternalSecret';
  if (!('spec' in found.read) || refreshedAtMs === undefined) return undefined;
  const { refreshPolicy, refreshInterval } = found.read.spec;
  const lateMs = evidence.nowMs - refreshedAtMs - 2 * refreshInterval.seconds * 1000;
  return refreshPolicy === 'Periodic' && refreshInterval.seconds > 0 && ready.status === 'True' && lateMs > 0
    ? `the last refresh was at ${agoText(refreshedAtMs, evidence.nowMs)}, and is due every ${spanText(refreshInterval.seconds * 1000)}`
    : undefined;
};

/** An operator that runs alone holds no Lease: then what it has done tells. */
export const operator = (evidence: Evidence): readonly Finding[] => {
  const found = valueOf(evidence.externalSecret);
  if (found === undefined || evidence.lease === undefined) return [];
  const { lease, nowMs, user } = evidence;
  const say = findingsOf('operator', `operator (Lease ${leaseName})`);
  const late = overdue(evidence, found);
  const leases = valueOf(lease) ?? [];
  const fresh = leases.find(one => isFresh(one, nowMs));
  if (fresh !== undefined) return [say.ok(leaseWords(fresh, nowMs))];
  const [stale] = leases;
  if (stale !== undefined)
    return [say.warning(`${leaseWords(stale, nowMs)}: it does not run any more`, startIt, 'suspect')];
  if (lease.kind !== 'there') {
    const words = unseen(lease) ?? 'not known';
    return late === undefined
      ? [say.unknown(words, grantFor(lease, user))]
      : [say.warning(`${late}; ${words}`, grantFor(lease, user), 'suspect')];
  }
  if (late !== undefined)
    return [say.warning(`${late}; there is no Lease: it does not seem to run`, startIt, 'suspect')];
  return [say.unknown('no Lease: one that runs alone has none, and whether it runs cannot be seen')];
};
