/** Whatever happens to the store, the Secret is right, or stays as it is; the condition says what happened and what to do. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from './cluster/processes.ts';
import { type Bed, type Condition, need, type OperatorProcess, startBed, startOperator } from './operator/bed.ts';
import { seal, unseal } from './operator/store.ts';

let bed: Bed;
let operator: OperatorProcess;

const policy = `path "secret/*" { capabilities = ["read", "list", "subscribe"] subscribe_event_types = ["*"] }
path "sys/events/subscribe/*" { capabilities = ["read"] }`;

before(async () => {
  if (need.skip !== false) return;
  bed = await startBed();
  operator = await startOperator(bed.cluster);
  await bed.makeStore('coffer', await bed.token('reader', policy));
  await bed.put('team/db', { password: 'canary-1' });
  await bed.wants('db', 'team/db');
  await bed.untilValues('db', { password: 'canary-1' });
});
after(async () => {
  await operator?.stop();
  await bed?.stop();
});

const isTrue = ({ status }: Condition): boolean => status === 'True';
const isFalse = ({ status }: Condition): boolean => status === 'False';
const since = /; not in step since \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ, the Secret stays as it is$/;

test(
  'a store that is stopped: told at once, nothing is taken away; back, what changed meanwhile arrives',
  need,
  async () => {
    await bed.store.stop();
    const { reason, message } = await bed.untilReady('db', isFalse);
    assert.equal(reason, 'SecretSyncedError');
    assert.match(message, /^secret store "coffer" cannot be reached: look at its address/);
    assert.match(message, since);
    assert.equal((await bed.untilReady('coffer', isFalse, 'SecretStore')).reason, 'ValidationFailed');
    assert.deepEqual(await bed.values('db'), { password: 'canary-1' });
    await bed.store.start();
    await bed.put('team/db', { password: 'canary-2' });
    await bed.untilValues('db', { password: 'canary-2' });
    assert.equal((await bed.untilReady('db', isTrue)).message, 'secret synced');
  },
);

test('a store that is sealed: told at once, nothing is taken away; unsealed, all is in step again', need, async () => {
  await seal(bed.store);
  const { message } = await bed.untilReady('db', isFalse);
  assert.match(message, /^secret store "coffer" is sealed: unseal it \(coffer operator unseal\)/);
  assert.match(message, since);
  assert.deepEqual(await bed.values('db'), { password: 'canary-2' });
  await unseal(bed.store);
  await bed.untilReady('db', isTrue);
});

test(
  'a path that is denied: told with the path, nothing is taken away; allowed again, it is in step',
  need,
  async () => {
    await bed.token('reader', policy.replace('secret/*', 'secret/data/else/*'));
    await bed.patch('ExternalSecret', 'db', { metadata: { annotations: { 'external-secrets.io/force-sync': '1' } } });
    const { message } = await bed.untilReady('db', isFalse);
    assert.match(message, /^secret store "coffer": cannot read secret\/data\/team\/db: permission denied; /);
    assert.match(message, since);
    assert.deepEqual(await bed.values('db'), { password: 'canary-2' });
    await bed.token('reader', policy);
    await bed.untilReady('db', isTrue);
  },
);

test('a token that is revoked: told; another one in its place is found without a word', need, async () => {
  const secret = (await bed.values('coffer-token'))?.['token'] ?? '';
  await bed.store.api.call('POST', 'auth/token/revoke', { body: { token: secret }, status: 204 });
  await bed.patch('ExternalSecret', 'db', { metadata: { annotations: { 'external-secrets.io/force-sync': '2' } } });
  const { message } = await bed.untilReady('db', isFalse);
  assert.match(message, /^secret store "coffer": the token of the store is not valid/);
  assert.deepEqual(await bed.values('db'), { password: 'canary-2' });
  await bed.patch('Secret', 'coffer-token', { stringData: { token: await bed.token('reader', policy) } });
  await bed.untilReady('db', isTrue);
  await bed.put('team/db', { password: 'canary-3' });
  await bed.untilValues('db', { password: 'canary-3' });
});

const removed = async (name: string, deletionPolicy: string): Promise<void> => {
  await bed.put(`team/${name}`, { password: 'canary-gone' });
  await bed.wants(name, `team/${name}`, { target: { deletionPolicy } });
  await bed.untilValues(name, { password: 'canary-gone' });
  await bed.store.api.call('DELETE', `secret/data/team/${name}`, { status: 204 });
};

test('deleted at the source, Retain: the Secret stays, the condition says what is missing', need, async () => {
  await removed('retain', 'Retain');
  const { message } = await bed.untilReady('retain', isFalse);
  assert.match(
    message,
    /^property "password" of secret "team\/retain" not found: write it there, or set target\.deletionPolicy/,
  );
  assert.deepEqual(await bed.values('retain'), { password: 'canary-gone' });
});

test('deleted at the source, Delete: the Secret goes; written again, it comes back', need, async () => {
  await removed('delete', 'Delete');
  await bed.untilValues('delete', undefined);
  assert.equal((await bed.untilReady('delete', ({ reason }) => reason === 'SecretDeleted')).status, 'True');
  await bed.put('team/delete', { password: 'canary-back' });
  await bed.untilValues('delete', { password: 'canary-back' });
});

test('deleted at the source, Merge: the keys go, the Secret stays', need, async () => {
  await removed('merge', 'Merge');
  await bed.untilValues('merge', {});
  assert.equal((await bed.untilReady('merge', isTrue)).reason, 'SecretSynced');
});

test('a mount that is gone is no proof that the secret is: the Secret stays', need, async () => {
  await bed.store.api.call('POST', 'sys/mounts/other', {
    body: { type: 'kv', options: { version: '2' } },
    status: 204,
  });
  await bed.store.api.call('POST', 'other/data/app', { body: { data: { password: 'canary-mount' } } });
  const vault = { server: bed.store.address, auth: { tokenSecretRef: { name: 'root-token', key: 'token' } } };
  await bed.make('Secret', 'root-token', { stringData: { token: bed.store.api.token } });
  await bed.make('SecretStore', 'rooted', { spec: { provider: { vault } } });
  await bed.wants('mounted', 'other/app', { store: 'rooted', target: { deletionPolicy: 'Delete' } });
  await bed.untilValues('mounted', { password: 'canary-mount' });
  await bed.store.api.call('DELETE', 'sys/mounts/other', { status: 204 });
  await bed.patch('ExternalSecret', 'mounted', {
    metadata: { annotations: { 'external-secrets.io/force-sync': '1' } },
  });
  await bed.untilReady('mounted', isFalse);
  assert.deepEqual(await bed.values('mounted'), { password: 'canary-mount' });
});

test('what happened is told as events of the objects, without a value', need, async () => {
  const reasons = await until('events', async () => {
    const { items } = JSON.parse(await bed.cluster.kubectl(['get', 'events', '-o', 'json'])) as {
      items: { reason: string; message: string; type: string }[];
    };
    assert.doesNotMatch(JSON.stringify(items), /canary/);
    const all = new Set(items.map(({ reason, type }) => `${type} ${reason}`));
    return ['Normal Created', 'Normal Updated', 'Normal Deleted', 'Warning UpdateFailed', 'Normal Valid'].every(one =>
      all.has(one),
    )
      ? all
      : undefined;
  });
  assert.ok(reasons.size >= 5);
});

test('what goes wrong is told in the log, once for each time', need, () => {
  const told = operator
    .said()
    .split('\n')
    .filter(line => line.includes('ExternalSecret default/db') && line.includes('is sealed'));
  assert.equal(told.length, 1, operator.said());
  assert.doesNotMatch(operator.said(), /canary/);
});
