/** Who a token belongs to, out of what the API server answered or a checked signature covers. */
import type { Workload } from '@coffer/schema/auth-request.ts';
import { textAt, textsAt } from './members.ts';

export interface Identity {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Of tokens that lie in a Secret; '' otherwise. */
  readonly secretName: string;
  /** '' where the token is bound to none. */
  readonly pod: string;
  readonly node: string;
}

export type Claims = ReadonlyMap<string, unknown>;

const subject = /^system:serviceaccount:([^:/]{1,253}):([^:/]{1,253})$/;
const k8s = 'authentication.kubernetes.io/';
const legacy = 'kubernetes.io/serviceaccount/';

const subjectOf = (text: string): Pick<Identity, 'namespace' | 'name'> | undefined => {
  const [, namespace, name] = subject.exec(text) ?? [];
  return namespace === undefined || name === undefined ? undefined : { namespace, name };
};

const textOf = (claims: Claims, name: string): string => {
  const value = claims.get(name);
  return typeof value === 'string' ? value : '';
};

/** Undefined where it is no ServiceAccount, but a person or a node. `claims` are those of the token that was asked about. */
export const reviewedIdentity = (user: unknown, claims: Claims): Identity | undefined => {
  const who = subjectOf(textAt(user, ['username']));
  const uid = textAt(user, ['uid']);
  if (who === undefined || uid === '') return undefined;
  const extra = (name: string): string => textsAt(user, ['extra', k8s + name])[0] ?? '';
  const bound = claims.get('kubernetes.io');
  return {
    ...who,
    uid,
    secretName: textOf(claims, `${legacy}secret.name`),
    pod: extra('pod-name') || textAt(bound, ['pod', 'name']),
    node: extra('node-name') || textAt(bound, ['node', 'name']),
  };
};

/** By the token alone, whose signature was found to be the cluster's. */
export const signedIdentity = (claims: Claims): Identity | undefined => {
  const who = subjectOf(textOf(claims, 'sub'));
  const bound = claims.get('kubernetes.io');
  const uid = textAt(bound, ['serviceaccount', 'uid']) || textOf(claims, `${legacy}service-account.uid`);
  if (who === undefined || uid === '') return undefined;
  return {
    ...who,
    uid,
    secretName: textOf(claims, `${legacy}secret.name`),
    pod: textAt(bound, ['pod', 'name']),
    node: textAt(bound, ['node', 'name']),
  };
};

export const workloadOf = ({ namespace, name, pod, node }: Identity): Workload => ({
  namespace,
  serviceAccount: name,
  pod,
  node,
});
