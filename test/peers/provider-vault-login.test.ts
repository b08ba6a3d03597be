/** The provider `vault` logs in with the ServiceAccount of a real cluster, and keeps being logged in. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { nodeTransport } from '@coffer/client/node.ts';
import { systemRuntime } from '@coffer/client/runtime.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import { Secret } from '@coffer/schema/secret.ts';
import { realClock } from '@coffer/server/platform/clock/real.ts';
import { VaultProvider } from '@coffer/server/providers/vault/provider.ts';
import { lineLog } from '../providers/fake-vault.ts';
import { type Api, apiOf } from './calls.ts';
import { accountToken, makeAccount, makeReviewer } from './cluster/accounts.ts';
import { type Cluster, needCluster, startCluster } from './cluster/cluster.ts';
import { type ServerProcess, startDevServer } from './server.ts';

const skip = needCluster.skip;
let cluster: Cluster;
let server: ServerProcess;
let api: Api;
const lines: string[] = [];

const policy = `path "secret/*" { capabilities = ["read", "list", "subscribe"] subscribe_event_types = ["kv*"] }
path "sys/events/subscribe/kv*" { capabilities = ["read"] }`;

before(async () => {
  if (skip !== false) return;
  cluster = await startCluster();
  const reviewer = await makeReviewer(cluster);
  for (const account of ['shop/web', 'shop/stranger']) await makeAccount(cluster, account);
  server = await startDevServer();
  api = apiOf(server.address, 'root');
  const config = { kubernetes_host: cluster.server, kubernetes_ca_cert: cluster.ca, token_reviewer_jwt: reviewer };
  await api.call('POST', 'sys/auth/kubernetes', { body: { type: 'kubernetes' }, status: 204 });
  await api.call('POST', 'auth/kubernetes/config', { body: config, status: 204 });
  await api.call('PUT', 'sys/policies/acl/shop-read', { body: { policy }, status: 204 });
  await role('1h');
  await put('app');
});

after(async () => {
  await server?.stop();
  await cluster?.stop();
  assert.doesNotMatch(lines.join('\n'), secrets);
});

const secrets = /canary|co?f?s\.[A-Za-z0-9]{20}|eyJ[\w-]{20}/;

/** `app` for `shop/web`, with tokens of this time. */
const role = (token_ttl: string): Promise<unknown> => {
  const bounds = { bound_service_account_names: 'web', bound_service_account_namespaces: 'shop' };
  const body = { ...bounds, token_policies: 'shop-read', token_ttl, token_max_ttl: token_ttl };
  return api.call('POST', 'auth/kubernetes/role/app', { body, status: 204 });
};

const put = (key: string): Promise<unknown> =>
  api.call('POST', `secret/data/${key}`, { body: { data: { password: 'canary' } } });

interface LoggedIn {
  readonly provider: VaultProvider;
  readonly logins: () => number;
}

const loginOf = (account: string, { role: name = 'app', mountPath = 'kubernetes' } = {}): LoggedIn => {
  let logins = 0;
  const jwt = async (): Promise<Secret> => {
    logins += 1;
    return Secret.of(await accountToken(cluster, account));
  };
  const provider = new VaultProvider(
    {
      server: server.address,
      path: 'secret',
      version: 'v2',
      auth: { method: 'kubernetes', mountPath, role: name, jwt },
      retries: 0,
    },
    { runtime: systemRuntime(nodeTransport()), clock: realClock(), log: lineLog(lines) },
  );
  return { provider, logins: () => logins };
};

const tokens = async (): Promise<number> => (await api.call('LIST', 'auth/token/accessors')).data.keys.length;

const refusal = (code: string, words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof CofferError);
  assert.equal(error.code, code, error.message);
  assert.match(error.message, words);
  assert.doesNotMatch(`${error.message} ${error.stack}`, secrets);
  return true;
};

test('one login serves all reads, and its token is taken back at the end', { skip }, async () => {
  const others = await tokens();
  const { provider, logins } = loginOf('shop/web');
  await provider.check();
  const found = await Promise.all(
    Array.from({ length: 50 }, () => provider.read({ key: 'app', property: 'password' })),
  );
  assert.deepEqual(new Set(found.map(one => one?.revealText())), new Set(['canary']));
  assert.equal(await provider.read({ key: 'gone' }), undefined);
  assert.equal(logins(), 1);
  assert.equal(await tokens(), others + 1);
  await provider.close();
  assert.equal(await tokens(), others);
});

test('who is not let in is told why, as far as the store says it', { skip }, async () => {
  const cases: readonly [LoggedIn, string, RegExp][] = [
    [loginOf('shop/stranger'), 'permission_denied', /cannot log in at auth\/kubernetes with role "app": .*403/],
    [loginOf('shop/web', { role: 'nobody' }), 'invalid_request', /with role "nobody": .*400/],
    [loginOf('shop/web', { mountPath: 'elsewhere' }), 'permission_denied', /auth\/elsewhere/],
  ];
  for (const [{ provider }, code, words] of cases) {
    await assert.rejects(provider.check(), refusal(code, words));
    await assert.rejects(provider.read({ key: 'gone' }), refusal(code, words));
  }
});

test('a token that was revoked is replaced by another login', { skip, timeout: 60_000 }, async () => {
  const { provider, logins } = loginOf('shop/web');
  await provider.check();
  await api.call('POST', 'sys/leases/revoke-prefix/auth/kubernetes', { body: { sync: true }, status: 204 });
  // A young token is taken to be good: a refusal is then about rights.
  await assert.rejects(
    provider.read({ key: 'app' }),
    refusal('permission_denied', /secret\/data\/app.*of a login just now/),
  );
  await pause(10_500);
  assert.equal((await provider.read({ key: 'app', property: 'password' }))?.revealText(), 'canary');
  assert.equal(logins(), 2);
});

test('a stream outlives the tokens it is read with, and misses nothing', { skip, timeout: 60_000 }, async () => {
  await role('3s');
  const { provider, logins } = loginOf('shop/web');
  const heard: string[] = [];
  const stop = new AbortController();
  const changed = ({ key }: { readonly key: string }): void => void heard.push(key);
  const over = new AbortController();
  const ended = provider
    .follow({ signal: stop.signal, changed, missed: () => heard.push('missed') })
    .finally(() => over.abort());
  const wanted = ['missed'];
  while (heard.length === 0 && !over.signal.aborted) await pause(20);
  while (logins() < 4 && !over.signal.aborted) {
    const key = `many/${wanted.length}`;
    await put(key);
    wanted.push(`secret/${key}`);
    await pause(50);
  }
  while (heard.length < wanted.length && !over.signal.aborted) await pause(20);
  assert.deepEqual(heard, wanted);
  stop.abort();
  assert.equal(await ended, true);
});
