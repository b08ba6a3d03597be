/** `coffer doctor` by who asks: what a login is refused by, and what a user with few rights is told. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accountToken, makeAccount, makeReviewer } from './cluster/accounts.ts';
import { tokenKubeconfig } from './cluster/kubeconfig.ts';
import { ask } from './doctor/asked.ts';
import { type Bed, need, type OperatorProcess, startBed, startOperator } from './operator/bed.ts';

let bed: Bed;
let operator: OperatorProcess | undefined;
let root: string | undefined;
let ada: string;

before(async () => {
  if (need.skip !== false) return;
  bed = await startBed();
  root = bed.store.api.token;
  operator = await startOperator(bed.cluster);
  const { server, ca } = bed.cluster;
  const { api } = bed.store;
  await api.call('POST', 'sys/auth/kubernetes', { body: { type: 'kubernetes' }, status: 204 });
  const reviewer = await makeReviewer(bed.cluster);
  const config = { kubernetes_host: server, kubernetes_ca_cert: ca, token_reviewer_jwt: reviewer };
  await api.call('POST', 'auth/kubernetes/config', { body: config, status: 204 });
  await bed.token('reads', 'path "secret/*" { capabilities = ["read", "list"] }');
  await bed.put('team/db', { password: 'canary-rights' });
  await makeAccount(bed.cluster, 'default/web');
});
after(async () => {
  await operator?.stop();
  await bed?.stop();
});

const role = (name: string, accounts: string): Promise<unknown> =>
  bed.store.api.call('POST', `auth/kubernetes/role/${name}`, {
    body: {
      bound_service_account_names: accounts,
      bound_service_account_namespaces: 'default',
      token_policies: 'reads',
    },
    status: 204,
  });

const makeStore = (name: string, roleName: string): Promise<unknown> =>
  bed.make('SecretStore', name, {
    spec: {
      provider: {
        vault: {
          server: bed.store.address,
          path: 'secret',
          auth: { kubernetes: { role: roleName, serviceAccountRef: { name: 'web' } } },
        },
      },
    },
  });

const isTrue = ({ status }: { readonly status: string }): boolean => status === 'True';
const isFalse = ({ status }: { readonly status: string }): boolean => status === 'False';

test('a login that works is tried with a token of the same ServiceAccount', need, async () => {
  await role('app', 'web');
  await makeStore('coffer', 'app');
  await bed.wants('db', 'team/db');
  await bed.untilReady('db', isTrue);
  const { code, out } = await ask(bed, 'db');
  assert.equal(code, 0, out);
  assert.match(out, /^ {2}ok +secret store "coffer" +it works, at auth\/kubernetes with role "app"$/m);
});

test('a login that is refused: by which bound, to those who may know', need, async () => {
  await role('others', 'other');
  await makeStore('refused', 'others');
  await bed.wants('refused', 'team/db', { store: 'refused' });
  await bed.untilReady('refused', isFalse);
  const knowing = await ask(bed, 'refused', { token: root });
  assert.equal(knowing.code, 2);
  assert.match(knowing.answer, /^stops at: login: secret store "refused"\n/);
  assert.match(
    knowing.answer,
    /because: {2}the login at auth\/kubernetes with role "others" is refused by bound_service_account_names: role "others" admits "other", the ServiceAccount is "web"\n/,
  );
  const stranger = await ask(bed, 'refused');
  assert.equal(stranger.code, 2);
  assert.match(stranger.answer, /service account name not authorized/);
  assert.match(stranger.answer, /with COFFER_ADDR=\S+ and a token in COFFER_TOKEN/);
});

const vaultOf = (account: object): object => ({
  server: bed.store.address,
  path: 'secret',
  auth: { kubernetes: { role: 'app', serviceAccountRef: account } },
});

test('what the settings of a store name, and is not there or is none, is told', need, async () => {
  const vault = vaultOf({ name: 'web' });
  const broken: readonly [name: string, vault: object, answer: RegExp][] = [
    ['account', vaultOf({ name: 'wbe' }), /because: {2}ServiceAccount default\/wbe is not there/],
    ['address', { ...vault, server: 'nonsense' }, /stops at: store: nonsense\n/],
    [
      'authority',
      { ...vault, server: 'https://127.0.0.1:1', caBundle: 'YWJj' },
      /stops at: store: https:\/\/127.0.0.1:1\n/,
    ],
  ];
  for (const [name, settings, expected] of broken) {
    await bed.make('SecretStore', name, { spec: { provider: { vault: settings } } });
    await bed.wants(name, 'team/db', { store: name });
    await bed.untilReady(name, isFalse);
    const { code, answer, err } = await ask(bed, name, { token: root });
    assert.equal(code, 2, answer + err);
    assert.match(answer, expected);
  }
});

test('a store of the cluster, with conditions and credentials that are elsewhere', need, async () => {
  const vault = vaultOf({ name: 'web', namespace: 'default' });
  const secretStoreRef = { kind: 'ClusterSecretStore', name: 'all' };
  await bed.make('ClusterSecretStore', 'all', {
    spec: { provider: { vault }, conditions: [{ namespaces: ['default'] }] },
  });
  await bed.wants('shared', 'team/db', { spec: { secretStoreRef } });
  await bed.untilReady('shared', isTrue);
  assert.equal((await ask(bed, 'shared')).code, 0);
  await bed.patch('ClusterSecretStore', 'all', {
    spec: { conditions: [{ namespaceSelector: { matchLabels: { team: 'red' } } }] },
  });
  const { code, answer } = await ask(bed, 'shared');
  assert.equal(code, 2);
  assert.match(
    answer,
    /^stops at: store: cluster store "all"\nbecause: {2}using cluster store "all" is not allowed from namespace "default"/,
  );
});

/** Somebody who may look at the kinds of this group in one namespace, and at nothing else. Answers the kubeconfig. */
const makeAda = async (): Promise<string> => {
  await makeAccount(bed.cluster, 'people/ada');
  const user = 'system:serviceaccount:people:ada';
  await bed.cluster.kubectl([
    'create',
    'role',
    'looks',
    '--verb=get,list',
    '--resource=externalsecrets.external-secrets.io,secretstores.external-secrets.io',
  ]);
  await bed.cluster.kubectl(['create', 'rolebinding', 'looks', '--role=looks', `--user=${user}`]);
  return tokenKubeconfig(bed.cluster, await accountToken(bed.cluster, 'people/ada'));
};

test('with few rights the walk goes on, and says what it may not look at and how that can be given', need, async () => {
  ada = await makeAda();
  const { code, out } = await ask(bed, 'db', { kubeconfig: ada });
  assert.equal(code, 0, out);
  assert.match(out, /^no stop was found; not everything could be looked at\n/);
  assert.match(out, /^ {2}ok +https:\S+ +it answers; asked as system:serviceaccount:people:ada$/m);
  assert.match(out, /^ {2}ok +http:\S+ +it answers and is open/m);
  assert.match(
    out,
    /not tried: not allowed to create serviceaccounts\/token in namespace default; the operator says: Valid since /,
  );
  assert.match(out, /not allowed to get secrets in namespace default/);
  assert.match(
    out,
    /not allowed to list pods in namespace default\n +do: kubectl create role \S+ --verb=get,list --resource=pods -n default && kubectl create rolebinding \S+ --role=\S+ --user=system:serviceaccount:people:ada -n default\n/,
  );
  const refused = await ask(bed, 'refused', { kubeconfig: ada });
  assert.equal(refused.code, 2);
  assert.match(refused.answer, /service account name not authorized/);
});

test('the commands that it names give the rights', need, async () => {
  const { out } = await ask(bed, 'db', { kubeconfig: ada });
  const commands = new Set(out.split('\n').flatMap(line => /do: (kubectl create .*)$/.exec(line)?.[1] ?? []));
  for (const command of [...commands].flatMap(one => one.split(' && ')))
    await bed.cluster.kubectl(command.split(' ').slice(1));
  const again = await ask(bed, 'db', { kubeconfig: ada });
  assert.equal(again.code, 0, again.out);
  assert.doesNotMatch(again.out, /not allowed/);
  assert.match(again.out, /it holds what the store has now/);
});

test('no right to the ExternalSecret itself: nothing can be followed', need, async () => {
  await makeAccount(bed.cluster, 'people/bob');
  const kubeconfig = tokenKubeconfig(bed.cluster, await accountToken(bed.cluster, 'people/bob'));
  const { code, answer } = await ask(bed, 'db', { kubeconfig });
  assert.equal(code, 2);
  assert.match(answer, /not allowed to get externalsecrets.external-secrets.io in namespace default/);
});

test('an operator that does not run is told where nothing else is why', need, async () => {
  await operator?.stop();
  operator = undefined;
  await bed.wants('late', 'team/db');
  const { code, answer, out } = await ask(bed, 'late');
  assert.equal(code, 2, out);
  assert.match(
    answer,
    /^stops at: operator: .*\nbecause: {2}nobody has acted on this ExternalSecret; there is no Lease/,
  );
});

test('the doctor writes nothing', need, async () => {
  const writes = bed.cluster
    .audit()
    .filter(({ userAgent, verb }) => userAgent === 'coffer-doctor' && !['get', 'list'].includes(verb))
    .map(({ verb, objectRef }) => [verb, objectRef?.resource, objectRef?.subresource].filter(Boolean).join(' '));
  assert.deepEqual([...new Set(writes)].toSorted(), ['create selfsubjectreviews', 'create serviceaccounts token']);
});
