/** Looks at the cluster that may be refused: whoever asks has ordinary rights, and the walk goes on with what is known. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Resource } from '../../contracts/kube.ts';
import { isForbidden } from '../../platform/kube/error.ts';

/** A right that whoever asks does not have. */
export interface Right {
  readonly verb: 'get' | 'list' | 'create';
  /** `pods`, `leases.coordination.k8s.io`, `serviceaccounts/token` */
  readonly resource: string;
  /** Undefined: of the whole cluster. */
  readonly namespace: string | undefined;
}

export type Seen<T> =
  | { readonly kind: 'there'; readonly value: T }
  | { readonly kind: 'absent' }
  | { readonly kind: 'forbidden'; readonly right: Right }
  | { readonly kind: 'failed'; readonly reason: string };

export const rightTo = (
  verb: Right['verb'],
  { plural, group }: Pick<Resource, 'plural' | 'group'>,
  namespace: string | undefined,
): Right => ({ verb, resource: group === '' ? plural : `${plural}.${group}`, namespace });

/** `undefined` is absence; a refusal of the API server and any other failure are what was seen. A fault is thrown. */
export const seen = async <T>(right: Right, look: () => Promise<T | undefined>): Promise<Seen<T>> => {
  try {
    const value = await look();
    return value === undefined ? { kind: 'absent' } : { kind: 'there', value };
  } catch (cause) {
    if (isForbidden(cause)) return { kind: 'forbidden', right };
    if (cause instanceof CofferError) return { kind: 'failed', reason: cause.publicMessage };
    throw cause;
  }
};

export const valueOf = <T>(found: Seen<T> | undefined): T | undefined =>
  found?.kind === 'there' ? found.value : undefined;

const where = (namespace: string | undefined): string =>
  namespace === undefined ? 'in the whole cluster' : `in namespace ${namespace}`;

/** Why something was not looked at; undefined where it was. */
export const unseen = (found: Seen<unknown>): string | undefined => {
  if (found.kind === 'failed') return found.reason;
  if (found.kind !== 'forbidden') return undefined;
  const { verb, resource, namespace } = found.right;
  return `not allowed to ${verb} ${resource} ${where(namespace)}`;
};

/** For somebody who may give the right. */
export const grantCommand = ({ verb, resource, namespace }: Right, user: string | undefined): string => {
  const [role, binding] = namespace === undefined ? ['clusterrole', 'clusterrolebinding'] : ['role', 'rolebinding'];
  const within = namespace === undefined ? '' : ` -n ${namespace}`;
  const name = `coffer-doctor-${resource.replaceAll(/[^a-z]+/g, '-')}`;
  const verbs = verb === 'create' ? 'create' : 'get,list';
  return (
    `kubectl create ${role} ${name} --verb=${verbs} --resource=${resource}${within} && ` +
    `kubectl create ${binding} ${name} --${role}=${name} --user=${user ?? 'NAME'}${within}`
  );
};

export const grantFor = (found: Seen<unknown>, user: string | undefined): string | undefined =>
  found.kind === 'forbidden' ? grantCommand(found.right, user) : undefined;
