/** The operator on a real API server and a real store: a secret becomes a Secret, and is kept in step with it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from './cluster/processes.ts';
import { refuseLeaks } from './leaks.ts';
import { type Bed, need, type OperatorProcess, startBed, startOperator } from './operator/bed.ts';

const changes = 20;
/** Ten times what is wanted: this is no measurement, only a bound for what is broken. */
const changeLimitMs = 10_000;

let bed: Bed;
let operator: OperatorProcess;

before(async () => {
  if (need.skip !== false) return;
  bed = await startBed();
  operator = await startOperator(bed.cluster, '-health-address=127.0.0.1:0', '-metrics-address=127.0.0.1:0');
  await bed.makeStore('coffer');
});
after(async () => {
  await operator?.stop();
  await bed?.stop();
});

const isTrue = ({ status }: { readonly status: string }): boolean => status === 'True';
const isFalse = ({ status }: { readonly status: string }): boolean => status === 'False';

/** What the operator asked of the API server about these names. */
const writes = (name: string): readonly string[] =>
  bed.cluster
    .audit()
    .filter(
      ({ userAgent, stage, objectRef }) =>
        userAgent === 'coffer-operator' && stage === 'ResponseComplete' && objectRef?.name === name,
    )
    .map(({ verb, objectRef }) => [verb, objectRef?.resource, objectRef?.subresource].filter(Boolean).join(' '));

test('a store is validated; a secret in it becomes a Secret with one write, and one of its status', need, async () => {
  const valid = await bed.untilReady('coffer', isTrue, 'SecretStore');
  assert.deepEqual([valid.reason, valid.message], ['Valid', 'store validated']);
  await bed.put('team/db', { username: 'ada', password: 'canary-1' });
  await bed.wants('db', 'team/db');
  await bed.untilValues('db', { password: 'canary-1' });
  const ready = await bed.untilReady('db', isTrue);
  assert.deepEqual([ready.reason, ready.message], ['SecretSynced', 'secret synced']);
  await until('the audit log', async () => (writes('db').length >= 2 ? true : undefined));
  assert.deepEqual(writes('db'), ['create secrets', 'patch externalsecrets status']);
});

test('it carries the marks that tools look for', need, async () => {
  const secret = await bed.get('Secret', 'db');
  assert.equal(secret?.['type'], 'Opaque');
  const { labels, annotations, ownerReferences, managedFields } = secret?.metadata ?? {};
  assert.equal(labels?.['reconcile.external-secrets.io/managed'], 'true');
  assert.match(labels?.['reconcile.external-secrets.io/created-by'] ?? '', /^[0-9a-f]{56}$/);
  assert.match(annotations?.['reconcile.external-secrets.io/data-hash'] ?? '', /^[0-9a-f]{56}$/);
  assert.partialDeepStrictEqual(ownerReferences, [{ kind: 'ExternalSecret', name: 'db', controller: true }]);
  assert.equal(managedFields?.[0]?.manager, 'externalsecrets.external-secrets.io/db');
  const status = (await bed.get('ExternalSecret', 'db'))?.['status'] as { [field: string]: unknown };
  assert.match(String(status['syncedResourceVersion']), /^1-[0-9a-f]{56}$/);
  assert.match(String(status['refreshTime']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  assert.deepEqual(status['binding'], { name: 'db' });
});

test('a change in the store is in the Secret as soon as it is told', need, async () => {
  const tookMs: number[] = [];
  for (let change = 0; change < changes; change++) {
    const password = `canary-change-${change}`;
    const startedMs = performance.now();
    await bed.put('team/db', { password });
    await bed.untilValues('db', { password });
    tookMs.push(performance.now() - startedMs);
  }
  const median = tookMs.toSorted((a, b) => a - b)[changes / 2] ?? Number.POSITIVE_INFINITY;
  console.log(`from kv put to Secret: median of ${changes}: ${median.toFixed(0)} ms`);
  assert.ok(median < changeLimitMs);
});

test('a Secret that is tampered with, or deleted, is mended at once', need, async () => {
  await bed.put('team/db', { password: 'canary-mend' });
  await bed.untilValues('db', { password: 'canary-mend' });
  await bed.patch('Secret', 'db', { data: { password: 'eA==', more: 'eA==' } });
  await bed.untilValues('db', { password: 'canary-mend' });
  await bed.patch('Secret', 'db', {
    metadata: { labels: { 'reconcile.external-secrets.io/managed': null } },
    data: { password: 'eA==' },
  });
  await bed.untilValues('db', { password: 'canary-mend' });
  await bed.remove('Secret', 'db');
  await bed.untilValues('db', { password: 'canary-mend' });
});

test('another target name: the Secret moves, the old one goes', need, async () => {
  await bed.put('team/move', { password: 'canary-move' });
  await bed.wants('move', 'team/move', { target: { name: 'before' } });
  await bed.untilValues('before', { password: 'canary-move' });
  await bed.patch('ExternalSecret', 'move', { spec: { target: { name: 'behind' } } });
  await bed.untilValues('behind', { password: 'canary-move' });
  await bed.untilValues('before', undefined);
});

test('ExternalSecrets are deleted; what becomes of their Secrets is seen at the end', need, async () => {
  await bed.put('team/end', { password: 'canary-end' });
  await bed.wants('owned', 'team/end');
  await bed.wants('orphan', 'team/end', { target: { creationPolicy: 'Orphan' } });
  await bed.untilValues('owned', { password: 'canary-end' });
  await bed.untilValues('orphan', { password: 'canary-end' });
  await bed.remove('ExternalSecret', 'orphan');
  await bed.remove('ExternalSecret', 'owned');
});

test('the finalizer of the operator before does not hold an ExternalSecret that is deleted', need, async () => {
  const finalizers = ['externalsecrets.external-secrets.io/externalsecret-cleanup'];
  await bed.make('ExternalSecret', 'held', {
    metadata: { finalizers },
    spec: { secretStoreRef: { name: 'coffer' }, dataFrom: [{ extract: { key: 'team/end' } }] },
  });
  await bed.untilValues('held', { password: 'canary-end' });
  await bed.remove('ExternalSecret', 'held');
  await until('held being gone', async () =>
    (await bed.get('ExternalSecret', 'held')) === undefined ? true : undefined,
  );
});

test('a Secret of somebody else is left alone, and the condition says whose it is', need, async () => {
  await bed.put('team/mine', { password: 'canary-mine' });
  await bed.wants('first', 'team/mine', { target: { name: 'shared' } });
  await bed.untilValues('shared', { password: 'canary-mine' });
  await bed.put('team/other', { password: 'canary-other' });
  await bed.wants('second', 'team/other', { target: { name: 'shared' } });
  const { reason, message } = await bed.untilReady('second', isFalse);
  assert.equal(reason, 'SecretSyncedError');
  assert.match(
    message,
    /^target is owned by another ExternalSecret: Secret "shared" belongs to ExternalSecret "first"/,
  );
  assert.deepEqual(await bed.values('shared'), { password: 'canary-mine' });
});

test(
  'a Secret that nobody owns is taken, whole; one that is merged into keeps what others put there',
  need,
  async () => {
    await bed.put('team/merge', { password: 'canary-merge' });
    for (const name of ['taken', 'merged', 'created']) await bed.make('Secret', name, { stringData: { theirs: 'x' } });
    await bed.wants('taken', 'team/merge');
    await bed.wants('merged', 'team/merge', { target: { creationPolicy: 'Merge' } });
    await bed.wants('created', 'team/merge', { target: { creationPolicy: 'CreateOrMerge' } });
    await bed.untilValues('taken', { password: 'canary-merge' });
    await bed.untilValues('merged', { password: 'canary-merge', theirs: 'x' });
    await bed.untilValues('created', { password: 'canary-merge', theirs: 'x' });
    await bed.put('team/merge', { password: 'canary-merge-2' });
    await bed.untilValues('merged', { password: 'canary-merge-2', theirs: 'x' });
    await bed.wants('nowhere', 'team/merge', { target: { creationPolicy: 'Merge' } });
    assert.equal((await bed.untilReady('nowhere', isTrue)).reason, 'SecretMissing');
  },
);

test('a template makes the Secret, and labels and annotations of its own', need, async () => {
  await bed.put('team/templated', { user: 'ada', password: 'canary-template' });
  const template = {
    type: 'kubernetes.io/basic-auth',
    metadata: { labels: { app: '{{ .user }}' } },
    data: { username: '{{ .user | upper }}', password: '{{ .password }}' },
  };
  const dataFrom = [{ extract: { key: 'team/templated' } }];
  await bed.wants('templated', '', { target: { template }, spec: { data: undefined, dataFrom } });
  await bed.untilValues('templated', { password: 'canary-template', username: 'ADA' });
  const secret = await bed.get('Secret', 'templated');
  assert.equal(secret?.['type'], 'kubernetes.io/basic-auth');
  assert.equal(secret?.metadata.labels?.['app'], 'ada');
  await bed.patch('ExternalSecret', 'templated', {
    spec: { target: { template: { data: { username: '{{ .nobody }}' } } } },
  });
  const { message } = await bed.untilReady('templated', isFalse);
  assert.match(message, /^unable to execute template at key username: /);
  assert.doesNotMatch(message, /canary/);
});

test('what is not acted on is told, and nothing of it is done by half', need, async () => {
  await bed.make('ExternalSecret', 'later', {
    spec: {
      secretStoreRef: { name: 'coffer' },
      data: [{ secretKey: 'password', remoteRef: { key: 'team/db', property: 'password' } }],
      dataFrom: [{ find: { name: { regexp: '.*' } } }],
    },
  });
  const { message } = await bed.untilReady('later', isFalse);
  assert.match(message, /^not supported yet: spec\.dataFrom\[0\]\.find; /);
  assert.equal(await bed.values('later'), undefined);
});

test('a store that is not there is named; as soon as it is there, it is used', need, async () => {
  await bed.wants('early', 'team/db', { store: 'late' });
  const { message } = await bed.untilReady('early', isFalse);
  assert.match(message, /^secret store "late" is not there: make it, or correct secretStoreRef; not in step since /);
  await bed.makeStore('late');
  await bed.untilReady('early', isTrue);
});

test('a cluster store is used from where its conditions allow, and nowhere else', need, async () => {
  const vault = {
    server: bed.store.address,
    path: 'secret',
    auth: { tokenSecretRef: { name: 'coffer-token', namespace: 'default', key: 'token' } },
  };
  await bed.make('ClusterSecretStore', 'wide', {
    spec: { provider: { vault }, conditions: [{ namespaces: ['elsewhere'] }] },
  });
  const secretStoreRef = { name: 'wide', kind: 'ClusterSecretStore' };
  await bed.wants('wide', 'team/db', { spec: { secretStoreRef } });
  const { message } = await bed.untilReady('wide', isFalse);
  assert.match(
    message,
    /^using cluster store "wide" is not allowed from namespace "default": denied by spec\.condition;/,
  );
  await bed.patch('ClusterSecretStore', 'wide', {
    spec: { conditions: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'default' } } }] },
  });
  await bed.untilReady('wide', isTrue);
});

test('it says whether it lives and works, and counts under the names that dashboards know', need, async () => {
  const [health, metrics] = [...operator.said().matchAll(/listens on (\S+)/g)].map(([, address]) => address);
  for (const page of ['healthz', 'readyz']) assert.equal((await fetch(`http://${health}/${page}`)).status, 200);
  assert.equal((await fetch(`http://${health}/metrics`)).status, 404);
  const answer = await fetch(`http://${metrics}/metrics`);
  assert.match(answer.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
  const text = await answer.text();
  const labels = (name: string) => `\\{name="${name}",namespace="default"`;
  assert.match(text, new RegExp(`^externalsecret_sync_calls_total${labels('db')}\\} [1-9]`, 'm'));
  assert.match(text, new RegExp(`^externalsecret_sync_calls_error${labels('later')}\\} [1-9]`, 'm'));
  assert.match(
    text,
    new RegExp(`^externalsecret_status_condition${labels('db')},condition="Ready",status="True"\\} 1`, 'm'),
  );
  assert.match(text, new RegExp(`^externalsecret_reconcile_duration${labels('db')}\\} [1-9]`, 'm'));
  assert.doesNotMatch(text, new RegExp(labels('held')));
});

test('with the ExternalSecret its Secret goes; one that is an orphan stays', need, async () => {
  await bed.untilValues('owned', undefined);
  assert.deepEqual(await bed.values('orphan'), { password: 'canary-end' });
});

test('no value and no token is in what the cluster tells of all that', need, async () => {
  const told = ['events', 'externalsecrets,secretstores,clustersecretstores', 'leases'];
  for (const kinds of told)
    refuseLeaks(new Map([[kinds, await bed.cluster.kubectl(['get', kinds, '-A', '-o', 'json'])]]));
});
