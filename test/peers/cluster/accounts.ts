/** ServiceAccounts of a cluster, and tokens of theirs. */
import type { Cluster } from './cluster.ts';

const parted = (account: string): { readonly namespace: string; readonly name: string } => {
  const [namespace = '', name = ''] = account.split('/');
  return { namespace, name };
};

export interface AccountMetadata {
  /** Of the namespace, where it is new. */
  readonly labels?: object;
  readonly annotations?: object;
}

/** `namespace/name`; with its namespace, where that is not there. */
export const makeAccount = async (
  { api }: Cluster,
  account: string,
  { labels, annotations }: AccountMetadata = {},
): Promise<void> => {
  const { namespace, name } = parted(account);
  const space = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } };
  await api.call('/api/v1/namespaces', { method: 'POST', body: space });
  await api.ask(`/api/v1/namespaces/${namespace}/serviceaccounts`, {
    method: 'POST',
    body: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, annotations } },
  });
};

export interface TokenWish {
  /** The API server's own where none are named. */
  readonly audiences?: readonly string[];
  readonly expirationSeconds?: number;
  readonly pod?: { readonly name: string; readonly uid: string };
}

export const accountToken = async (
  { api }: Cluster,
  account: string,
  { audiences, expirationSeconds = 3600, pod }: TokenWish = {},
): Promise<string> => {
  const { namespace, name } = parted(account);
  const boundObjectRef = pod === undefined ? undefined : { kind: 'Pod', apiVersion: 'v1', ...pod };
  const made = await api.ask(`/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`, {
    method: 'POST',
    body: {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { audiences, expirationSeconds, boundObjectRef },
    },
  });
  return (made as unknown as { readonly status: { readonly token: string } }).status.token;
};

/** Binds a cluster role to a ServiceAccount, or to `group/NAME`. */
export const bindAccount = async ({ api }: Cluster, account: string, role: string): Promise<void> => {
  const { namespace, name } = parted(account);
  await api.ask('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    method: 'POST',
    body: {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { generateName: 'test-' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
      subjects: [namespace === 'group' ? { kind: 'Group', name } : { kind: 'ServiceAccount', namespace, name }],
    },
  });
};

/** A token that may review others, and read namespaces and ServiceAccounts. */
export const makeReviewer = async (cluster: Cluster): Promise<string> => {
  await makeAccount(cluster, 'store/reviewer');
  for (const role of ['system:auth-delegator', 'view']) await bindAccount(cluster, 'store/reviewer', role);
  return accountToken(cluster, 'store/reviewer');
};
