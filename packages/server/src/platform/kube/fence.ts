/** Writes of a leader: refused once the lease is not held any more, so that what wakes up late changes nothing. */
import type { Kube, KubePager } from '../../contracts/kube.ts';
import { KubeError } from './error.ts';

type Written = Pick<Kube, 'create' | 'apply' | 'mergePatch' | 'remove'>;

export const fenced = (kube: Kube & KubePager, isHeld: () => boolean): Kube & KubePager => {
  const held = (): Written => {
    if (isHeld()) return kube;
    throw new KubeError('not_active', 'another replica may lead by now: nothing is written', {
      status: 0,
      reason: 'NotLeading',
    });
  };
  return {
    ...kube,
    create: async (...call) => held().create(...call),
    apply: async (...call) => held().apply(...call),
    mergePatch: async (...call) => held().mergePatch(...call),
    remove: async (...call) => held().remove(...call),
  };
};
