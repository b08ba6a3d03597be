import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seenExternalSecret } from '../operator/external-secret/seen-external-secret.ts';
import {
  absent,
  entryEvidence,
  makeExternalSecret,
  makeStore,
  minute,
  notReady,
  nowMs,
  podSeen,
  secretEvidence,
  seenSecretOf,
  storeEvidence,
  there,
  timeText,
  whole,
} from './bed.ts';
import { diagnose } from './diagnose.ts';
import type { EntryFound, Evidence, PodSeen, SecretEvidence, StoreEvidence } from './evidence.ts';
import type { Right, Seen } from './seen.ts';
import { asJson, asText } from './tell.ts';

const forbidden = (right: Partial<Right>): Seen<never> => ({
  kind: 'forbidden',
  right: { verb: 'get', resource: 'things', namespace: 'shop', ...right },
});

const withStore = (more: Partial<StoreEvidence>): Partial<Evidence> => ({
  stores: [{ ...storeEvidence, ...more }],
  entries: [],
  secret: { ...secretEvidence, desired: undefined },
});
const withEntry = (found: EntryFound): Partial<Evidence> => ({ entries: [{ ...entryEvidence, found }] });
const withSecret = (more: Partial<SecretEvidence>): Partial<Evidence> => ({ secret: { ...secretEvidence, ...more } });
const withPods = (...pods: readonly PodSeen[]): Partial<Evidence> => ({ pods: there(pods) });
const withManifest = (spec: object, status: object = {}): Partial<Evidence> => ({
  externalSecret: there(seenExternalSecret(makeExternalSecret(spec, status))),
});
const gone = { stores: [], entries: [], secret: undefined, pods: undefined, workloads: [], lease: undefined };
const silentStore = { kind: 'silent', reason: 'connection refused' } as const;
const never = { kind: 'absent', isKnown: false, near: [] } as const;
const denial = { policies: ['default', 'app'], word: undefined, isPersonKnown: false };
const seenAs = (secret: Parameters<typeof seenSecretOf>[0], changedAtMs = nowMs - 5 * minute) =>
  there({ secret: seenSecretOf(secret), changedAtMs });
const otherOwner = { apiVersion: 'v1', kind: 'ExternalSecret', name: 'other', uid: 'u-2', controller: true };
const staleLease = {
  namespace: 'coffer',
  name: 'l',
  holder: 'o-1',
  renewedAtMs: nowMs - 10 * minute,
  durationMs: 15_000,
};
const notMade = { ...withSecret({ seen: absent }), ...withPods() };

/** What is broken, and the answer: step, reason, and what to do. */
const stops: readonly [name: string, evidence: Partial<Evidence>, step: string, because: RegExp, todo?: RegExp][] = [
  ['no cluster', { ...gone, externalSecret: { kind: 'failed', reason: 'connection refused' } }, 'cluster', /refused/],
  [
    'no definitions',
    { ...gone, externalSecret: absent, others: { isKindKnown: false, names: [], namespaces: [] } },
    'ExternalSecret',
    /does not know external-secrets.io\/v1/,
    /^coffer operator manifests .*\| kubectl apply --server-side -f -$/,
  ],
  [
    'a name that is not there',
    { ...gone, externalSecret: absent, others: { isKindKnown: true, names: ['dbs', 'x'], namespaces: [] } },
    'ExternalSecret',
    /near to it: "dbs"/,
    /coffer doctor externalsecret dbs -n shop/,
  ],
  [
    'one of another namespace',
    { ...gone, externalSecret: absent, others: { isKindKnown: true, names: [], namespaces: ['stage'] } },
    'ExternalSecret',
    /one of this name is in stage/,
    /-n stage/,
  ],
  [
    'an ExternalSecret that may not be read',
    { ...gone, externalSecret: forbidden({ resource: 'externalsecrets.external-secrets.io' }) },
    'ExternalSecret',
    /not allowed to get externalsecrets/,
    /kubectl create role \S+ --verb=get,list .* --user=ada -n shop/,
  ],
  ['a manifest that cannot be read', withManifest({ data: 'x' }), 'ExternalSecret', /cannot be read: /, /kubectl edit/],
  [
    'a field that is not supported',
    withManifest({ syncWindows: { kind: 'allow', windows: [] } }),
    'ExternalSecret',
    /not supported yet: .*syncWindows/,
  ],
  ['an operator that is gone', { ...notMade, lease: there([staleLease]) }, 'operator', /does not run any more/],
  [
    'an operator that never was',
    { ...notMade, ...withManifest({}, { conditions: [], refreshTime: undefined }), lease: there([]) },
    'operator',
    /nobody has acted .* no Lease/,
  ],
  [
    'only a condition that says why',
    { ...notMade, ...withManifest({}, notReady('it is odd')) },
    'ExternalSecret',
    /it is odd/,
  ],
  ['no store', withStore({ object: absent, names: ['cofer'] }), 'store', /near to it: "cofer"/],
  ['another provider', withStore({ object: there(makeStore({ provider: { aws: {} } })) }), 'store', /aws/],
  [
    'a store for others',
    withStore({ refusal: 'not allowed from namespace "shop"' }),
    'store',
    /not allowed/,
    /spec.conditions/,
  ],
  [
    'a store of another class',
    { ...withStore({ object: there(makeStore({ controller: 'other' }, notReady('it is away'))) }), ...notMade },
    'store',
    /-controller-class=other/,
  ],
  [
    'credentials that are not there',
    withStore({ credentials: [{ field: 'auth.tokenSecretRef', words: 'Secret shop/t, key "k"', object: absent }] }),
    'store',
    /Secret shop\/t, key "k" is not there/,
  ],
  [
    'a store that is silent, also to the operator',
    withStore({ status: silentStore, login: undefined, object: there(makeStore({}, notReady('cannot be reached'))) }),
    'store',
    /connection refused; the operator says: .*cannot be reached/,
  ],
  [
    'a store without keys',
    withStore({
      status: { kind: 'answered', status: { initialized: false, sealed: true, opensByItself: false, version: '' } },
    }),
    'store',
    /no keys yet/,
    /coffer operator init -address=https:\/\/store:8200/,
  ],
  [
    'a sealed store',
    withStore({
      status: { kind: 'answered', status: { initialized: true, sealed: true, opensByItself: false, version: '' } },
      object: there(makeStore({}, notReady('is sealed'))),
    }),
    'store',
    /the store is sealed; the operator: \S+ since 2026-05-01T11:50:00Z \(10 min ago\): is sealed/,
    /coffer operator unseal/,
  ],
  [
    'a sealed store that nobody unseals by hand',
    withStore({
      status: { kind: 'answered', status: { initialized: true, sealed: true, opensByItself: true, version: '' } },
    }),
    'store',
    /the store is sealed/,
    /^start its server anew/,
  ],
  [
    'a login that is refused by a bound',
    withStore({
      login: {
        kind: 'refused',
        words: 'at auth/k with role "r"',
        reason: 'no',
        bound: { bound: 'audience', because: 'the role wants "a"' },
        isPersonKnown: true,
      },
    }),
    'login',
    /the login at auth\/k with role "r" is refused by audience: the role wants "a"/,
  ],
  [
    'a login that is refused to somebody who may not know why',
    withStore({ login: { kind: 'refused', words: '', reason: 'no', bound: undefined, isPersonKnown: false } }),
    'login',
    /^no$/,
    /COFFER_ADDR=https:\/\/store:8200/,
  ],
  [
    'a policy that denies',
    withEntry({
      kind: 'denied',
      denial: { ...denial, word: { kind: 'denies', rule: 'secret/*', policies: ['app'] } },
    }),
    'entry',
    /policy "app" denies secret\/data\/team\/db \(rule "secret\/\*"\)/,
  ],
  [
    'a policy without read',
    withEntry({ kind: 'denied', denial: { ...denial, word: { kind: 'lacks', rule: 'secret/*', policies: ['app'] } } }),
    'entry',
    /policy "app" has a rule .* without "read"/,
  ],
  [
    'no policy that grants',
    withEntry({
      kind: 'denied',
      denial: { ...denial, word: { kind: 'silent', rule: '', policies: ['default', 'app'] } },
    }),
    'entry',
    /no policy of the token grants secret\/data\/team\/db; it has "default", "app"/,
    /path "secret\/data\/team\/db"/,
  ],
  [
    'a denial that nobody explains',
    withEntry({ kind: 'denied', denial }),
    'entry',
    /denies .*; the token has "default", "app"/,
    /COFFER_ADDR/,
  ],
  [
    'a key that is missing',
    withEntry({ ...never, near: ['team/dv'] }),
    'entry',
    /nothing is stored .*; there is "team\/dv"/,
  ],
  ['a version that is deleted', withEntry({ ...never, isKnown: true }), 'entry', /this version of .* is deleted/],
  [
    'a property that is missing',
    withEntry({ kind: 'noProperty', near: ['pass'], reason: '' }),
    'entry',
    /it has "pass"/,
  ],
  ['a mount that is missing', withEntry({ kind: 'failed', reason: 'no mount' }), 'entry', /no mount/],
  [
    'a Secret of another',
    withSecret({ seen: seenAs({ owners: [otherOwner] }) }),
    'Secret',
    /it belongs to ExternalSecret "other"/,
    /spec.target.name/,
  ],
  ['a Secret that is not made', notMade, 'Secret', /the operator has not made it/],
  [
    'a Secret that is immutable',
    withSecret({ seen: seenAs({ hash: 'h-0', immutable: true, keys: [] }) }),
    'Secret',
    /does not hold .* \(it lacks "password"\).*immutable/,
    /kubectl delete secret db -n shop/,
  ],
  ['a Secret that is old', withSecret({ seen: seenAs({ hash: 'h-0' }) }), 'Secret', /does not hold/, /force-sync/],
  ['a template that fails', withSecret({ desired: { kind: 'failed', reason: 'at key a' } }), 'Secret', /at key a/],
  [
    'a pod with an old version',
    withPods(podSeen({ startedAtMs: new Map([['app', nowMs - 6 * minute]]) })),
    'pods',
    /pod web-1 reads an old version by env: running since \S+ \(6 min ago\), Secret shop\/db was last written \S+ \(5 min ago\)/,
    /kubectl rollout restart deployment\/web -n shop/,
  ],
  [
    'a pod that asks for a key that is not there',
    withPods(
      podSeen({ startedAtMs: new Map(), uses: [{ way: 'env', container: 'app', keys: ['k'], optional: false }] }),
    ),
    'pods',
    /asks for key "k" of Secret shop\/db by env, which is not there: the container does not start/,
  ],
];

for (const [name, evidence, step, because, todo] of stops) {
  test(`it stops: ${name}`, () => {
    const { stop } = diagnose({ ...whole, ...evidence });
    assert.equal(stop?.step, step, `${stop?.found}`);
    assert.match(stop?.found ?? '', because);
    if (todo !== undefined) assert.match(stop?.todo ?? '', todo);
  });
}

/** What is said, and does not stop it. */
const told: readonly [name: string, evidence: Partial<Evidence>, verdict: string, found: RegExp][] = [
  [
    'a condition that is old, while the Secret is right',
    withManifest({}, notReady('was sealed')),
    'warning',
    /was sealed/,
  ],
  ['an operator that is gone, while the Secret is right', { lease: there([staleLease]) }, 'warning', /does not run/],
  ['a manifest that has changed', withManifest({}, { syncedResourceVersion: '0-x' }), 'warning', /older state/],
  [
    'a refresh that is late',
    { ...withManifest({ refreshInterval: '1m' }, { refreshTime: timeText(5 * minute) }), lease: there([]) },
    'warning',
    /last refresh was at .* due every 60 s/,
  ],
  ['Leases that may not be listed', { lease: forbidden({ namespace: undefined }) }, 'unknown', /in the whole cluster/],
  [
    'a store that only the operator reaches',
    withStore({ status: silentStore, login: undefined }),
    'unknown',
    /from here: connection refused; the operator reaches it \(Valid since/,
  ],
  [
    'a store of another class, on which an operator of that class has acted',
    withStore({ object: there(makeStore({ controller: 'other' })) }),
    'ok',
    /-controller-class=other acts on it \(spec\.controller\); one has$/,
  ],
  [
    'a login that cannot be tried',
    withStore({ login: { kind: 'untried', reason: 'no right', todo: undefined } }),
    'unknown',
    /not tried: no right; the operator says: Valid/,
  ],
  ['a Secret that may not be read', withSecret({ seen: forbidden({ resource: 'secrets' }) }), 'unknown', /get secrets/],
  [
    'a Secret of Helm',
    withSecret({ seen: seenAs({ annotations: new Map([['meta.helm.sh/release-name', 'r']]) }) }),
    'warning',
    /the Helm release "r"/,
  ],
  ['pods that may not be listed', { pods: forbidden({ verb: 'list', resource: 'pods' }) }, 'unknown', /list pods/],
  [
    'a pod whose optional key is missing',
    withPods(podSeen({ uses: [{ way: 'env', container: 'app', keys: ['k'], optional: true }] })),
    'warning',
    /it is optional/,
  ],
  [
    'a pod that runs, and would not again',
    withPods(podSeen({ uses: [{ way: 'envFrom', container: 'app', keys: ['k'], optional: false }] })),
    'warning',
    /would not start again/,
  ],
  ['a workload without pods', withPods(), 'warning', /it uses the Secret, and has no pod/],
  [
    'a workload that is scaled to none',
    { ...withPods(), workloads: [{ name: 'deployment/web', replicas: 0 }] },
    'ok',
    /scaled to no pods/,
  ],
  [
    'a volume, which follows',
    withPods(
      podSeen({
        startedAtMs: new Map([['app', 0]]),
        uses: [{ way: 'volume', container: 'app', keys: [], optional: false }],
      }),
    ),
    'ok',
    /pod web-1 by volume: the present version/,
  ],
];

for (const [name, evidence, verdict, found] of told) {
  test(`it is said, and it goes on: ${name}`, () => {
    const { findings, stop } = diagnose({ ...whole, ...evidence });
    assert.equal(stop, undefined, `${stop?.found}`);
    assert.ok(
      findings.some(one => one.verdict === verdict && found.test(one.found)),
      findings.map(one => `${one.verdict} ${one.found}`).join('\n'),
    );
  });
}

test('a whole secret is whole, in words and for machines', () => {
  const diagnosis = diagnose(whole);
  assert.match(
    asText(diagnosis),
    /^whole: from the store to the Secret to the pods\n\n {2}ok {7}https:\/\/cluster +it answers/,
  );
  const { stops: isStopped, complete, stop } = JSON.parse(asJson(diagnosis));
  assert.deepEqual([isStopped, complete, stop], [false, true, undefined]);
});

test('what follows from a stop is no stop of its own', () => {
  const { findings } = diagnose({
    ...whole,
    ...withEntry(never),
    ...notMade,
    secret: { ...secretEvidence, seen: absent, desired: undefined },
  });
  assert.deepEqual(
    findings.filter(({ verdict }) => verdict === 'stops').map(({ step }) => step),
    ['entry'],
  );
});

test('names from outside do not steer a terminal', () => {
  const text = asText(diagnose({ ...whole, server: 'https://x\u001b[2J\n', user: '\u202eada' }));
  assert.doesNotMatch(text.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u);
});
