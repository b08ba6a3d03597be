/** Pods of a namespace that use a Secret: how, who makes them, and since when their containers run. */
import type { KubeObject, KubeReader, ObjectMeta, Resource } from '../../../contracts/kube.ts';
import { resources } from '../../api/resources.ts';
import type { PodSeen, WorkloadSeen } from '../evidence.ts';
import { type Loose, loose, looseList, text } from '../loose.ts';
import { timeIn } from '../phrases.ts';
import { rightTo, seen, type Seen, valueOf } from '../seen.ts';
import { usesOf } from '../uses.ts';

/** A ReplicaSet of a Deployment bears its name and the hash that is a label of its pods. */
const workloadOf = ({ ownerReferences = [], labels = {} }: ObjectMeta): string | undefined => {
  const owner = ownerReferences.find(({ controller }) => controller === true);
  if (owner === undefined) return undefined;
  const suffix = `-${labels['pod-template-hash'] ?? ''}`;
  if (owner.kind === 'ReplicaSet' && suffix !== '-' && owner.name.endsWith(suffix))
    return `deployment/${owner.name.slice(0, -suffix.length)}`;
  return `${owner.kind.toLowerCase()}/${owner.name}`;
};

const startsOf = (pod: KubeObject): ReadonlyMap<string, number> => {
  const status = loose(pod['status']);
  const all = ['initContainerStatuses', 'containerStatuses'].flatMap(member => looseList(status[member]));
  return new Map(
    all.flatMap(({ name, state }) => {
      const startedAtMs = timeIn(loose(loose(state)['running'])['startedAt']);
      return startedAtMs === undefined ? [] : [[text(name), startedAtMs] as const];
    }),
  );
};

/** It has ended, or is about to. */
const isOver = (pod: KubeObject): boolean =>
  pod.metadata.deletionTimestamp !== undefined || ['Succeeded', 'Failed'].includes(text(loose(pod['status'])['phase']));

export interface SecretPlace {
  readonly namespace: string;
  readonly secret: string;
}

export const podsUsing = (kube: Pick<KubeReader, 'list'>, at: SecretPlace): Promise<Seen<readonly PodSeen[]>> =>
  seen(rightTo('list', resources.pod, at.namespace), async () => {
    const { items } = await kube.list(resources.pod, { namespace: at.namespace });
    return items.flatMap((pod): PodSeen[] => {
      const uses = isOver(pod) ? [] : usesOf(pod['spec'], at.secret);
      const { metadata } = pod;
      const startedAtMs = startsOf(pod);
      return uses.length === 0 ? [] : [{ name: metadata.name, workload: workloadOf(metadata), uses, startedAtMs }];
    });
  });

const replicasOf = ({ replicas }: Loose, resource: Resource): number | undefined => {
  if (resource === resources.daemonSet) return undefined;
  return typeof replicas === 'number' ? replicas : 1;
};

const workloadKinds: readonly Resource[] = [resources.deployment, resources.statefulSet, resources.daemonSet];

/** Those that may not be listed are left out: their pods tell as much. */
export const workloadsUsing = async (
  kube: Pick<KubeReader, 'list'>,
  { namespace, secret }: SecretPlace,
): Promise<readonly WorkloadSeen[]> => {
  const listed = workloadKinds.map(async (resource): Promise<readonly WorkloadSeen[]> => {
    const all = await seen(rightTo('list', resource, namespace), () => kube.list(resource, { namespace }));
    return (valueOf(all)?.items ?? []).flatMap(({ metadata, ...object }): readonly WorkloadSeen[] => {
      const spec = loose(object['spec']);
      if (usesOf(loose(spec['template'])['spec'], secret).length === 0) return [];
      return [{ name: `${resource.kind.toLowerCase()}/${metadata.name}`, replicas: replicasOf(spec, resource) }];
    });
  });
  return (await Promise.all(listed)).flat();
};
