/** Everything that a login is judged by, gathered first: the judgement itself (`checks.ts`) reads nothing more. */
import type { Secret } from '@coffer/schema/secret.ts';
import type { JwtText } from '../../../contracts/jwt.ts';
import { type Cluster, clusterFor, namespaceLabels, type Review, reviewToken } from './api-server.ts';
import { boundNamespace, isAsymmetric } from './bounds.ts';
import type { ClusterConfig } from './config.ts';
import type { KubernetesCx } from './cx.ts';
import { type Identity, reviewedIdentity, signedIdentity } from './identity.ts';
import type { KubernetesRole } from './role.ts';
import { type CheckedSignature, signedByConfigured, signedByPublished } from './signature.ts';

export interface Evidence {
  readonly config: ClusterConfig;
  readonly role: KubernetesRole;
  readonly roleName: string;
  readonly nowSeconds: number;
  /** What the token says of itself; undefined where it is none. */
  readonly text: JwtText | undefined;
  /** Undefined where signatures are not checked here. */
  readonly signature: CheckedSignature | undefined;
  /** Undefined where the API server was not asked. */
  readonly review: Review | undefined;
  /** Proved; undefined where it is not. */
  readonly identity: Identity | undefined;
  /** Undefined where they were not needed, or there is no such namespace. */
  readonly namespaceLabels: ReadonlyMap<string, string> | undefined;
}

export interface Asked {
  readonly cx: KubernetesCx;
  readonly config: ClusterConfig;
  readonly role: KubernetesRole;
  readonly roleName: string;
  readonly jwt: Secret;
}

export interface Gathered {
  readonly evidence: Evidence;
  readonly cluster: Cluster;
}

/** Each is asked for only where what was found before it holds: a stranger's nonsense does not reach the API server. */
export const gather = async ({ cx, config, role, roleName, jwt }: Asked): Promise<Gathered> => {
  const cluster = await clusterFor(cx, config, jwt);
  const given = jwt.revealText();
  const text = cx.jwt.read(given);
  const plain = { config, role, roleName, nowSeconds: Math.floor(cx.clock.now() / 1000), text };
  const found: Evidence = {
    ...plain,
    signature: undefined,
    review: undefined,
    identity: undefined,
    namespaceLabels: undefined,
  };
  if (text === undefined || !isAsymmetric(text)) return { cluster, evidence: found };
  const signature = await signatureOf(cluster, given, text);
  if (signature !== undefined && signature.verdict !== 'valid') return { cluster, evidence: { ...found, signature } };
  const proof = await proved(cluster, { jwt, text, role });
  const { identity } = proof;
  const needsLabels = identity !== undefined && role.selector !== undefined && !boundNamespace(role, identity);
  const labels = needsLabels ? await namespaceLabels(cluster, identity.namespace) : undefined;
  return { cluster, evidence: { ...found, signature, ...proof, namespaceLabels: labels } };
};

const signatureOf = (
  cluster: Cluster,
  given: string,
  text: JwtText,
): Promise<CheckedSignature | undefined> | undefined => {
  const { pemKeys, validation } = cluster.config;
  if (pemKeys.length > 0) return signedByConfigured(cluster, given);
  return validation === 'signature' ? signedByPublished(cluster, given, text) : undefined;
};

interface Proving {
  readonly jwt: Secret;
  readonly text: JwtText;
  readonly role: KubernetesRole;
}

const proved = async (
  cluster: Cluster,
  { jwt, text, role }: Proving,
): Promise<Pick<Evidence, 'review' | 'identity'>> => {
  if (cluster.config.validation === 'signature') return { review: undefined, identity: signedIdentity(text.claims) };
  const review = await reviewToken(cluster, jwt, role.audience);
  return { review, identity: review.authenticated ? reviewedIdentity(review.user, text.claims) : undefined };
};
