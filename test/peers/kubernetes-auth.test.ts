/** Login by ServiceAccounts on a real API server: what it vouches for, what it refuses, and what is told to whom. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Bed, openBed, type Told } from '../core/bed.ts';
import { type Cluster, needCluster, startCluster } from './cluster/cluster.ts';
import { accountToken, makeAccount, makeReviewer } from './cluster/accounts.ts';

const skip = needCluster.skip;
let cluster: Cluster;
let reviewer: string;

before(async () => {
  if (skip !== false) return;
  cluster = await startCluster();
  reviewer = await makeReviewer(cluster);
  await makeAccount(cluster, 'shop/web');
});

after(() => cluster?.stop());

interface Setting {
  readonly config?: object;
  readonly role?: object;
}

/** A store whose mount trusts the cluster, with a role for `shop/web`. */
const openStore = async ({ config = {}, role = {} }: Setting = {}): Promise<Bed> => {
  const bed = await openBed();
  await must(bed.root('POST', 'sys/auth/kubernetes', { type: 'kubernetes' }));
  await must(bed.root('POST', 'auth/kubernetes/config', { ...trusting(cluster, reviewer), ...config }));
  await must(bed.root('POST', 'auth/kubernetes/role/app', { ...forWeb, ...role }));
  return bed;
};

const trusting = ({ server, ca }: Cluster, token_reviewer_jwt: string) => ({
  kubernetes_host: server,
  kubernetes_ca_cert: ca,
  token_reviewer_jwt,
});

const forWeb = {
  bound_service_account_names: 'web',
  bound_service_account_namespaces: 'shop',
  token_policies: 'shop-read',
  token_ttl: '1h',
};

const must = async (asked: Promise<Told>): Promise<Told> => {
  const told = await asked;
  assert.ok(told.status < 300, `${told.status} ${told.text}`);
  return told;
};

const login = (bed: Bed, jwt: string, mount = 'kubernetes'): Promise<Told> =>
  bed.ask('POST', `auth/${mount}/login`, { body: { role: 'app', jwt } });

test('a ServiceAccount logs in, and its token is what the role says', { skip }, async () => {
  const bed = await openStore();
  const { json } = await must(login(bed, await accountToken(cluster, 'shop/web')));
  const { auth } = json;
  assert.deepEqual(auth.policies, ['default', 'shop-read']);
  assert.deepEqual([auth.lease_duration, auth.renewable, auth.orphan, auth.token_type], [3600, true, true, 'service']);
  assert.deepEqual(Object.keys(auth.metadata).toSorted(), [
    'role',
    'service_account_name',
    'service_account_namespace',
    'service_account_secret_name',
    'service_account_uid',
  ]);
  const shown = await must(bed.ask('GET', 'auth/token/lookup-self', { token: auth.client_token }));
  assert.equal(shown.json.data.display_name, 'kubernetes-shop-web');
  assert.equal(shown.json.data.path, 'auth/kubernetes/login');
  assert.deepEqual(shown.json.data.workload, { namespace: 'shop', service_account: 'web' });
});
