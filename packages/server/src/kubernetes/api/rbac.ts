/** What the operator may do in a cluster: one row for each right, with the reason for it. Nothing else is asked for. */
import type { KubeObject, Resource } from '../../contracts/kube.ts';
import { resources } from './resources.ts';

export interface Right {
  readonly resource: Resource;
  readonly subresource?: string;
  readonly verbs: readonly string[];
  /** One line, without a full stop. */
  readonly why: string;
  /** In every namespace, or only where the operator itself runs. */
  readonly where: 'cluster' | 'own namespace';
}

const watching = ['get', 'list', 'watch'] as const;
const { externalSecret, secretStore, clusterSecretStore } = resources;

const cluster = (resource: Resource, verbs: readonly string[], why: string): Right => ({
  resource,
  verbs,
  why,
  where: 'cluster',
});

/** In the order of the reference. */
export const operatorRights: readonly Right[] = [
  cluster(externalSecret, [...watching, 'patch'], 'What is wanted; take away the finalizer of the operator before'),
  { ...cluster(externalSecret, ['patch'], 'Say what has been done, and what is in the way'), subresource: 'status' },
  {
    ...cluster(externalSecret, ['update'], 'Own Secrets so that they go before it, in clusters that check this right'),
    subresource: 'finalizers',
  },
  cluster(secretStore, watching, 'Where values come from'),
  { ...cluster(secretStore, ['patch'], 'Say whether it can be used'), subresource: 'status' },
  cluster(clusterSecretStore, watching, 'Where values come from'),
  { ...cluster(clusterSecretStore, ['patch'], 'Say whether it can be used'), subresource: 'status' },
  cluster(
    resources.secret,
    [...watching, 'create', 'patch', 'delete'],
    'Make Secrets, mend them, and read credentials',
  ),
  cluster(resources.configMap, ['get'], 'Certificates of authorities that stores are trusted by'),
  cluster(resources.namespace, watching, 'Which namespaces may use a cluster store'),
  {
    ...cluster(resources.serviceAccount, ['create'], 'Tokens of the ServiceAccounts that stores log in with'),
    subresource: 'token',
  },
  cluster(resources.event, ['create', 'patch'], 'Tell what happened'),
  {
    resource: resources.lease,
    verbs: ['get', 'create', 'patch'],
    why: 'Agree with other replicas on the one that acts',
    where: 'own namespace',
  },
];

/** `secrets`, `serviceaccounts/token`. */
export const resourceNameOf = ({ resource, subresource }: Right): string =>
  subresource === undefined ? resource.plural : `${resource.plural}/${subresource}`;

const roleOf = (kind: 'ClusterRole' | 'Role', where: Right['where']): KubeObject => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind,
  metadata: { name: 'coffer-operator', labels: { 'app.kubernetes.io/name': 'coffer-operator' } },
  rules: operatorRights
    .filter(right => right.where === where)
    .map(right => ({
      apiGroups: [right.resource.group],
      resources: [resourceNameOf(right)],
      verbs: right.verbs,
    })),
});

/** A ClusterRole, and a Role for the namespace the operator runs in; whom they are bound to is said at the installation. */
export const operatorRoles = (): readonly KubeObject[] => [
  roleOf('ClusterRole', 'cluster'),
  roleOf('Role', 'own namespace'),
];
