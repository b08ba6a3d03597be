/** The effects of a verdict on the Secret: one write. What the API server answers is the newest state there is. */
import type { Kube, KubeObject } from '../../../contracts/kube.ts';
import { isAlreadyExists, isConflict, isNotFound } from '../../../platform/kube/error.ts';
import { resources } from '../../api/resources.ts';
import { fieldManager } from '../names.ts';
import { newSecret, secretPatch } from './desired.ts';
import type { Act } from './verdict.ts';
import type { Wanted } from './wanted.ts';

export type Acted =
  | { readonly kind: 'left' }
  | { readonly kind: 'written'; readonly secret: KubeObject }
  | { readonly kind: 'deleted' }
  /** It is not as it was thought to be: it has to be looked at again. */
  | { readonly kind: 'overtaken' };

type Writer = Pick<Kube, 'create' | 'mergePatch' | 'remove'>;

const overtaken: Acted = { kind: 'overtaken' };

const write = async (kube: Writer, wanted: Wanted, act: Act): Promise<Acted> => {
  const own = { fieldManager: fieldManager(wanted.name) };
  const at = { namespace: wanted.namespace, name: wanted.target };
  if (act.do === 'create') {
    return { kind: 'written', secret: await kube.create(resources.secret, newSecret(wanted, act.desired), own) };
  }
  if (act.do === 'patch') {
    const patch = secretPatch(wanted, act.desired, act.target);
    return { kind: 'written', secret: await kube.mergePatch(resources.secret, at, { patch, ...own }) };
  }
  if (act.do === 'leave') return { kind: 'left' };
  const { uid, resourceVersion } = act.seen;
  await kube.remove(resources.secret, at, { uid, resourceVersion });
  return { kind: 'deleted' };
};

/** Rejects with the `KubeError` of what the API server refuses for good. */
export const perform = async (kube: Writer, wanted: Wanted, act: Act): Promise<Acted> => {
  try {
    return await write(kube, wanted, act);
  } catch (cause) {
    if (isAlreadyExists(cause) || isConflict(cause) || isNotFound(cause)) return overtaken;
    throw cause;
  }
};
