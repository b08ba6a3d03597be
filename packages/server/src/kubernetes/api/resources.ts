/** Where the kinds that Coffer works with lie in the API. */
import type { Resource } from '../../contracts/kube.ts';

/** The group of the kinds declared here, and the only version of them that is served. */
export const esoGroup = 'external-secrets.io';
/** See `esoGroup`. */
export const esoVersion = 'v1';

type Scope = 'namespaced' | 'cluster';
type Place = readonly [group: string, version: string];

const core: Place = ['', 'v1'];
const eso: Place = [esoGroup, esoVersion];

const at = ([group, version]: Place, [kind, plural]: readonly [string, string], scope: Scope): Resource =>
  Object.freeze({ group, version, plural, kind, namespaced: scope === 'namespaced' });

/** Kind → where it lies. */
export const resources = Object.freeze({
  externalSecret: at(eso, ['ExternalSecret', 'externalsecrets'], 'namespaced'),
  secretStore: at(eso, ['SecretStore', 'secretstores'], 'namespaced'),
  clusterSecretStore: at(eso, ['ClusterSecretStore', 'clustersecretstores'], 'cluster'),
  secret: at(core, ['Secret', 'secrets'], 'namespaced'),
  configMap: at(core, ['ConfigMap', 'configmaps'], 'namespaced'),
  namespace: at(core, ['Namespace', 'namespaces'], 'cluster'),
  serviceAccount: at(core, ['ServiceAccount', 'serviceaccounts'], 'namespaced'),
  pod: at(core, ['Pod', 'pods'], 'namespaced'),
  event: at(core, ['Event', 'events'], 'namespaced'),
  lease: at(['coordination.k8s.io', 'v1'], ['Lease', 'leases'], 'namespaced'),
  deployment: at(['apps', 'v1'], ['Deployment', 'deployments'], 'namespaced'),
  statefulSet: at(['apps', 'v1'], ['StatefulSet', 'statefulsets'], 'namespaced'),
  daemonSet: at(['apps', 'v1'], ['DaemonSet', 'daemonsets'], 'namespaced'),
  customResourceDefinition: at(
    ['apiextensions.k8s.io', 'v1'],
    ['CustomResourceDefinition', 'customresourcedefinitions'],
    'cluster',
  ),
});

/** `v1`, `external-secrets.io/v1`: the `apiVersion` of its objects. */
export const apiVersionOf = ({ group, version }: Resource): string => (group === '' ? version : `${group}/${version}`);
