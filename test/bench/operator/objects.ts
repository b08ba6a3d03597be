/** The ExternalSecrets of the bench and what they read: each its own path with a password. */
import { apiVersionOf, resources } from '../../../packages/server/src/kubernetes/api/resources.ts';
import type { Kube, KubeObject } from '../../../packages/server/src/contracts/kube.ts';
import type { Api } from '../../peers/calls.ts';

export const namespace = 'default';
export const storeName = 'coffer';
const key = 'password';
const foreignBytes = 10 * 1024;

export const namesOf = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `${prefix}-${String(at).padStart(5, '0')}`);

/** As long as a good password is. */
export const password = (name: string, revision: number): string => `${name}.${revision}.`.padEnd(32, 'x');

export const putPassword = (store: Api, name: string, value: string): Promise<unknown> =>
  store.call('POST', `secret/data/bench/${name}`, { body: { data: { [key]: value } } });

export const valueOf = (secret: KubeObject): string => {
  const data = (secret['data'] ?? {}) as { readonly [name: string]: string };
  return Buffer.from(data[key] ?? '', 'base64').toString();
};

export const makeExternalSecret = (kube: Kube, name: string): Promise<KubeObject> =>
  kube.create(resources.externalSecret, {
    apiVersion: apiVersionOf(resources.externalSecret),
    kind: 'ExternalSecret',
    metadata: { name, namespace },
    spec: {
      secretStoreRef: { name: storeName },
      refreshInterval: '1h',
      data: [{ secretKey: key, remoteRef: { key: `bench/${name}`, property: key } }],
    },
  });

export const makeSecretStore = (kube: Kube, server: string, auth: object): Promise<KubeObject> =>
  kube.create(resources.secretStore, {
    apiVersion: apiVersionOf(resources.secretStore),
    kind: 'SecretStore',
    metadata: { name: storeName, namespace },
    spec: { provider: { vault: { server, path: 'secret', auth } } },
  });

export const makeSecret = (kube: Kube, metadata: KubeObject['metadata'], data: { readonly [name: string]: string }) =>
  kube.create(resources.secret, { apiVersion: 'v1', kind: 'Secret', metadata, data });

export const makeForeign = (kube: Kube, name: string): Promise<KubeObject> =>
  makeSecret(kube, { name, namespace: 'foreign' }, { blob: Buffer.alloc(foreignBytes, name).toString('base64') });

export const removeSecret = (kube: Kube, name: string): Promise<boolean> =>
  kube.remove(resources.secret, { namespace, name });

/** Answers the version that it then has. */
export const tamper = async (kube: Kube, name: string): Promise<number> => {
  const patch = { data: { [key]: Buffer.from('changed by another').toString('base64') } };
  const { metadata } = await kube.mergePatch(resources.secret, { namespace, name }, { patch });
  return Number(metadata.resourceVersion);
};
