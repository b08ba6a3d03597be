/** Login without TokenReview: signatures are checked by the keys that a real cluster publishes. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { accountToken, bindAccount, makeAccount } from './cluster/accounts.ts';
import { type Cluster, needCluster, startCluster } from './cluster/cluster.ts';
import { claimsOf, headerOf, signedHs256, signedRs256 } from './cluster/forged.ts';
import { explain, login, must, openStore, refused, trusting } from './kubernetes-auth-bed.ts';

const need = { skip: needCluster.skip };
let cluster: Cluster;
let reader: string;
const denied = 'permission denied';
const tokenFor = (account: string, more = {}) => accountToken(cluster, account, { audiences: ['coffer'], ...more });

before(async () => {
  if (need.skip !== false) return;
  cluster = await startCluster();
  for (const account of ['shop/web', 'shop/gone', 'store/reader']) await makeAccount(cluster, account);
  reader = await accountToken(cluster, 'store/reader');
});

after(() => cluster?.stop());

const open = (config: object = {}, role: object = {}) =>
  openStore({
    config: { ...trusting(cluster, reader), jwt_validation: 'signature', ...config },
    role: { audience: 'coffer', ...role },
  });

const asked = (uri: RegExp): number =>
  cluster.audit().filter(({ requestURI, stage }) => stage === 'ResponseComplete' && uri.test(requestURI)).length;

test(
  'a token is taken by its signature alone: the API server is asked for its keys, once, and for no review',
  need,
  async () => {
    const bed = await open();
    const { auth } = (await must(login(bed, await tokenFor('shop/web')))).json;
    assert.deepEqual(auth.workload, { namespace: 'shop', service_account: 'web' });
    assert.equal(auth.metadata.service_account_uid.length, 36);
    for (let count = 0; count < 5; count++) assert.equal((await login(bed, await tokenFor('shop/web'))).status, 200);
    assert.equal(asked(/tokenreviews/), 0);
    assert.ok(asked(/openid\/v1\/jwks/) <= 1);
  },
);

test('a ServiceAccount that is gone is taken until its token ends', need, async () => {
  const bed = await open({}, { bound_service_account_names: '*' });
  const jwt = await tokenFor('shop/gone', { expirationSeconds: 600 });
  await cluster.api.ask('/api/v1/namespaces/shop/serviceaccounts/gone', { method: 'DELETE' });
  assert.equal((await login(bed, jwt)).status, 200);
  bed.clock.nowMs += 650_000;
  assert.equal((await login(bed, jwt)).status, 200);
  bed.clock.nowMs += 60_000;
  await refused(bed, jwt, [denied, /^expiry: it has ended/]);
  bed.clock.nowMs -= 3_600_000;
  await refused(bed, jwt, [denied, /^expiry: /]);
});

test('what was not made for the role is refused, and a role that wants nothing takes nothing', need, async () => {
  const bed = await open();
  const elsewhere = await tokenFor('shop/web', { audiences: ['elsewhere'] });
  await refused(bed, elsewhere, [denied, /^audience: the role wants "coffer", the token is for "elsewhere"$/]);
  assert.equal((await explain(bed, elsewhere)).bound, 'audience');
  await must(bed.root('POST', 'auth/kubernetes/role/app', { audience: '' }));
  await refused(bed, await tokenFor('shop/web'), [denied, /^audience: the role names no audience/]);
});

test('what no key of the cluster has signed is refused', need, async () => {
  const bed = await open();
  const jwt = await tokenFor('shop/web');
  const own = { header: headerOf(jwt), claims: claimsOf(jwt) };
  const cluster1 = readFileSync(path.join(cluster.folder, 'tokens.key'), 'utf8');
  const publicKey = readFileSync(path.join(cluster.folder, 'tokens.pub'), 'utf8');
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const mine = privateKey.export({ type: 'pkcs8', format: 'pem' });
  assert.equal((await login(bed, signedRs256(own, cluster1))).status, 200);
  const bad: readonly (readonly [string, RegExp])[] = [
    [signedRs256(own, mine), /^signature: no key of the cluster has signed it/],
    [signedRs256({ ...own, header: { ...own.header, kid: 'other' } }, mine), /^signature: its key is none of/],
    [signedRs256({ ...own, header: { alg: 'RS512', kid: own.header['kid'] } }, cluster1), /^signature: /],
    [signedRs256({ ...own, header: { alg: 'ES256', kid: own.header['kid'] } }, cluster1), /^signature: /],
    [signedHs256(own, publicKey), /^jwt: its algorithm is not allowed/],
    [signedRs256({ ...own, claims: { ...own.claims, sub: 'system:admin' } }, cluster1), /^service_account: /],
    [signedRs256({ ...own, claims: { ...own.claims, exp: undefined } }, cluster1), /^expiry: /],
    [signedRs256({ ...own, claims: { ...own.claims, exp: '9999999999' } }, cluster1), /^expiry: /],
    [signedRs256({ ...own, claims: { ...own.claims, nbf: 9_999_999_999 } }, cluster1), /^expiry: /],
    [signedRs256({ ...own, claims: { ...own.claims, aud: 'cof' } }, cluster1), /^audience: /],
  ];
  for (const [forged, because] of bad) await refused(bed, forged, [denied, because]);
});

test('S14: keys that nobody knows make the store ask the cluster now and then, not each time', need, async () => {
  const bed = await open();
  const jwt = await tokenFor('shop/web');
  assert.equal((await login(bed, jwt)).status, 200);
  const earlier = asked(/openid\/v1\/jwks/);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
  const strange = Array.from({ length: 50 }, (_, index) =>
    signedRs256({ header: { alg: 'RS256', kid: `k${index}` }, claims: claimsOf(jwt) }, key),
  );
  const told = await Promise.all(strange.map(one => login(bed, one)));
  assert.ok(told.every(({ status }) => status === 403));
  assert.equal(asked(/openid\/v1\/jwks/), earlier);
  await bed.clock.advance(11_000);
  await Promise.all(strange.map(one => login(bed, one)));
  assert.ok(asked(/openid\/v1\/jwks/) <= earlier + 1);
  assert.equal((await login(bed, jwt)).status, 200);
});

test('without a token of its own the store takes the caller’s, where that opens the API server', need, async () => {
  const bed = await open({ token_reviewer_jwt: '' });
  await refused(bed, await tokenFor('shop/web'), [denied, /^signature: the cluster shows its keys neither/]);
  const both = await tokenFor('shop/web', { audiences: ['coffer', 'https://kubernetes.default.svc.cluster.local'] });
  assert.equal((await login(bed, both)).status, 200);
  // From here on the keys are known.
  assert.equal((await login(bed, await tokenFor('shop/web'))).status, 200);
});

test('keys may be shown to everybody, or be given in the configuration', need, async () => {
  const pem_keys = [readFileSync(path.join(cluster.folder, 'tokens.pub'), 'utf8')];
  const given = await open({ token_reviewer_jwt: '', pem_keys, kubernetes_host: 'https://127.0.0.1:1' });
  assert.equal((await login(given, await tokenFor('shop/web'))).status, 200);
  await bindAccount(cluster, 'group/system:unauthenticated', 'system:service-account-issuer-discovery');
  const bed = await open({ token_reviewer_jwt: '' });
  assert.equal((await login(bed, await tokenFor('shop/web'))).status, 200);
});

test('where the keys cannot be fetched, nobody is refused for it', need, async () => {
  const bed = await open({ kubernetes_host: 'https://127.0.0.1:1' });
  const told = await login(bed, await tokenFor('shop/web'));
  assert.deepEqual([told.status, told.json.errors.length], [502, 1]);
});
