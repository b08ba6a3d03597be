/** Objects as people write them, and one that sets everything. */

/** A manifest without `metadata.namespace`. */
export interface Example {
  readonly kind: 'ExternalSecret' | 'SecretStore' | 'ClusterSecretStore';
  readonly spec: { readonly [field: string]: unknown };
}

/** The manifests that the documents of the group show. */
export const everyday: readonly Example[] = [
  {
    kind: 'SecretStore',
    spec: {
      provider: {
        vault: {
          server: 'https://coffer.coffer:8200',
          path: 'secret',
          version: 'v2',
          auth: { kubernetes: { mountPath: 'kubernetes', role: 'app', serviceAccountRef: { name: 'app' } } },
        },
      },
    },
  },
  {
    kind: 'ExternalSecret',
    spec: {
      refreshInterval: '1h0m0s',
      secretStoreRef: { name: 'coffer', kind: 'SecretStore' },
      target: {
        name: 'db',
        template: {
          type: 'Opaque',
          mergePolicy: 'Merge',
          data: { dsn: 'postgres://{{ .username }}:{{ .password }}@db' },
        },
      },
      data: [{ secretKey: 'username', remoteRef: { key: 'team/db', property: 'username' } }],
      dataFrom: [
        { extract: { key: 'team/db' } },
        {
          find: { path: 'team', name: { regexp: '^cfg-.*' } },
          rewrite: [{ regexp: { source: 'team/(.*)', target: '$1' } }],
        },
        {
          sourceRef: {
            generatorRef: { apiVersion: 'generators.external-secrets.io/v1alpha1', kind: 'Password', name: 'pw' },
          },
        },
      ],
    },
  },
  {
    kind: 'ClusterSecretStore',
    spec: {
      controller: 'default',
      provider: {
        aws: { service: 'SecretsManager', region: 'eu-west-1', auth: { jwt: { serviceAccountRef: { name: 'a' } } } },
      },
      refreshInterval: 300,
      retrySettings: { maxRetries: 3, retryInterval: '10s' },
      conditions: [
        { namespaceSelector: { matchLabels: { team: 'a' } } },
        { namespaces: ['a', 'b'], namespaceRegexes: ['^team-'] },
      ],
    },
  },
];

const secretRef = { name: 'credentials', namespace: 'team', key: 'a.key' };
const values = { conversionStrategy: 'Unicode', decodingStrategy: 'Auto', nullBytePolicy: 'Fail' };
const remoteRef = { key: 'team/db', property: 'a', version: '3', metadataPolicy: 'Fetch', ...values };
const generatorRef = { apiVersion: 'a/v1', kind: 'Password', name: 'pw' };
const serviceAccountRef = { name: 'app', namespace: 'team', audiences: ['a'] };

const vault = {
  server: 'https://coffer.coffer:8200',
  path: 'secret',
  version: 'v1',
  namespace: 'a/b',
  auth: { namespace: 'a', kubernetes: { mountPath: 'kube', role: 'app', serviceAccountRef } },
  caBundle: 'aGVsbG8=',
  caProvider: { type: 'ConfigMap', name: 'ca', namespace: 'team', key: 'ca.crt' },
  tls: { certSecretRef: secretRef, keySecretRef: secretRef },
  headers: { 'X-A': 'b' },
  readYourWrites: true,
  forwardInconsistent: true,
  checkAndSet: { required: true },
};

const loginWith = (auth: object): Example => ({
  kind: 'SecretStore',
  spec: { provider: { vault: { server: 'https://a', auth } } },
});

const expressions = [{ key: 'team', operator: 'In', values: ['a'] }];

/** Between them, every field that the tables have. */
export const whole: readonly Example[] = [
  {
    kind: 'ClusterSecretStore',
    spec: {
      controller: 'default',
      provider: { vault },
      retrySettings: { maxRetries: 3, retryInterval: '10s' },
      refreshInterval: '5m',
      conditions: [
        {
          namespaceSelector: { matchLabels: { a: 'b' }, matchExpressions: expressions },
          namespaces: ['a'],
          namespaceRegexes: ['^a'],
        },
      ],
    },
  },
  loginWith({ tokenSecretRef: secretRef }),
  loginWith({ kubernetes: { role: 'app', secretRef } }),
  loginWith({ appRole: { path: 'approle', roleId: 'a', secretRef } }),
  loginWith({ appRole: { roleRef: secretRef, secretRef } }),
  loginWith({ jwt: { path: 'jwt', role: 'a', secretRef } }),
  loginWith({
    jwt: { kubernetesServiceAccountToken: { serviceAccountRef, audiences: ['a'], expirationSeconds: 700 } },
  }),
  loginWith({ ldap: { path: 'ldap', username: 'a', secretRef } }),
  loginWith({ userPass: { path: 'userpass', username: 'a', secretRef } }),
  loginWith({ cert: { path: 'cert', vaultRole: 'a', clientCert: secretRef, secretRef } }),
  loginWith({ iam: { region: 'eu-west-1', vaultRole: 'a' } }),
  loginWith({ gcp: { role: 'a' } }),
  {
    kind: 'ExternalSecret',
    spec: {
      secretStoreRef: { name: 'coffer', kind: 'ClusterSecretStore' },
      refreshPolicy: 'OnChange',
      refreshInterval: '1.5h',
      syncWindows: { kind: 'deny', windows: [{ schedule: '0 2 * * *', duration: '1h' }] },
      target: {
        name: 'db',
        creationPolicy: 'Orphan',
        deletionPolicy: 'Delete',
        immutable: true,
        template: {
          type: 'Opaque',
          engineVersion: 'v2',
          mergePolicy: 'Merge',
          metadata: { annotations: { a: 'b' }, labels: { a: 'b' }, finalizers: ['example.com/a'] },
          data: { a: '{{ .a }}' },
          templateFrom: [
            { configMap: { name: 'a', items: [{ key: 'a', templateAs: 'KeysAndValues' }] }, target: 'Labels' },
            { secret: { name: 'a', items: [{ key: 'a', templateAs: 'Values' }] }, target: 'Annotations' },
            { literal: 'a', valuesDecodingStrategy: 'Base64' },
          ],
        },
        manifest: { apiVersion: 'v1', kind: 'ConfigMap' },
      },
      data: [
        { secretKey: 'a', remoteRef, sourceRef: { storeRef: { name: 'other', kind: 'SecretStore' } } },
        { secretKey: 'b', remoteRef: { key: 'b' }, sourceRef: { generatorRef } },
      ],
      dataFrom: [
        { extract: remoteRef, rewrite: [{ transform: { template: '{{ .value }}' } }] },
        {
          find: { path: 'a', name: { regexp: 'a' }, tags: { a: 'b' }, ...values },
          rewrite: [
            { regexp: { source: 'a', target: 'b' } },
            {
              merge: {
                into: 'a',
                priority: ['a'],
                priorityPolicy: 'IgnoreNotFound',
                conflictPolicy: 'Ignore',
                strategy: 'JSON',
              },
            },
          ],
        },
        { sourceRef: { generatorRef } },
        { extract: { key: 'a' }, sourceRef: { storeRef: { name: 'other', kind: 'ClusterSecretStore' } } },
      ],
    },
  },
];
