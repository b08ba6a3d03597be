/** Pods of a namespace that use a Secret: how, who makes them, and since when their containers run. */
import type { KubeObject, KubeReader, ObjectMeta } from '../../../contracts/kube.ts';
import { resources } from '../../api/resources.ts';
import type { PodSeen } from '../evidence.ts';
import { loose, looseList, text } from '../loose.ts';
import { timeIn } from '../phrases.ts';
import { rightTo, seen, type Seen } from '../seen.ts';
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

export const podsUsing = (
  kube: Pick<KubeReader, 'list'>,
  at: { readonly namespace: string; readonly secret: string },
): Promise<Seen<readonly PodSeen[]>> =>
  seen(rightTo('list', resources.pod, at.namespace), async () => {
    const { items } = await kube.list(resources.pod, { namespace: at.namespace });
    return items.flatMap((pod): PodSeen[] => {
      const uses = isOver(pod) ? [] : usesOf(pod['spec'], at.secret);
      const { metadata } = pod;
      const startedAtMs = startsOf(pod);
      return uses.length === 0 ? [] : [{ name: metadata.name, workload: workloadOf(metadata), uses, startedAtMs }];
    });
  });
