/** The operator as it runs in a cluster: as its ServiceAccount, with the rights that deploy/ gives it and no other. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { root } from '../run/environment.ts';
import { accountToken, makeAccount, makeReviewer } from './cluster/accounts.ts';
import { tokenKubeconfig } from './cluster/kubeconfig.ts';
import { until } from './cluster/processes.ts';
import { type Bed, type Condition, need, type OperatorProcess, startBed, startOperator } from './operator/bed.ts';

const namespace = 'coffer-system';
const account = `system:serviceaccount:${namespace}:coffer-operator`;
const isTrue = ({ status }: Condition): boolean => status === 'True';
let bed: Bed;
let operator: OperatorProcess;

const call = (at: string, body: object): Promise<unknown> => bed.store.api.call('POST', at, { body, status: 204 });

before(async () => {
  if (need.skip !== false) return;
  // What asks for the right to set owners that hold up a deletion is off by default, and on in many clusters.
  bed = await startBed({
    serverFlags: ['--enable-admission-plugins=NodeRestriction,OwnerReferencesPermissionEnforcement'],
  });
  await bed.cluster.kubectl(['apply', '-f', path.join(root, 'deploy/operator/operator.yaml')]);
  await makeAccount(bed.cluster, 'default/app');
  await call('sys/auth/kubernetes', { type: 'kubernetes' });
  await call('auth/kubernetes/config', {
    kubernetes_host: bed.cluster.server,
    kubernetes_ca_cert: bed.cluster.ca,
    token_reviewer_jwt: await makeReviewer(bed.cluster),
  });
  await bed.token('reader', 'path "secret/*" { capabilities = ["read"] }');
  await call('auth/kubernetes/role/app', {
    bound_service_account_names: ['app'],
    bound_service_account_namespaces: ['default'],
    audience: 'coffer',
    token_policies: ['reader'],
  });
  await bed.put('team/db', { password: 'canary-account' });
  const file = tokenKubeconfig(bed.cluster, await accountToken(bed.cluster, `${namespace}/coffer-operator`), namespace);
  const asAccount = { ...bed.cluster, kubeconfig: { ...bed.cluster.kubeconfig, path: file } };
  operator = await startOperator(asAccount, '-enable-leader-election=true');
  await until('the operator leading', async () => (operator.said().includes('operator started!') ? true : undefined));
});
after(async () => {
  await operator?.stop();
  await bed?.stop();
});

test('it makes, mends, moves and deletes Secrets, and lets go what the operator before it held', need, async () => {
  await bed.makeStore('coffer');
  await bed.put('team/goes', { password: 'canary-goes' });
  await bed.wants('db', 'team/db');
  await bed.wants('goes', 'team/goes', { target: { deletionPolicy: 'Delete' } });
  await bed.untilValues('db', { password: 'canary-account' });
  await bed.untilReady('db', isTrue);
  await bed.patch('Secret', 'db', { data: { password: 'eA==' } });
  await bed.untilValues('db', { password: 'canary-account' });
  await bed.patch('ExternalSecret', 'db', { spec: { target: { name: 'moved' } } });
  await bed.untilValues('moved', { password: 'canary-account' });
  await bed.untilValues('db', undefined);
  await bed.untilValues('goes', { password: 'canary-goes' });
  await bed.store.api.call('DELETE', 'secret/data/team/goes', { status: 204 });
  await bed.untilValues('goes', undefined);
  const finalizers = ['externalsecrets.external-secrets.io/externalsecret-cleanup'];
  await bed.patch('ExternalSecret', 'db', { metadata: { finalizers } });
  await bed.remove('ExternalSecret', 'db');
  await until('db being gone', async () => ((await bed.get('ExternalSecret', 'db')) === undefined ? true : undefined));
});

const auth = { kubernetes: { role: 'app', serviceAccountRef: { name: 'app', audiences: ['coffer'] } } };

test('it asks for tokens of ServiceAccounts, reads authorities from ConfigMaps, and follows labels', need, async () => {
  await bed.make('ConfigMap', 'authority', { data: { ca: bed.cluster.ca } });
  const vault = { server: bed.store.address, path: 'secret', auth };
  const caProvider = { type: 'ConfigMap', name: 'authority', key: 'ca' };
  await bed.make('SecretStore', 'account', { spec: { provider: { vault: { ...vault, caProvider } } } });
  await bed.untilReady('account', isTrue, 'SecretStore');
  const conditions = [{ namespaceSelector: { matchLabels: { team: 'shop' } } }];
  await bed.make('ClusterSecretStore', 'wide', { spec: { provider: { vault }, conditions } });
  await bed.wants('wide', 'team/db', { spec: { secretStoreRef: { name: 'wide', kind: 'ClusterSecretStore' } } });
  await bed.untilReady('wide', ({ message }) => message.includes('denied by spec.condition'));
  await bed.cluster.kubectl(['label', 'namespace', 'default', 'team=shop']);
  await bed.untilValues('wide', { password: 'canary-account' });
});

test('a store of a namespace that names no ServiceAccount is not sent the token of the operator', need, async () => {
  const vault = { server: bed.store.address, auth: { kubernetes: { role: 'app' } } };
  await bed.make('SecretStore', 'thief', { spec: { provider: { vault } } });
  const { message } = await bed.untilReady('thief', ({ status }) => status === 'False', 'SecretStore');
  assert.match(message, /may not log in as the operator: set serviceAccountRef/);
});

test('it told of all that, and nothing of it was forbidden', need, async () => {
  const events = await until('events', async () => {
    const { items } = JSON.parse(await bed.cluster.kubectl(['get', 'events', '-o', 'json'])) as {
      items: readonly { readonly reason: string }[];
    };
    const reasons = new Set(items.map(({ reason }) => reason));
    return ['Created', 'Updated', 'Deleted', 'Valid'].every(reason => reasons.has(reason)) ? reasons : undefined;
  });
  assert.ok(events.size >= 4);
  const own = bed.cluster.audit().filter(({ user }) => user.username === account);
  assert.ok(own.some(({ objectRef }) => objectRef?.resource === 'leases'));
  assert.deepEqual(
    own.filter(({ responseStatus }) => responseStatus?.code === 403).map(({ verb, requestURI }) => [verb, requestURI]),
    [],
  );
});
