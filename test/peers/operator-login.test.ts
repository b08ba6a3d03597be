/** Stores that are logged in to with ServiceAccounts of the cluster: no token lies anywhere. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { makeAccount, makeReviewer } from './cluster/accounts.ts';
import { type Bed, type Condition, need, type OperatorProcess, startBed, startOperator } from './operator/bed.ts';

let bed: Bed;
let operator: OperatorProcess;

const policy = `path "secret/*" { capabilities = ["read", "list", "subscribe"] subscribe_event_types = ["*"] }
path "sys/events/subscribe/*" { capabilities = ["read"] }`;

const call = (path: string, body: object): Promise<unknown> => bed.store.api.call('POST', path, { body, status: 204 });

before(async () => {
  if (need.skip !== false) return;
  bed = await startBed();
  await makeAccount(bed.cluster, 'default/app');
  await makeAccount(bed.cluster, 'default/stranger');
  await call('sys/auth/kubernetes', { type: 'kubernetes' });
  await call('auth/kubernetes/config', {
    kubernetes_host: bed.cluster.server,
    kubernetes_ca_cert: bed.cluster.ca,
    token_reviewer_jwt: await makeReviewer(bed.cluster),
  });
  await bed.token('reader', policy);
  await call('auth/kubernetes/role/app', {
    bound_service_account_names: ['app'],
    bound_service_account_namespaces: ['default'],
    audience: 'coffer',
    token_policies: ['reader'],
    token_ttl: '1h',
  });
  await bed.put('team/db', { password: 'canary-login' });
  operator = await startOperator(bed.cluster);
});
after(async () => {
  await operator?.stop();
  await bed?.stop();
});

const isTrue = ({ status }: Condition): boolean => status === 'True';
const isFalse = ({ status }: Condition): boolean => status === 'False';

const provider = (serviceAccountRef: object): object => ({
  vault: { server: bed.store.address, path: 'secret', auth: { kubernetes: { role: 'app', serviceAccountRef } } },
});
const app = { name: 'app', audiences: ['coffer'] };

test('the store is logged in to with a token that is asked for; changes are told', need, async () => {
  await bed.make('SecretStore', 'account', { spec: { provider: provider(app) } });
  await bed.untilReady('account', isTrue, 'SecretStore');
  await bed.wants('db', 'team/db', { store: 'account' });
  await bed.untilValues('db', { password: 'canary-login' });
  await bed.put('team/db', { password: 'canary-login-2' });
  await bed.untilValues('db', { password: 'canary-login-2' });
});

test('a ServiceAccount that the role does not name is refused, and the store says so', need, async () => {
  await bed.make('SecretStore', 'stranger', { spec: { provider: provider({ ...app, name: 'stranger' }) } });
  const { reason, message } = await bed.untilReady('stranger', isFalse, 'SecretStore');
  assert.equal(reason, 'ValidationFailed');
  assert.match(message, /^secret store "stranger": /);
  assert.match(message, /service account name not authorized/);
});

test('a ServiceAccount that is not there is named', need, async () => {
  await bed.make('SecretStore', 'nobody', { spec: { provider: provider({ ...app, name: 'nobody' }) } });
  const { message } = await bed.untilReady('nobody', isFalse, 'SecretStore');
  assert.match(message, /nobody/);
});

test('a cluster store without namespaces in its references logs in as each namespace that uses it', need, async () => {
  await bed.make('ClusterSecretStore', 'referent', { spec: { provider: provider(app) } });
  const unknown = await bed.untilReady('referent', ({ status }) => status === 'Unknown', 'ClusterSecretStore');
  assert.equal(unknown.reason, 'ValidationUnknown');
  await bed.wants('referent', 'team/db', {
    spec: { secretStoreRef: { name: 'referent', kind: 'ClusterSecretStore' } },
  });
  await bed.untilValues('referent', { password: 'canary-login-2' });
  await bed.put('team/db', { password: 'canary-login-3' });
  await bed.untilValues('referent', { password: 'canary-login-3' });
});

test('a store of another class is passed over; its ExternalSecrets as well', need, async () => {
  await bed.make('SecretStore', 'other', { spec: { controller: 'other', provider: provider(app) } });
  await bed.wants('other', 'team/db', { store: 'other' });
  await bed.wants('ours', 'team/db', { store: 'account' });
  await bed.untilReady('ours', isTrue);
  assert.equal(await bed.ready('SecretStore', 'other'), undefined);
  assert.equal(await bed.ready('ExternalSecret', 'other'), undefined);
});
