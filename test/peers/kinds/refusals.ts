/** For each rule of the tables, a manifest that breaks it and nothing else. */
import type { Example } from './examples.ts';

const one = { secretKey: 'a', remoteRef: { key: 'a' } };
const minimal = { secretStoreRef: { name: 'coffer' }, data: [one] };

const wants = (spec: object): Example => ({ kind: 'ExternalSecret', spec: { ...minimal, ...spec } });
const targets = (target: object): Example => wants({ target });
const login = (auth: object): Example => ({
  kind: 'SecretStore',
  spec: { provider: { vault: { server: 'https://a', auth } } },
});
const ref = { name: 'a', key: 'a' };

export interface Refusal {
  /** How the rule's message begins. */
  readonly message: string;
  readonly broken: readonly Example[];
}

/** In no order. */
export const refusals: readonly Refusal[] = [
  {
    message: 'either data or dataFrom should be specified',
    broken: [
      { kind: 'ExternalSecret', spec: { secretStoreRef: { name: 'coffer' } } },
      { kind: 'ExternalSecret', spec: { secretStoreRef: { name: 'coffer' }, data: [], dataFrom: [] } },
    ],
  },
  {
    message: 'every entry needs a store',
    broken: [
      { kind: 'ExternalSecret', spec: { data: [one] } },
      { kind: 'ExternalSecret', spec: { secretStoreRef: {}, dataFrom: [{ extract: { key: 'a' } }] } },
      {
        kind: 'ExternalSecret',
        spec: { data: [{ ...one, sourceRef: { storeRef: { name: 'a' } } }], dataFrom: [{ extract: { key: 'a' } }] },
      },
    ],
  },
  {
    message: 'a secretKey stands twice in data',
    broken: [
      wants({ data: [one, one] }),
      wants({ data: [one, { ...one, secretKey: 'b' }, one], target: { creationPolicy: 'Merge' } }),
    ],
  },
  {
    message: 'set exactly one of extract, find or sourceRef.generatorRef',
    broken: [
      wants({ dataFrom: [{}] }),
      wants({ dataFrom: [{ sourceRef: { storeRef: { name: 'a' } } }] }),
      wants({ dataFrom: [{ extract: { key: 'a' }, find: { name: { regexp: 'a' } } }] }),
      wants({ dataFrom: [{ extract: { key: 'a' }, sourceRef: { generatorRef: { kind: 'UUID', name: 'a' } } }] }),
    ],
  },
  {
    message: 'set exactly one of storeRef or generatorRef',
    broken: [
      wants({ data: [{ ...one, sourceRef: {} }] }),
      wants({ dataFrom: [{ extract: { key: 'a' }, sourceRef: {} }] }),
    ],
  },
  {
    message: 'set exactly one of regexp, transform or merge',
    broken: [
      wants({ dataFrom: [{ extract: { key: 'a' }, rewrite: [{}] }] }),
      wants({ dataFrom: [{ extract: { key: 'a' }, rewrite: [{ transform: { template: 'a' }, merge: {} }] }] }),
    ],
  },
  {
    message: 'deletionPolicy Delete needs a Secret of its own',
    broken: ['Merge', 'None', 'CreateOrMerge'].map(creationPolicy =>
      targets({ deletionPolicy: 'Delete', creationPolicy }),
    ),
  },
  {
    message: 'deletionPolicy Merge has nothing to work on',
    broken: [targets({ deletionPolicy: 'Merge', creationPolicy: 'None' })],
  },
  {
    message: 'templateFrom.target of a Secret is Data, Annotations or Labels',
    broken: [targets({ template: { templateFrom: [{ literal: 'a' }, { literal: 'a', target: 'spec.a' }] } })],
  },
  {
    message: 'set exactly one of configMap, secret or literal',
    broken: [targets({ template: { templateFrom: [{}] } })],
  },
  {
    message: 'a Secret of type kubernetes.io/service-account-token with the annotation',
    broken: [
      targets({
        template: {
          type: 'kubernetes.io/service-account-token',
          metadata: { annotations: { 'kubernetes.io/service-account.name': 'admin' } },
        },
      }),
    ],
  },
  {
    message: 'a Secret of type bootstrap.kubernetes.io/token cannot be made',
    broken: [targets({ template: { type: 'bootstrap.kubernetes.io/token' } })],
  },
  {
    message: 'set exactly one of tokenSecretRef, kubernetes,',
    broken: [login({}), login({ namespace: 'a' }), login({ tokenSecretRef: ref, kubernetes: { role: 'a' } })],
  },
  {
    message: 'set only one of serviceAccountRef or secretRef',
    broken: [login({ kubernetes: { role: 'a', serviceAccountRef: { name: 'a' }, secretRef: ref } })],
  },
  { message: 'set exactly one of roleId or roleRef', broken: [login({ appRole: { secretRef: ref } })] },
  {
    message: 'set exactly one of secretRef or kubernetesServiceAccountToken',
    broken: [login({ jwt: { role: 'a' } })],
  },
];

/** What comes near to breaking a rule, and does not. */
export const allowed: readonly Example[] = [
  wants({ data: [one, one], target: { deletionPolicy: 'Delete' } }),
  wants({ data: [one, one], target: { deletionPolicy: 'Merge' } }),
  targets({ deletionPolicy: 'Delete', creationPolicy: 'Orphan' }),
  targets({ template: { type: 'kubernetes.io/service-account-token' } }),
  targets({
    template: { type: 'Opaque', metadata: { annotations: { 'kubernetes.io/service-account.name': 'admin' } } },
  }),
  targets({
    manifest: { apiVersion: 'v1', kind: 'ConfigMap' },
    template: { templateFrom: [{ literal: 'a', target: 'spec.a' }] },
  }),
  { kind: 'ExternalSecret', spec: { data: [{ ...one, sourceRef: { storeRef: { name: 'a' } } }] } },
  login({ kubernetes: { role: 'a' } }),
];
