import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CofferError } from '@coffer/schema/errors.ts';
import type { KubeObject } from '../../contracts/kube.ts';
import { parseClusterSecretStore, parseExternalSecret, parseSecretStore } from './kinds.ts';

const objectOf = (kind: string, spec: unknown, more: object = {}): KubeObject => ({
  apiVersion: 'external-secrets.io/v1',
  kind,
  metadata: { name: 'db', namespace: 'team' },
  spec,
  ...more,
});
const externalSecret = (spec: unknown) => parseExternalSecret(objectOf('ExternalSecret', spec));
const store = (provider: unknown, more: object = {}) =>
  parseSecretStore(objectOf('SecretStore', { provider, ...more }));

const minimal = { secretStoreRef: { name: 'coffer' }, dataFrom: [{ extract: { key: 'team/db' } }] };
const vault = { server: 'https://coffer.coffer:8200', auth: { tokenSecretRef: { name: 'token', key: 'token' } } };

const problemOf = (read: () => unknown): string => {
  try {
    read();
  } catch (error) {
    assert.ok(error instanceof CofferError);
    assert.equal(error.code, 'invalid_request');
    return error.publicMessage;
  }
  return assert.fail('was read');
};

test('what is not set has its default', () => {
  const { spec, status, unsupported } = externalSecret(minimal);
  assert.deepEqual(spec, {
    secretStoreRef: { name: 'coffer', kind: 'SecretStore' },
    refreshPolicy: 'Periodic',
    refreshInterval: { seconds: 3600 },
    target: { creationPolicy: 'Owner', deletionPolicy: 'Retain', immutable: false },
    dataFrom: [
      {
        extract: {
          key: 'team/db',
          metadataPolicy: 'None',
          conversionStrategy: 'Default',
          decodingStrategy: 'None',
          nullBytePolicy: 'Ignore',
        },
      },
    ],
  });
  assert.deepEqual(status, {});
  assert.deepEqual(unsupported, []);
});

test('a null is as if nothing were there', () => {
  const { spec } = externalSecret({
    ...minimal,
    refreshInterval: null,
    data: null,
    target: { template: { data: { a: null } } },
  });
  assert.deepEqual(
    [spec.refreshInterval, spec.data, spec.target.template?.data],
    [{ seconds: 3600 }, undefined, new Map()],
  );
  assert.match(
    problemOf(() => externalSecret({ dataFrom: [{ extract: { key: null } }] })),
    /extract\.key: missing/,
  );
  assert.match(
    problemOf(() => externalSecret({ ...minimal, dataFrom: [null] })),
    /dataFrom\[0\]: expected an object/,
  );
});

test('every field that is wrong is told of by its path, and never its value', () => {
  const problem = problemOf(() =>
    externalSecret({
      secretStoreRef: { name: 'Canary_Name', kind: 'CanaryKind' },
      refreshInterval: '-1canary',
      data: [{ secretKey: 'a b canary', remoteRef: {} }, 'canary'],
      target: { template: { data: { dsn: 7 } } },
    }),
  );
  assert.doesNotMatch(problem, /canary/i);
  for (const path of [
    'spec.secretStoreRef.name: expected the name of an object',
    'spec.secretStoreRef.kind: expected one of "SecretStore", "ClusterSecretStore"',
    'spec.refreshInterval: expected a duration',
    'spec.data[0].secretKey: expected a key of a Secret',
    'spec.data[0].remoteRef.key: missing: Path of the secret in the store',
    'spec.data[1]: expected an object',
    'spec.target.template.data["dsn"]: expected text',
  ])
    assert.ok(problem.includes(path), `${path}\n${problem}`);
  assert.match(problem, /^ExternalSecret "team\/db": /);
});

test('many problems are counted, not told one by one', () => {
  const data = Array.from({ length: 900 }, () => 7);
  const problem = problemOf(() => externalSecret({ ...minimal, data }));
  assert.ok(problem.endsWith('; 890 more'), problem);
});

test('names that objects inherit are names like others', () => {
  const annotations = JSON.parse('{"__proto__": "a", "constructor": "b"}') as object;
  const { spec } = externalSecret({ ...minimal, target: { template: { metadata: { annotations } } } });
  assert.deepEqual([...(spec.target.template?.metadata?.annotations ?? [])], Object.entries(annotations));
  assert.match(
    problemOf(() => store(JSON.parse('{"vault": {"__proto__": {"server": "https://a"}}}'))),
    /spec\.provider\.vault\.server: missing/,
  );
});

test('a name that moves the cursor or has no end is shown without that', () => {
  const data = { [`\u202e\u001b[2J${'x'.repeat(500)}`]: 7 };
  const problem = problemOf(() => externalSecret({ ...minimal, target: { template: { data } } }));
  assert.match(problem, /data\["\?\?\[2Jx{59}"\]: expected text/);
});

test('what is not acted on is told of by its path', () => {
  const find = { name: { regexp: '^a' } };
  const { unsupported } = externalSecret({
    ...minimal,
    dataFrom: [{ find, rewrite: [] }, { sourceRef: { generatorRef: { kind: 'Password', name: 'pw' } } }],
    target: { manifest: { apiVersion: 'v1', kind: 'ConfigMap' } },
    surprise: 1,
  });
  assert.deepEqual(unsupported, [
    'spec["surprise"]',
    'spec.target.manifest',
    'spec.dataFrom[0].find',
    'spec.dataFrom[1].sourceRef.generatorRef',
  ]);
});

test('other providers are kept and told of, two at once are refused', () => {
  const { spec, unsupported } = store({ aws: { service: 'SecretsManager', region: 'eu-west-1' } });
  assert.deepEqual(spec.provider, {});
  assert.deepEqual(unsupported, ['spec.provider["aws"]']);
  for (const provider of [{}, { vault, aws: {} }])
    assert.match(
      problemOf(() => store(provider)),
      /spec\.provider: set exactly 1/,
    );
});

test('a store may be checked every so many seconds, or by a duration', () => {
  for (const [refreshInterval, seconds] of [
    [90, 90],
    ['1m30s', 90],
    [0, 0],
    ['0', 0],
    ['1.5h', 5400],
  ] as const)
    assert.deepEqual(store({ vault }, { refreshInterval }).spec.refreshInterval, { seconds });
  for (const refreshInterval of [-1, 1.5, '90', '', 'x', true, {}, '1h 2m', '-1s', '9999999h', 1e300])
    assert.match(
      problemOf(() => store({ vault }, { refreshInterval })),
      /spec\.refreshInterval: expected/,
    );
});

test('an object of another kind, group or version is refused', () => {
  const object = objectOf('SecretStore', { provider: { vault } });
  assert.match(
    problemOf(() => parseClusterSecretStore(object)),
    /expected a ClusterSecretStore of external-secrets\.io\/v1/,
  );
  assert.match(
    problemOf(() => parseSecretStore({ ...object, apiVersion: 'external-secrets.io/v1beta1' })),
    /expected a/,
  );
});
