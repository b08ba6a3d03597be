/** How the operator logs in at the store: what of the store and the cluster has to be there for that. */
import { type Bed } from '../../peers/operator/bed.ts';
import { makeAccount, makeReviewer } from '../../peers/cluster/accounts.ts';
import type { Kube } from '../../../packages/server/src/contracts/kube.ts';
import { makeSecret, namespace } from './objects.ts';

export interface SetUp {
  readonly name: string;
  /** Answers `spec.provider.vault.auth` of the SecretStore. */
  readonly prepare: (bed: Bed, kube: Kube) => Promise<object>;
}

const account = 'bench';

const policy = `path "secret/data/bench/*" { capabilities = ["read", "list", "subscribe"] subscribe_event_types = ["kv*"] }
path "sys/events/subscribe/kv*" { capabilities = ["read"] }`;

const byToken = async (bed: Bed, kube: Kube): Promise<object> => {
  const token = Buffer.from(await bed.token('bench', policy)).toString('base64');
  await makeSecret(kube, { name: 'store-token', namespace }, { token });
  return { tokenSecretRef: { name: 'store-token', key: 'token' } };
};

const byAccount = async ({ cluster, store: { api } }: Bed): Promise<object> => {
  const token_reviewer_jwt = await makeReviewer(cluster);
  await makeAccount(cluster, `${namespace}/${account}`);
  const config = { kubernetes_host: cluster.server, kubernetes_ca_cert: cluster.ca, token_reviewer_jwt };
  const role = {
    bound_service_account_names: account,
    bound_service_account_namespaces: namespace,
    token_policies: 'bench',
    token_ttl: '1h',
  };
  await api.call('POST', 'sys/auth/kubernetes', { body: { type: 'kubernetes' }, status: 204 });
  await api.call('POST', 'auth/kubernetes/config', { body: config, status: 204 });
  await api.call('PUT', 'sys/policies/acl/bench', { body: { policy }, status: 204 });
  await api.call('POST', 'auth/kubernetes/role/bench', { body: role, status: 204 });
  return { kubernetes: { mountPath: 'kubernetes', role: 'bench', serviceAccountRef: { name: account } } };
};

export const setUps: readonly SetUp[] = [
  { name: 'kubernetes auth', prepare: byAccount },
  { name: 'token auth', prepare: byToken },
];
