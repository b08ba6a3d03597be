import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFixed, type Use, usesOf } from './uses.ts';

const env = { name: 'P', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } };
const optional = { name: 'Q', valueFrom: { secretKeyRef: { name: 'db', key: 'more', optional: true } } };
const mount = (more: object = {}) => ({ name: 'v', mountPath: '/v', ...more });

const withVolume = (volume: object, volumeMounts: readonly object[] = [mount()]) => ({
  containers: [{ name: 'app', volumeMounts }],
  volumes: [{ name: 'v', ...volume }],
});

const inApp = { container: 'app', optional: false };

const cases: readonly [name: string, spec: object, uses: readonly Use[]][] = [
  ['nothing', { containers: [{ name: 'app' }] }, []],
  [
    'env of another Secret',
    { containers: [{ name: 'app', env: [{ name: 'P', valueFrom: { secretKeyRef: { name: 'x', key: 'y' } } }] }] },
    [],
  ],
  ['env', { containers: [{ name: 'app', env: [env] }] }, [{ way: 'env', keys: ['password'], ...inApp }]],
  [
    'optional env',
    { containers: [{ name: 'app', env: [optional] }] },
    [{ way: 'env', keys: ['more'], container: 'app', optional: true }],
  ],
  [
    'envFrom, of an init container',
    { initContainers: [{ name: 'app', envFrom: [{ secretRef: { name: 'db' } }, { configMapRef: { name: 'db' } }] }] },
    [{ way: 'envFrom', keys: [], ...inApp }],
  ],
  ['a volume', withVolume({ secret: { secretName: 'db' } }), [{ way: 'volume', keys: [], ...inApp }]],
  [
    'keys of a volume',
    withVolume({ secret: { secretName: 'db', items: [{ key: 'password', path: 'a/b' }] } }),
    [{ way: 'volume', keys: ['password'], ...inApp }],
  ],
  [
    'a part of a volume',
    withVolume({ secret: { secretName: 'db' } }, [mount({ subPath: 'password' })]),
    [{ way: 'subPath', keys: ['password'], ...inApp }],
  ],
  [
    'a part under another name, and a part that is of something else',
    withVolume({ projected: { sources: [{ secret: { name: 'db', items: [{ key: 'k', path: 'p' }] } }] } }, [
      mount({ subPath: 'p' }),
      mount({ subPath: 'else' }),
    ]),
    [
      { way: 'subPath', keys: ['k'], ...inApp },
      { way: 'subPath', keys: [], ...inApp },
    ],
  ],
  [
    'a projected volume',
    withVolume({ projected: { sources: [{ configMap: { name: 'db' } }, { secret: { name: 'db', optional: true } }] } }),
    [{ way: 'volume', keys: [], container: 'app', optional: true }],
  ],
  [
    'a volume that nobody mounts',
    withVolume({ secret: { secretName: 'db' } }, []),
    [{ way: 'volume', keys: [], container: '', optional: false }],
  ],
  [
    'imagePullSecrets',
    { containers: [], imagePullSecrets: [{ name: 'db' }, { name: 'x' }] },
    [{ way: 'imagePullSecrets', keys: [], container: '', optional: true }],
  ],
];

for (const [name, spec, uses] of cases)
  test(`how a pod uses a Secret: ${name}`, () => assert.deepEqual(usesOf(spec, 'db'), uses));

test('what is no spec uses nothing', () => {
  for (const odd of [undefined, null, 'x', [], { containers: 'x' }, { containers: [null, { env: {} }] }])
    assert.deepEqual(usesOf(odd, 'db'), []);
});

test('environment and parts of volumes are fixed at the start', () => {
  const fixed = (way: Use['way']) => isFixed({ way, container: '', keys: [], optional: false });
  assert.deepEqual(
    ['env', 'envFrom', 'volume', 'subPath', 'imagePullSecrets'].map(way => fixed(way as Use['way'])),
    [true, true, false, true, false],
  );
});
