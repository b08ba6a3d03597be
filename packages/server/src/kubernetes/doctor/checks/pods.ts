/** Whether the pods that use the Secret can start, and read its present version. Pure. */
import type { Evidence, PodSeen, SecretSeen } from '../evidence.ts';
import { type Finding, findingsOf } from '../finding.ts';
import { agoText, counted, listed, quoted } from '../phrases.ts';
import { grantFor, unseen, valueOf } from '../seen.ts';
import { isFixed, type Use } from '../uses.ts';

/** Pods of one workload, or one that nobody makes. */
interface Group {
  readonly about: string;
  readonly pods: readonly PodSeen[];
  readonly restart: string;
}

interface View {
  readonly namespace: string;
  readonly nowMs: number;
  readonly secret: string;
  /** Undefined: not known. */
  readonly seen: SecretSeen | undefined;
  readonly isAbsent: boolean;
}

/** Kinds that `kubectl rollout restart` knows; others are made anew when their pods are deleted. */
const restarting: ReadonlySet<string> = new Set(['deployment', 'statefulset', 'daemonset']);

const restartOf = ({ workload, name }: PodSeen, namespace: string): string =>
  workload !== undefined && restarting.has(workload.split('/')[0] ?? '')
    ? `kubectl rollout restart ${workload} -n ${namespace}`
    : `kubectl delete pod ${name} -n ${namespace}${workload === undefined ? '  (and make it anew: nobody does)' : ''}`;

const groupsOf = (pods: readonly PodSeen[], namespace: string): readonly Group[] => {
  const byWorkload = Map.groupBy(pods, ({ workload, name }) => workload ?? `pod/${name}`);
  return [...byWorkload].map(([about, some]) => ({
    about,
    pods: some,
    restart: restartOf(some[0] as PodSeen, namespace),
  }));
};

const startOf = ({ startedAtMs }: PodSeen, { container }: Use): number | undefined => startedAtMs.get(container);

const lackedBy = ({ keys }: Use, { seen, isAbsent }: View): readonly string[] => {
  if (isAbsent) return keys;
  return seen === undefined ? [] : keys.filter(key => !seen.secret.keys.includes(key));
};

/** What is lacking: the Secret, or keys of it. */
const lacks = (use: Use, view: View): boolean =>
  lackedBy(use, view).length > 0 || (view.isAbsent && use.keys.length === 0);

/** Times of the API server are whole seconds: of what happened in the same one, the order is not known. */
const isOld = (pod: PodSeen, use: Use, { seen }: View): boolean => {
  const startedAtMs = startOf(pod, use);
  return isFixed(use) && seen !== undefined && startedAtMs !== undefined && startedAtMs < seen.changedAtMs;
};

type Told = Pick<Finding, 'verdict' | 'found' | 'todo'>;

interface Met {
  readonly pod: PodSeen;
  readonly use: Use;
}

const podNames = (met: readonly Met[]): string => {
  const names = [...new Set(met.map(({ pod }) => pod.name))];
  return `${names.length === 1 ? 'pod' : 'pods'} ${listed(names)}`;
};

const ways = (met: readonly Met[]): string => listed([...new Set(met.map(({ use }) => use.way))]);

const lackTold = (met: readonly Met[], view: View): Told | undefined => {
  if (met.length === 0) return undefined;
  const keys = [...new Set(met.flatMap(({ use }) => lackedBy(use, view)))];
  const what = view.isAbsent ? `Secret ${view.secret}` : `key ${quoted(keys)} of Secret ${view.secret}`;
  const asked = `${podNames(met)} asks for ${what} by ${ways(met)}, which is not there`;
  if (met.every(({ use }) => use.optional))
    return { verdict: 'warning', found: `${asked}; it is optional: it runs without`, todo: undefined };
  const runs = met.some(({ pod, use }) => startOf(pod, use) !== undefined);
  const todo = 'add it to spec.data of the ExternalSecret, or correct the pod';
  return runs
    ? { verdict: 'warning', found: `${asked}: it runs, and would not start again`, todo }
    : { verdict: 'stops', found: `${asked}: the container does not start`, todo };
};

const oldTold = (met: readonly Met[], { seen, nowMs, secret }: View, restart: string): Told | undefined => {
  if (met.length === 0 || seen === undefined) return undefined;
  const since = Math.min(...met.flatMap(({ pod, use }) => startOf(pod, use) ?? []));
  const changed = `Secret ${secret} was last written ${agoText(seen.changedAtMs, nowMs)}`;
  const found = `${podNames(met)} reads an old version by ${ways(met)}: running since ${agoText(since, nowMs)}, ${changed}`;
  return { verdict: 'stops', found, todo: restart };
};

const fineTold = (met: readonly Met[], { seen }: View): Told => {
  const fixed = met.filter(({ use }) => isFixed(use));
  const reads = `${podNames(met)} by ${ways(met)}`;
  if (seen === undefined && fixed.length > 0)
    return { verdict: 'unknown', found: `${reads}: whether it is the present version is not known`, todo: undefined };
  const waiting = fixed.filter(({ pod, use }) => startOf(pod, use) === undefined && use.container !== '');
  if (waiting.length > 0)
    return { verdict: 'unknown', found: `${reads}; ${podNames(waiting)} does not run yet`, todo: undefined };
  return { verdict: 'ok', found: `${reads}: the present version`, todo: undefined };
};

const groupTold = ({ pods, restart }: Group, view: View): readonly Told[] => {
  const met = pods.flatMap(pod => pod.uses.map(use => ({ pod, use })));
  const lacking = met.filter(({ use }) => lacks(use, view));
  const told = [
    lackTold(
      lacking.filter(({ use }) => !use.optional),
      view,
    ),
    lackTold(
      lacking.filter(({ use }) => use.optional),
      view,
    ),
    oldTold(
      met.filter(({ pod, use }) => isOld(pod, use, view)),
      view,
      restart,
    ),
  ].filter(one => one !== undefined);
  return told.length > 0 ? told : [fineTold(met, view)];
};

/** Workloads that would use it and have no pod. */
const idle = ({ workloads, namespace }: Evidence, some: readonly PodSeen[]): readonly Finding[] =>
  workloads
    .filter(({ name }) => !some.some(({ workload }) => workload === name))
    .map(({ name, replicas }) => {
      const say = findingsOf('pods', name);
      if (replicas === 0) return say.ok('it uses the Secret, and is scaled to no pods');
      return say.warning(
        'it uses the Secret, and has no pod',
        `kubectl describe ${name.replace('/', ' ')} -n ${namespace}`,
      );
    });

/** Workloads that are shown one by one where nothing is wrong with them. */
const shownLimit = 20;

export const pods = (evidence: Evidence): readonly Finding[] => {
  const { pods: found, secret, namespace, nowMs } = evidence;
  if (found === undefined || secret === undefined) return [];
  const name = `${namespace}/${secret.wanted.target}`;
  const all = findingsOf('pods', `pods of namespace ${namespace}`);
  if (found.kind !== 'there') return [all.unknown(unseen(found) ?? 'not known', grantFor(found, evidence.user))];
  const view: View = {
    namespace,
    nowMs,
    secret: name,
    seen: valueOf(secret.seen),
    isAbsent: secret.seen.kind === 'absent',
  };
  const ofPods = groupsOf(found.value, namespace).flatMap(group =>
    groupTold(group, view).map((one): Finding => ({ step: 'pods', about: group.about, ...one })),
  );
  const told = [...ofPods, ...idle(evidence, found.value)];
  const count = found.value.length;
  const sum = count === 0 ? 'no pod uses' : counted(count, 'pod uses', 'pods use');
  const shown = told.length <= shownLimit ? told : told.filter(({ verdict }) => verdict !== 'ok');
  return [all.ok(`${sum} Secret ${name}`), ...shown];
};
