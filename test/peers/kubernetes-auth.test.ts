/** Login by ServiceAccounts on a real API server: what it vouches for, what it refuses, and what is told to whom. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { type Bed, openBed } from '../core/bed.ts';
import { accountToken, bindAccount, makeAccount, makeReviewer } from './cluster/accounts.ts';
import { type Cluster, needCluster, startCluster } from './cluster/cluster.ts';
import { until } from './cluster/processes.ts';
import { claimsOf, headerOf, signedHs256, signedRs256, unsigned } from './cluster/forged.ts';
import {
  becauseOf,
  enable,
  explain,
  login,
  must,
  openStore,
  refused,
  type Setting,
  trusting,
} from './kubernetes-auth-bed.ts';

const need = { skip: needCluster.skip };
let cluster: Cluster;
let other: Cluster;
let reviewer: string;
const denied = 'permission denied';

before(async () => {
  if (need.skip !== false) return;
  [cluster, other] = await Promise.all([startCluster(), startCluster()]);
  reviewer = await makeReviewer(cluster);
  await makeAccount(cluster, 'shop/web', {
    labels: { team: 'shop' },
    annotations: { 'vault.hashicorp.com/alias-metadata-owner': 'ann', 'vault.hashicorp.com/alias-metadata-role': 'x' },
  });
  await makeAccount(cluster, 'shop/worker');
  await makeAccount(cluster, 'bank/web', { labels: { team: 'bank' } });
  await makeAccount(other, 'shop/web');
});

after(() => Promise.all([cluster?.stop(), other?.stop()]));

const open = ({ config = {}, role = {} }: Setting = {}) =>
  openStore({ config: { ...trusting(cluster, reviewer), ...config }, role });

/** The API server sees what goes a moment later; what it has once found good it does not look at for some seconds. */
const untilRefused = async (bed: Bed, jwt: string): Promise<void> => {
  await until('the API server sees it gone', async () => ((await login(bed, jwt)).status === 403 ? true : undefined));
  assert.match(becauseOf(bed), /^token_review: the API server says: .*invalid/);
};

test('a ServiceAccount logs in, and its token is what the role says', need, async () => {
  const bed = await open();
  const jwt = await accountToken(cluster, 'shop/web');
  const { auth } = (await must(login(bed, jwt))).json;
  assert.deepEqual(auth.policies, ['default', 'shop-read']);
  assert.deepEqual([auth.lease_duration, auth.renewable, auth.orphan, auth.token_type], [3600, true, true, 'service']);
  const { uid } = (await cluster.api.ask('/api/v1/namespaces/shop/serviceaccounts/web')).metadata;
  assert.deepEqual(auth.metadata, {
    role: 'app',
    service_account_name: 'web',
    service_account_namespace: 'shop',
    service_account_secret_name: '',
    service_account_uid: uid,
  });
  const { data } = (await must(bed.ask('GET', 'auth/token/lookup-self', { token: auth.client_token }))).json;
  assert.deepEqual([data.display_name, data.path], ['kubernetes-shop-web', 'auth/kubernetes/login']);
  assert.deepEqual(data.workload, { namespace: 'shop', service_account: 'web' });
  assert.equal([...bed.audited, ...bed.logged].join('').includes(jwt.slice(-20)), false);
  assert.equal((await explain(bed, jwt)).allowed, true);
});

test('S11: neither tokens nor what reviews them stand in answers, audit or log', need, async () => {
  const bed = await open();
  const jwt = await accountToken(cluster, 'shop/web');
  const told = [
    await login(bed, jwt),
    await login(bed, `${jwt}x`),
    await bed.root('GET', 'auth/kubernetes/config'),
    await bed.root('GET', 'auth/kubernetes/role/app'),
    await bed.root('LIST', 'auth/kubernetes/role'),
    await bed.root('POST', 'auth/kubernetes/role/app/explain', { jwt }),
  ];
  const all = [...told.map(({ text }) => text), ...bed.audited, ...bed.logged].join('\n');
  for (const secret of [jwt, reviewer]) for (const part of secret.split('.')) assert.equal(all.includes(part), false);
  assert.equal(told[2]?.json.data.token_reviewer_jwt_set, true);
});

test(
  'a token that is bound to a pod tells pod and node, and every use of it is on record with them',
  need,
  async () => {
    const bed = await open();
    const pods = '/api/v1/namespaces/shop/pods';
    const pod = await cluster.api.ask(pods, {
      method: 'POST',
      body: {
        metadata: { name: 'web-1' },
        spec: { serviceAccountName: 'web', nodeName: 'node-1', containers: [{ name: 'a', image: 'a' }] },
      },
    });
    const bound = { name: 'web-1', uid: String(pod.metadata.uid) };
    const jwt = await accountToken(cluster, 'shop/web', { pod: bound });
    const { auth } = (await must(login(bed, jwt))).json;
    const workload = { namespace: 'shop', service_account: 'web', pod: 'web-1', node: 'node-1' };
    assert.deepEqual(auth.workload, workload);
    assert.deepEqual(JSON.parse(bed.audited.at(-1) ?? '').response.auth.workload, workload);
    await bed.ask('GET', 'sys/mounts', { token: auth.client_token });
    assert.deepEqual(JSON.parse(bed.audited.at(-1) ?? '').auth.workload, workload);
    const late = await accountToken(cluster, 'shop/web', { pod: bound, expirationSeconds: 4000 });
    await cluster.api.ask(`${pods}/web-1?gracePeriodSeconds=0`, { method: 'DELETE' });
    await untilRefused(bed, late);
  },
);

test('what is no token of the cluster is refused, and strangers are not told why', need, async () => {
  const bed = await open();
  const jwt = await accountToken(cluster, 'shop/web');
  const forgery = { header: headerOf(jwt), claims: claimsOf(jwt) };
  const key = readFileSync(path.join(cluster.folder, 'tokens.key'), 'utf8');
  const publicKey = readFileSync(path.join(cluster.folder, 'tokens.pub'), 'utf8');
  const expired = { ...forgery.claims, exp: 1_700_000_000, iat: 1_600_000_000, nbf: 1_600_000_000 };
  const bad: readonly (readonly [string, RegExp])[] = [
    ['garbage', /^jwt: it is no signed JWT/],
    ['a.b.c', /^jwt: it is no signed JWT/],
    [jwt.slice(0, jwt.lastIndexOf('.') + 1), /^jwt: it is no signed JWT/],
    [unsigned(forgery), /^jwt: it is no signed JWT/],
    [`${unsigned(forgery)}AAAA`, /^jwt: its algorithm is not allowed/],
    [signedHs256(forgery, publicKey), /^jwt: its algorithm is not allowed/],
    [`${jwt.slice(0, -8)}AAAAAAAA`, /^token_review: /],
    [signedRs256({ ...forgery, claims: expired }, key), /^token_review: /],
    [await accountToken(other, 'shop/web'), /^token_review: /],
    [await accountToken(cluster, 'shop/web', { audiences: ['elsewhere'] }), /^token_review: /],
    ['x'.repeat(20_000), /^jwt: /],
  ];
  for (const [forged, because] of bad) await refused(bed, forged, [denied, because]);
  assert.equal((await login(bed, jwt)).status, 200);
});

test('a ServiceAccount that is gone, and one that is there again, are not the one that was', need, async () => {
  const bed = await open({ role: { bound_service_account_names: 'gone' } });
  await makeAccount(cluster, 'shop/gone');
  const [jwt = '', late = '', later = ''] = await Promise.all(
    [3600, 3700, 3800].map(expirationSeconds => accountToken(cluster, 'shop/gone', { expirationSeconds })),
  );
  assert.equal((await login(bed, jwt)).status, 200);
  await cluster.api.ask('/api/v1/namespaces/shop/serviceaccounts/gone', { method: 'DELETE' });
  await untilRefused(bed, late);
  await makeAccount(cluster, 'shop/gone');
  await refused(bed, later, [denied, /^token_review: /]);
});

test('names and namespaces are bound, and who may know is told which bound failed', need, async () => {
  const bed = await open({
    role: { bound_service_account_names: 'web,api-*', bound_service_account_namespaces: 'sh*p' },
  });
  const worker = await accountToken(cluster, 'shop/worker');
  const wanted = /^bound_service_account_names: role "app" admits "web", "api-\*", the ServiceAccount is "worker"$/;
  await refused(bed, worker, ['service account name not authorized', wanted]);
  const told = await explain(bed, worker);
  assert.deepEqual(
    [told.allowed, told.bound, told.service_account_name],
    [false, 'bound_service_account_names', 'worker'],
  );
  assert.deepEqual(told.checks.at(-1).passed, false);
  const bank = await accountToken(cluster, 'bank/web');
  await refused(bed, bank, ['namespace not authorized', /admits "sh\*p", the namespace is "bank"$/]);
  assert.equal((await explain(bed, bank)).bound, 'bound_service_account_namespaces');
  assert.equal((await explain(bed, 'garbage')).bound, 'jwt');
  assert.equal((await login(bed, await accountToken(cluster, 'shop/web'))).status, 200);
  await must(bed.root('POST', 'auth/kubernetes/role/app', { bound_service_account_names: '*' }));
  assert.equal((await login(bed, worker)).status, 200);
});

test('namespaces are bound by their labels, or by their names', need, async () => {
  const selector = (text: object) => ({ bound_service_account_namespace_selector: JSON.stringify(text) });
  const bed = await open({
    role: { bound_service_account_namespaces: '', ...selector({ matchLabels: { team: 'bank' } }) },
  });
  const [shop, bank] = [await accountToken(cluster, 'shop/web'), await accountToken(cluster, 'bank/web')];
  assert.equal((await login(bed, bank)).status, 200);
  await refused(bed, shop, ['namespace not authorized', /or namespaces with the labels of its selector/]);
  await must(bed.root('POST', 'auth/kubernetes/role/app', { bound_service_account_namespaces: 'shop' }));
  for (const jwt of [shop, bank]) assert.equal((await login(bed, jwt)).status, 200);
  const expression = { key: 'team', operator: 'NotIn', values: ['bank'] };
  await must(
    bed.root('POST', 'auth/kubernetes/role/app', {
      bound_service_account_namespaces: 'none',
      ...selector({ matchExpressions: [expression] }),
    }),
  );
  assert.deepEqual([(await login(bed, shop)).status, (await login(bed, bank)).status], [200, 403]);
});

test('a role may want tokens that are made for it', need, async () => {
  const bed = await open({ role: { audience: 'coffer' } });
  const plain = await accountToken(cluster, 'shop/web');
  await refused(bed, plain, [denied, /^token_review: /]);
  const ours = await accountToken(cluster, 'shop/web', { audiences: ['coffer', 'b'] });
  assert.equal((await login(bed, ours)).status, 200);
});

test('annotations become metadata where that is asked for, and never what the cluster has proved', need, async () => {
  const bed = await open({ config: { use_annotations_as_alias_metadata: true } });
  const { metadata } = (await must(login(bed, await accountToken(cluster, 'shop/web')))).json.auth;
  assert.deepEqual([metadata.owner, metadata.role], ['ann', 'app']);
});

test('two clusters are two mounts, and neither takes a token of the other', need, async () => {
  const bed = await open();
  await enable(bed, 'west', { config: trusting(other, await makeReviewer(other)) });
  const [here, there] = [await accountToken(cluster, 'shop/web'), await accountToken(other, 'shop/web')];
  assert.deepEqual([(await login(bed, here)).status, (await login(bed, there)).status], [200, 403]);
  assert.deepEqual([(await login(bed, here, 'west')).status, (await login(bed, there, 'west')).status], [403, 200]);
});

test('without a reviewer the token reviews itself, where its ServiceAccount may', need, async () => {
  const bed = await open({ config: { token_reviewer_jwt: '' } });
  await refused(bed, await accountToken(cluster, 'shop/web'), [denied, /bind system:auth-delegator/]);
  const elsewhere = await accountToken(cluster, 'shop/web', { audiences: ['elsewhere'] });
  await refused(bed, elsewhere, [denied, /it was used to ask about itself, and is no token for the API server/]);
  await makeAccount(cluster, 'shop/self');
  await bindAccount(cluster, 'shop/self', 'system:auth-delegator');
  await must(bed.root('POST', 'auth/kubernetes/role/app', { bound_service_account_names: 'self' }));
  assert.equal((await login(bed, await accountToken(cluster, 'shop/self'))).status, 200);
});

test('a reviewer that is refused is the fault of the mount, not of who logs in', need, async () => {
  const bed = await open({ config: { token_reviewer_jwt: await accountToken(cluster, 'shop/worker') } });
  const jwt = await accountToken(cluster, 'shop/web');
  const told = await login(bed, jwt);
  assert.equal(told.status, 502);
  assert.match(told.text, /refused the token that reviews for this auth method \(status 403\)/);
  assert.match(becauseOf(bed), /system:auth-delegator/);
  await must(bed.root('POST', 'auth/kubernetes/config', { ...trusting(cluster, 'no.such.token') }));
  assert.match((await login(bed, jwt)).text, /status 401/);
});

test('an issuer is held against the token where that is asked for', need, async () => {
  const iss = 'https://kubernetes.default.svc.cluster.local';
  const bed = await open({ config: { disable_iss_validation: false, issuer: iss } });
  const jwt = await accountToken(cluster, 'shop/web');
  assert.equal((await login(bed, jwt)).status, 200);
  await must(
    bed.root('POST', 'auth/kubernetes/config', { ...trusting(cluster, reviewer), disable_iss_validation: false }),
  );
  await refused(bed, jwt, [denied, /^issuer: the configuration expects "kubernetes\/serviceaccount"/]);
});

test('pem_keys are held against the signature before the API server is asked', need, async () => {
  const ours = readFileSync(path.join(cluster.folder, 'tokens.pub'), 'utf8');
  const theirs = readFileSync(path.join(other.folder, 'tokens.pub'), 'utf8');
  const jwt = await accountToken(cluster, 'shop/web');
  const bed = await open({ config: { pem_keys: [theirs, ours] } });
  assert.equal((await login(bed, jwt)).status, 200);
  await must(bed.root('POST', 'auth/kubernetes/config', { ...trusting(cluster, reviewer), pem_keys: [theirs] }));
  await refused(bed, jwt, [denied, /^signature: no key of the cluster has signed it/]);
});

test('an API server that is away, or is another, is said to be; nobody is refused for it', need, async () => {
  const bed = await open();
  const jwt = await accountToken(cluster, 'shop/web');
  await cluster.apiServer.stop();
  const away = await login(bed, jwt);
  await cluster.apiServer.start();
  assert.equal(away.status, 502);
  assert.deepEqual(away.json, { errors: ['the server behind this path cannot be reached (ECONNREFUSED)'] });
  assert.equal(becauseOf(bed), `${cluster.server}: ECONNREFUSED`);
  assert.equal((await login(bed, jwt)).status, 200);
  const { ca } = other;
  await must(bed.root('POST', 'auth/kubernetes/config', { ...trusting(cluster, reviewer), kubernetes_ca_cert: ca }));
  const strange = await login(bed, jwt);
  assert.equal(strange.status, 502);
  assert.match(strange.text, /cannot be reached \([A-Z_]+\)/);
});

test('what is missing is said in the words that clients know', need, async () => {
  const bed = await open();
  const ask = async (body: object) => {
    const { status, json } = await bed.ask('POST', 'auth/kubernetes/login', { body });
    return [status, json.errors[0]];
  };
  assert.deepEqual(await ask({ jwt: 'x' }), [400, 'missing role']);
  assert.deepEqual(await ask({ role: 'app' }), [400, 'missing jwt']);
  assert.deepEqual(await ask({ role: 'none', jwt: 'x' }), [400, 'invalid role name "none"']);
  const fresh = await openBed();
  await must(fresh.root('POST', 'sys/auth/kubernetes', { type: 'kubernetes' }));
  const told = await fresh.ask('POST', 'auth/kubernetes/login', { body: { role: 'app', jwt: 'x' } });
  assert.deepEqual([told.status, told.json], [500, { errors: ['could not load backend configuration'] }]);
});

test('a token is renewed by the role as it is now, and not once that is gone', need, async () => {
  const bed = await open();
  const { client_token: token } = (await must(login(bed, await accountToken(cluster, 'shop/web')))).json.auth;
  const renew = () => bed.ask('POST', 'auth/token/renew-self', { token, body: {} });
  await must(bed.root('POST', 'auth/kubernetes/role/app', { token_ttl: '10m' }));
  assert.equal((await renew()).json.auth.lease_duration, 600);
  await must(bed.root('DELETE', 'auth/kubernetes/role/app'));
  assert.equal((await renew()).status, 400);
});
