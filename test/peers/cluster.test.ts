/** The control plane that other tests stand on does what they rely on. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { KubeObject } from '../../packages/server/src/contracts/kube.ts';
import { type Cluster, needCluster, startCluster } from './cluster/cluster.ts';
import { issuer } from './cluster/control-plane.ts';
import { until } from './cluster/processes.ts';

const need = { skip: needCluster.skip };
let cluster: Cluster;

before(async () => {
  if (need.skip === false) cluster = await startCluster();
});
after(() => cluster?.stop());

const accounts = '/api/v1/namespaces/default/serviceaccounts';

/** A new ServiceAccount's token for these audiences; none: the API server's own. */
const tokenOf = async (account: string, audiences: readonly string[] = []): Promise<string> => {
  await cluster.api.call(accounts, { method: 'POST', body: { metadata: { name: account } } });
  const answer = await cluster.api.ask(`${accounts}/${account}/token`, {
    method: 'POST',
    body: { spec: { audiences } },
  });
  return (answer['status'] as { readonly token: string }).token;
};

const review = async (token: string, audiences: readonly string[]): Promise<unknown> => {
  const reviews = '/apis/authentication.k8s.io/v1/tokenreviews';
  return (await cluster.api.ask(reviews, { method: 'POST', body: { spec: { token, audiences } } }))['status'];
};

const lives = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const configMap = (name: string, data = {}): object => ({ metadata: { name }, data });
const configMaps = '/api/v1/namespaces/default/configmaps';

test('the API server is ready and tells its version', need, async () => {
  assert.equal((await cluster.api.call('/readyz')).body['text'], 'ok');
  assert.match(String((await cluster.api.ask('/version'))['gitVersion']), /^v1\.\d+\.\d+/);
});

test('a token of a ServiceAccount is reviewed, and refused for a wrong audience', need, async () => {
  const token = await tokenOf('reviewed', ['coffer']);
  const good = (await review(token, ['coffer'])) as { readonly authenticated: boolean; readonly user: object };
  assert.equal(good.authenticated, true);
  assert.partialDeepStrictEqual(good.user, { username: 'system:serviceaccount:default:reviewed' });
  const bad = (await review(token, ['other'])) as { readonly authenticated?: boolean; readonly error: string };
  assert.equal(bad.authenticated ?? false, false);
  assert.match(bad.error, /audience/);
});

test('the keys that sign tokens are published', need, async () => {
  assert.equal((await cluster.api.ask('/.well-known/openid-configuration'))['issuer'], issuer);
  const keys = (await cluster.api.ask('/openid/v1/jwks'))['keys'] as readonly object[];
  assert.partialDeepStrictEqual(keys, [{ kty: 'RSA', alg: 'RS256' }]);
});

test('RBAC refuses until a role allows, and no token is 401', need, async () => {
  const token = await tokenOf('reader');
  assert.equal((await cluster.api.call(configMaps, { token })).status, 403);
  await cluster.kubectl(['create', 'role', 'reads', '--verb=list', '--resource=configmaps']);
  await cluster.kubectl(['create', 'rolebinding', 'reads', '--role=reads', '--serviceaccount=default:reader']);
  await until('the role is in force', async () => (await cluster.api.call(configMaps, { token })).status === 200);
  assert.equal((await cluster.api.call(configMaps, { token: 'none' })).status, 401);
});

const schema = {
  type: 'object',
  properties: { spec: { type: 'object', properties: { size: { type: 'integer', maximum: 3 } } } },
};

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'boxes.test.coffer' },
  spec: {
    group: 'test.coffer',
    scope: 'Namespaced',
    names: { plural: 'boxes', singular: 'box', kind: 'Box', listKind: 'BoxList' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
  },
};

test('a kind of our own is served and its schema held', need, async () => {
  await cluster.kubectl(['apply', '-f', '-'], JSON.stringify(definition));
  await cluster.kubectl(['wait', '--for=condition=Established', 'crd/boxes.test.coffer', '--timeout=30s']);
  const put = (size: number): Promise<string> =>
    cluster.kubectl(
      ['apply', '--server-side', '-f', '-'],
      JSON.stringify({ apiVersion: 'test.coffer/v1', kind: 'Box', metadata: { name: 'a' }, spec: { size } }),
    );
  assert.match(await put(3), /box\.test\.coffer\/a serverside-applied/);
  await assert.rejects(put(4), /should be less than or equal to 3/);
});

test('the audit log tells who asked for what, without bodies', need, async () => {
  await cluster.api.ask(configMaps, { method: 'POST', body: configMap('audited', { key: 'canary-value' }) });
  const event = await until('the audit event', async () =>
    cluster.audit().find(({ verb, objectRef }) => verb === 'create' && objectRef?.name === 'audited'),
  );
  assert.partialDeepStrictEqual(event, { user: { username: 'admin' }, responseStatus: { code: 201 } });
  assert.doesNotMatch(JSON.stringify(cluster.audit()), /canary-value/);
});

test('a watch tells what happens', need, async () => {
  const end = new AbortController();
  const told = cluster.api.watch(`${configMaps}?watch=true&fieldSelector=metadata.name%3Dwatched`, end.signal);
  await cluster.api.ask(configMaps, { method: 'POST', body: configMap('watched') });
  const seen: string[] = [];
  for await (const { type } of told) {
    seen.push(type);
    if (type === 'DELETED') break;
    await cluster.api.ask(`${configMaps}/watched`, { method: 'DELETE' });
  }
  end.abort();
  assert.deepEqual(seen, ['ADDED', 'DELETED']);
});

test('the API server comes back on its port with its data', need, async () => {
  const { metadata }: KubeObject = await cluster.api.ask(configMaps, { method: 'POST', body: configMap('kept') });
  await cluster.apiServer.stop();
  await assert.rejects(cluster.api.ask('/readyz'), /ECONNREFUSED/);
  await cluster.apiServer.start();
  assert.equal((await cluster.api.ask(`${configMaps}/kept`)).metadata.uid, metadata.uid);
});

test('two clusters side by side know nothing of each other, and leave nothing behind', need, async () => {
  const other = await startCluster();
  try {
    await other.api.ask(configMaps, { method: 'POST', body: configMap('only-there') });
    assert.equal((await cluster.api.call(`${configMaps}/only-there`)).status, 404);
    await assert.rejects(other.api.ask('/version', { token: await tokenOf('stranger') }), /401 Unauthorized/);
  } finally {
    await other.stop();
  }
  assert.equal(existsSync(other.folder), false);
  await assert.rejects(other.api.ask('/readyz'), /ECONNREFUSED/);
});

test('a program of the control plane does not outlive the test process, however that ends', async () => {
  const module = path.join(import.meta.dirname, 'cluster', 'processes.ts');
  const code = `
    import { start } from ${JSON.stringify(module)};
    const { pid } = start({ program: 'sleep', args: ['600'], log: '/dev/null' });
    console.log(pid);
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  const pid = Number(said.toString());
  process.kill(pid, 0);
  child.kill('SIGKILL');
  await until('it is gone', async () => !lives(pid));
});

test('a control plane that cannot start says why', need, async () => {
  await assert.rejects(startCluster({ serverFlags: ['--no-such-flag'] }), /unknown flag: --no-such-flag/);
});
