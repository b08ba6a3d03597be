/**
 * What is asked of the cluster's API server. Where it does not answer as it should, the caller of a login is not to blame:
 * that is `unreachable`, never a refusal.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Secret } from '@coffer/schema/secret.ts';
import type { ClusterConfig } from './config.ts';
import type { KubernetesCx } from './cx.ts';
import { at, pairsAt, textAt, textsAt } from './members.ts';

const answerLimitBytes = 1_048_576;
const limitMs = 10_000;
const json = 'application/json';
const utf8 = new TextEncoder();
const text = new TextDecoder();

/** Whose token opens the API server: the mount's own, or for want of one the caller's. */
export interface Credentials {
  readonly token: Secret | undefined;
  readonly isOwn: boolean;
}

export interface Cluster {
  readonly cx: KubernetesCx;
  readonly config: ClusterConfig;
  readonly caPem: string | undefined;
  readonly credentials: Credentials;
}

export const clusterFor = async (cx: KubernetesCx, config: ClusterConfig, jwt: Secret): Promise<Cluster> => {
  const pod = config.disableLocalCaJwt ? undefined : await cx.pod();
  // Who may configure a mount must not be able to have the server's own token sent to any server they like.
  const hasOwnCa = config.caPem === '' || config.caPem.trim() === pod?.caPem.trim();
  const isOwnCluster = hasOwnCa && config.host.startsWith('https:');
  const own = config.reviewerJwt ?? (isOwnCluster ? pod?.token : undefined);
  return {
    cx,
    config,
    caPem: config.caPem === '' ? pod?.caPem : config.caPem,
    credentials: { token: own ?? jwt, isOwn: own !== undefined },
  };
};

interface Asked {
  readonly path: string;
  readonly body?: unknown;
  readonly token: Secret | undefined;
  /** Where that is not plain JSON. */
  readonly accept?: string;
}

interface Answered {
  readonly status: number;
  readonly body: Uint8Array;
}

const unreachable = (what: string, because?: string): CofferError =>
  new CofferError('unreachable', `the Kubernetes API server ${what}`, { because });

const ask = async ({ cx, config, caPem }: Cluster, { path, body, token, accept = json }: Asked): Promise<Answered> => {
  const headers = new Map([['accept', accept]]);
  if (token !== undefined) headers.set('authorization', `Bearer ${token.revealText()}`);
  if (body !== undefined) headers.set('content-type', json);
  const answer = await cx.http({
    url: config.host + path,
    method: body === undefined ? 'GET' : 'POST',
    headers,
    body: body === undefined ? undefined : utf8.encode(JSON.stringify(body)),
    caPem,
    // Whoever may configure the mount names the server: it stands in the cluster's own network as a rule.
    reach: 'anywhere',
    answerLimitBytes,
    limitMs,
  });
  const { status } = answer;
  const isSaid = (status >= 200 && status < 300) || status === 401 || status === 403 || status === 404;
  if (!isSaid) throw unreachable(`answered with status ${status}`);
  return answer;
};

const parsed = ({ body }: Answered): unknown => {
  try {
    return JSON.parse(text.decode(body));
  } catch {
    throw unreachable('answered with something that is no JSON');
  }
};

/** What it said about a token. */
export interface Review {
  readonly authenticated: boolean;
  readonly user: unknown;
  readonly audiences: readonly string[];
  /** Why it is not. */
  readonly because: string;
}

const reviewPath = '/apis/authentication.k8s.io/v1/tokenreviews';
const becauseLimit = 300;
const refusedReview = (because: string): Review => ({ authenticated: false, user: undefined, audiences: [], because });

/** Asks whether the token is one of the cluster, made for `audience`, or for the API server itself where that is ''. */
export const reviewToken = async (cluster: Cluster, jwt: Secret, audience: string): Promise<Review> => {
  const { credentials } = cluster;
  const answer = await ask(cluster, {
    path: reviewPath,
    token: credentials.token,
    body: {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token: jwt.revealText(), ...(audience === '' ? {} : { audiences: [audience] }) },
    },
  });
  if (answer.status > 299) return refusedReviewer(credentials, answer.status);
  const review = parsed(answer);
  if (at(review, ['status', 'authenticated']) !== true)
    return refusedReview(textAt(review, ['status', 'error']).slice(0, becauseLimit) || 'it is not authenticated');
  return {
    authenticated: true,
    user: at(review, ['status', 'user']),
    audiences: textsAt(review, ['status', 'audiences']),
    because: 'it is authenticated',
  };
};

/** Who reviews with the caller's own token is refused where that is no good; with the mount's, the mount is at fault. */
const refusedReviewer = ({ isOwn }: Credentials, status: number): Review => {
  if (isOwn)
    throw unreachable(
      `refused the token that reviews for this auth method (status ${status})`,
      'the reviewer needs the ClusterRole system:auth-delegator, and a token that has not ended',
    );
  return refusedReview(
    status === 401
      ? 'for want of token_reviewer_jwt it was used to ask about itself, and is no token for the API server'
      : 'for want of token_reviewer_jwt it was used to ask about itself, and may not: bind system:auth-delegator',
  );
};

const readObject = async (cluster: Cluster, path: string, what: string): Promise<unknown> => {
  const answer = await ask(cluster, { path, token: cluster.credentials.token });
  if (answer.status === 401 || answer.status === 403)
    throw unreachable(`does not let this auth method read ${what} (status ${answer.status})`, `grant get on ${what}`);
  return answer.status === 404 ? undefined : parsed(answer);
};

/** Undefined where there is no such namespace: it has no labels that a selector could find missing. */
export const namespaceLabels = async (
  cluster: Cluster,
  namespace: string,
): Promise<ReadonlyMap<string, string> | undefined> => {
  const found = await readObject(cluster, `/api/v1/namespaces/${encodeURIComponent(namespace)}`, 'namespaces');
  return found === undefined ? undefined : pairsAt(found, ['metadata', 'labels']);
};

export interface AccountName {
  readonly namespace: string;
  readonly name: string;
}

export const accountAnnotations = async (
  cluster: Cluster,
  { namespace, name }: AccountName,
): Promise<ReadonlyMap<string, string>> => {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/serviceaccounts/${encodeURIComponent(name)}`;
  return pairsAt(await readObject(cluster, path, 'serviceaccounts'), ['metadata', 'annotations']);
};

/** The keys that the cluster publishes; undefined where it does not show them to this caller. */
export const publishedKeys = async (cluster: Cluster): Promise<Uint8Array | undefined> => {
  const { credentials } = cluster;
  // A token made for somebody else opens nothing here: some clusters publish their keys to everybody.
  for (const token of [credentials.token, undefined]) {
    const answer = await ask(cluster, { path: '/openid/v1/jwks', token, accept: 'application/jwk-set+json' });
    if (answer.status < 300) return answer.body;
  }
  if (credentials.isOwn)
    throw unreachable('does not show its keys', 'grant the ClusterRole system:service-account-issuer-discovery');
  return undefined;
};
