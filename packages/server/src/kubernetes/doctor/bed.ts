/** Evidence of a secret that is whole, for tests to break at one place. */
import type { KubeObject } from '../../contracts/kube.ts';
import { seenExternalSecret } from '../operator/external-secret/seen-external-secret.ts';
import type { SeenSecret } from '../operator/external-secret/seen-secret.ts';
import { wantedOf } from '../operator/external-secret/seen-external-secret.ts';
import { seenStore } from '../operator/store/seen-store.ts';
import type { EntryEvidence, Evidence, PodSeen, SecretEvidence, StoreEvidence } from './evidence.ts';

export const nowMs = Date.parse('2026-05-01T12:00:00Z');
export const minute = 60_000;
export const timeText = (agoMs: number): string => new Date(nowMs - agoMs).toISOString();

export const there = <T>(value: T) => ({ kind: 'there', value }) as const;
export const absent = { kind: 'absent' } as const;

const ready = (status: string, reason: string, message: string) => ({
  conditions: [{ type: 'Ready', status, reason, message, lastTransitionTime: timeText(10 * minute) }],
});

export const makeExternalSecret = (spec: object = {}, status: object = {}): KubeObject => {
  const object = {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name: 'db', namespace: 'shop', uid: 'u-1', generation: 1 },
    spec: {
      secretStoreRef: { name: 'coffer' },
      data: [{ secretKey: 'password', remoteRef: { key: 'team/db', property: 'password' } }],
      ...spec,
    },
  };
  const { version } = seenExternalSecret(object);
  const said = { refreshTime: timeText(minute), syncedResourceVersion: version };
  return { ...object, status: { ...ready('True', 'SecretSynced', 'secret synced'), ...said, ...status } };
};

export const notReady = (message: string) => ready('False', 'SecretSyncedError', message);

const vault = { server: 'https://store:8200', path: 'secret', auth: { tokenSecretRef: { name: 't', key: 'token' } } };

export const makeStore = (spec: object = {}, status: object = ready('True', 'Valid', 'store validated')) =>
  seenStore('SecretStore')({
    apiVersion: 'external-secrets.io/v1',
    kind: 'SecretStore',
    metadata: { name: 'coffer', namespace: 'shop' },
    spec: { provider: { vault }, ...spec },
    status,
  });

export const storeEvidence: StoreEvidence = {
  name: { kind: 'SecretStore', namespace: 'shop', name: 'coffer' },
  object: there(makeStore()),
  names: [],
  refusal: undefined,
  address: vault.server,
  credentials: [{ field: 'auth.tokenSecretRef', words: 'Secret shop/t, key "token"', object: there(true as const) }],
  status: { kind: 'answered', status: { initialized: true, sealed: false, opensByItself: false, version: '2.6' } },
  login: { kind: 'works', words: 'with a token' },
};

export const entryEvidence: EntryEvidence = {
  where: 'property "password" of secret "team/db"',
  store: storeEvidence.name,
  path: 'secret/data/team/db',
  found: { kind: 'there' },
};

export const seenSecretOf = (more: Partial<SeenSecret> = {}): SeenSecret => ({
  namespace: 'shop',
  name: 'db',
  uid: 's-1',
  resourceVersion: '7',
  type: 'Opaque',
  immutable: false,
  labels: new Map(),
  annotations: new Map(),
  owners: [{ apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', name: 'db', uid: 'u-1', controller: true }],
  finalizers: [],
  keys: ['password'],
  hash: 'h-1',
  own: new Map(),
  ...more,
});

const externalSecret = seenExternalSecret(makeExternalSecret());
const spec = 'spec' in externalSecret.read ? externalSecret.read.spec : undefined;
if (spec === undefined) throw new TypeError('the manifest of the bed cannot be read');

export const secretEvidence: SecretEvidence = {
  wanted: wantedOf(externalSecret, spec),
  seen: there({ secret: seenSecretOf(), changedAtMs: nowMs - 5 * minute }),
  desired: { kind: 'rendered', hash: 'h-1', keys: ['password'] },
};

export const podSeen = (more: Partial<PodSeen> = {}): PodSeen => ({
  name: 'web-1',
  workload: 'deployment/web',
  uses: [{ way: 'env', container: 'app', keys: ['password'], optional: false }],
  startedAtMs: new Map([['app', nowMs - 4 * minute]]),
  ...more,
});

export const whole: Evidence = {
  nowMs,
  server: 'https://cluster',
  user: 'ada',
  namespace: 'shop',
  name: 'db',
  externalSecret: there(externalSecret),
  others: undefined,
  lease: there([
    {
      namespace: 'coffer',
      name: 'external-secrets-controller',
      holder: 'o-1',
      renewedAtMs: nowMs - 2000,
      durationMs: 15_000,
    },
  ]),
  stores: [storeEvidence],
  entries: [entryEvidence],
  secret: secretEvidence,
  pods: there([podSeen()]),
  workloads: [{ name: 'deployment/web', replicas: 1 }],
};
