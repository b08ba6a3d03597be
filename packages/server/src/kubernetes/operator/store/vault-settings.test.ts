import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Secret } from '@coffer/schema/secret.ts';
import type { KubeObject, ObjectAt, Resource } from '../../../contracts/kube.ts';
import type { VaultProvider } from '../../api/vault.ts';
import type { StoreKind } from './store-key.ts';
import { resolveVault } from './vault-settings.ts';

const vault = (kubernetes: object, more: object = {}): VaultProvider =>
  ({ server: 'https://store', version: 'v2', auth: { kubernetes: { role: 'app', ...kubernetes } }, ...more }) as never;

/** A cluster that is faked: every Secret is there, and it is noted where was looked. */
const looking = (kind: StoreKind) => {
  const looked: string[] = [];
  const kube = {
    get: async ({ plural }: Resource, { namespace, name }: ObjectAt): Promise<KubeObject> => {
      looked.push(`${plural} ${namespace}/${name}`);
      return { apiVersion: 'v1', kind: 'Secret', metadata: { name }, data: { token: 'eA==' } };
    },
    ask: async (path: string): Promise<KubeObject> => {
      looked.push(path);
      return { apiVersion: 'v1', kind: 'TokenRequest', metadata: { name: '' }, status: { token: 'of-account' } };
    },
  };
  const store = { kind, namespace: kind === 'SecretStore' ? 'shop' : '', name: 'coffer' };
  const ownToken = async (): Promise<Secret> => Secret.of('of-operator');
  return { looked, look: { kube, store, namespace: 'shop', ownToken } };
};

const tokenOf = async (kind: StoreKind, manifest: VaultProvider): Promise<string> => {
  const { settings } = await resolveVault(manifest, looking(kind).look);
  return settings.auth.method === 'kubernetes' ? (await settings.auth.jwt()).revealText() : '';
};

test('the token of the operator itself goes to stores of the cluster, never to one of a namespace', async () => {
  assert.equal(await tokenOf('ClusterSecretStore', vault({})), 'of-operator');
  await assert.rejects(tokenOf('SecretStore', vault({})), {
    code: 'invalid_request',
    message: /may not log in as the operator: set serviceAccountRef/,
  });
  assert.equal(await tokenOf('SecretStore', vault({ serviceAccountRef: { name: 'app' } })), 'of-account');
});

test('a store of a namespace sees only that, whatever namespace it names', async () => {
  const elsewhere = { namespace: 'kube-system', name: 'x' };
  const { look, looked } = looking('SecretStore');
  const { settings } = await resolveVault(vault({ serviceAccountRef: elsewhere }), look);
  if (settings.auth.method === 'kubernetes') await settings.auth.jwt();
  const ref = { ...elsewhere, key: 'token' };
  await resolveVault(vault({ secretRef: ref }, { caProvider: { ...ref, type: 'ConfigMap' } }), look).catch(() => {});
  await resolveVault(vault({ secretRef: ref }, { tls: { certSecretRef: ref, keySecretRef: ref } }), look);
  assert.equal(looked.length >= 5, true);
  for (const place of looked)
    assert.match(place, /^(\w+ shop\/x|\/api\/v1\/namespaces\/shop\/serviceaccounts\/x\/token)$/);
});
