/** What the settings of a store name of the cluster: whether it is there, with the key that is meant. */
import type { KubeReader, Resource } from '../../../contracts/kube.ts';
import { resources } from '../../api/resources.ts';
import type { VaultProvider } from '../../api/vault.ts';
import type { CredentialEvidence } from '../evidence.ts';
import { loose } from '../loose.ts';
import { rightTo, seen } from '../seen.ts';

interface Ref {
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
  readonly key?: string | undefined;
}

interface Named {
  readonly field: string;
  readonly resource: Resource;
  readonly ref: Ref | undefined;
}

const namedBy = ({ auth, caProvider, tls }: VaultProvider): readonly Named[] => [
  { field: 'auth.tokenSecretRef', resource: resources.secret, ref: auth?.tokenSecretRef },
  { field: 'auth.kubernetes.secretRef', resource: resources.secret, ref: auth?.kubernetes?.secretRef },
  {
    field: 'auth.kubernetes.serviceAccountRef',
    resource: resources.serviceAccount,
    ref: auth?.kubernetes?.serviceAccountRef,
  },
  {
    field: 'caProvider',
    resource: caProvider?.type === 'ConfigMap' ? resources.configMap : resources.secret,
    ref: caProvider,
  },
  { field: 'tls.certSecretRef', resource: resources.secret, ref: tls?.certSecretRef },
  { field: 'tls.keySecretRef', resource: resources.secret, ref: tls?.keySecretRef },
];

export interface CredentialPlace {
  /** Of the ExternalSecret. */
  readonly namespace: string;
  readonly isCluster: boolean;
}

/** Where the key is not there, neither is what is meant. */
export const credentialsOf = (
  kube: Pick<KubeReader, 'get'>,
  vault: VaultProvider,
  place: CredentialPlace,
): Promise<readonly CredentialEvidence[]> =>
  Promise.all(
    namedBy(vault).flatMap(({ field, resource, ref }) => {
      if (ref === undefined) return [];
      const namespace = (place.isCluster ? ref.namespace : undefined) ?? place.namespace;
      const { name = '' } = ref;
      const hasKeys = resource !== resources.serviceAccount;
      const key = hasKeys ? (ref.key ?? '') : '';
      const look = async (): Promise<true | undefined> => {
        const object = await kube.get(resource, { namespace, name });
        const isThere = object !== undefined && (!hasKeys || Object.hasOwn(loose(object['data']), key));
        return isThere ? true : undefined;
      };
      const words = `${resource.kind} ${namespace}/${name}${hasKeys ? `, key ${JSON.stringify(key)}` : ''}`;
      return [seen(rightTo('get', resource, namespace), look).then(object => ({ field, words, object }))];
    }),
  );
