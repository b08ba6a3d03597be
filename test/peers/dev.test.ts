/** `coffer dev` on a real API server: set up in one go, nothing changed by the next, nothing left by -clean. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { KubeObject } from '../../packages/server/src/contracts/kube.ts';
import { root } from '../run/environment.ts';
import { type Api, apiOf } from './calls.ts';
import { accountToken, makeAccount } from './cluster/accounts.ts';
import { type Cluster, needCluster, startCluster } from './cluster/cluster.ts';
import { freePort, until } from './cluster/processes.ts';
import { refuseLeaks } from './leaks.ts';
import { newFolder, type ServerProcess, startServer } from './server.ts';

const need = { skip: needCluster.skip };
const launcher = path.join(root, 'packages/cli/bin/coffer');
const folder = newFolder();
const eso = '/apis/external-secrets.io/v1';
let cluster: Cluster;
let port: number;

before(async () => {
  if (need.skip !== false) return;
  cluster = await startCluster();
  port = await freePort();
});
const running: ServerProcess[] = [];
after(async () => {
  for (const process of running) await process.stop();
  await cluster?.stop();
});

const kubeconfig = (): string => `-kubeconfig=${cluster.kubeconfig.path}`;

const start = async (command: 'server' | 'dev' = 'dev', more: readonly string[] = []): Promise<ServerProcess> => {
  const started = await startServer({
    command,
    args: [...more, kubeconfig(), `-listen=127.0.0.1:${port}`],
    folder,
    ready: /running at (http:\/\/\S+)[\s\S]*the Secret has followed/,
  });
  running.push(started);
  return started;
};

interface Ended {
  readonly code: number | null;
  readonly said: string;
}

/** For what ends by itself. */
const run = (...args: readonly string[]): Promise<Ended> =>
  new Promise(done => {
    const env = { ...process.env, HOME: folder, KUBECONFIG: cluster.kubeconfig.path };
    const child = spawn(launcher, args, { cwd: folder, env, timeout: 60_000 });
    let said = '';
    child.stdout.on('data', chunk => (said += String(chunk)));
    child.stderr.on('data', chunk => (said += String(chunk)));
    child.once('close', code => {
      refuseLeaks(new Map([['what coffer said', said]]));
      done({ code, said });
    });
  });

const storeApi = ({ address }: ServerProcess): Api => {
  const api = apiOf(address);
  api.token = readFileSync(path.join(folder, 'coffer-data/root-token'), 'utf8').trim();
  return api;
};

const at = {
  store: `${eso}/clustersecretstores/coffer`,
  account: '/api/v1/namespaces/coffer-dev/serviceaccounts/coffer-dev',
  namespace: '/api/v1/namespaces/coffer-dev',
  crds: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
  secret: '/api/v1/namespaces/default/secrets/demo',
} as const;

const named = (objects: readonly KubeObject[]): readonly string[] => objects.map(({ metadata }) => metadata.name);
const items = async (target: string): Promise<readonly KubeObject[]> =>
  ((await cluster.api.ask(target))['items'] ?? []) as readonly KubeObject[];

/** Everything that was made, with its version. The status of a store is its operator's. */
const made = async (): Promise<readonly string[]> => {
  const objects = [await cluster.api.ask(at.namespace), await cluster.api.ask(at.account), ...(await items(at.crds))];
  const store = await cluster.api.ask(at.store);
  return [
    ...objects.map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`),
    `${store.metadata.name} ${store.metadata.uid} ${store.metadata.generation}`,
  ];
};

const secretIs = (password: string): Promise<true> =>
  until(`the Secret holds ${password.length} characters`, async () => {
    const { status, body } = await cluster.api.call(at.secret);
    const data = (body['data'] ?? {}) as { readonly password?: string };
    return status === 200 && Buffer.from(data.password ?? '', 'base64').toString() === password ? true : undefined;
  });

const doneLines = (said: string): readonly string[] => said.split('\n').filter(line => line.includes(' undo: '));

const demo = {
  apiVersion: 'external-secrets.io/v1',
  kind: 'ExternalSecret',
  metadata: { name: 'demo' },
  spec: { secretStoreRef: { kind: 'ClusterSecretStore', name: 'coffer' }, dataFrom: [{ extract: { key: 'demo' } }] },
};

test(
  'one go: the cluster is named, each object with how it goes again, and a secret becomes a Secret',
  need,
  async () => {
    const dev = await start();
    const said = dev.said();
    assert.match(said, new RegExp(`^==> Cluster: context "test" of \\S+, at ${cluster.server}\n`));
    assert.equal(doneLines(said).length, 10);
    for (const line of doneLines(said)) assert.match(line, /^ {4}made .* undo: (?:coffer|kubectl) \S/);
    assert.match(said, /ClusterSecretStore coffer: store validated/);
    const api = storeApi(dev);
    await api.call('POST', 'secret/data/demo', { body: { data: { password: 'canary-first' } } });
    await cluster.api.ask(`${eso}/namespaces/default/externalsecrets`, { method: 'POST', body: demo });
    await secretIs('canary-first');
    await api.call('POST', 'secret/data/demo', { body: { data: { password: 'canary-second' } } });
    await secretIs('canary-second');
    assert.equal(await dev.stop(), 0);
  },
);

test('again: nothing that is right is changed, also as npm start does it', need, async () => {
  const first = await made();
  const dev = await start('server', ['-embedded']);
  assert.deepEqual(await made(), first);
  assert.equal(doneLines(dev.said()).length, 10);
  for (const line of doneLines(dev.said())) assert.match(line, /^ {4}as it was /);
  await storeApi(dev).call('POST', 'secret/data/demo', { body: { data: { password: 'canary-third' } } });
  await secretIs('canary-third');
  const api = storeApi(dev);
  await api.call('POST', 'auth/coffer-dev/role/coffer-dev', { body: { token_ttl: 60 }, status: 204 });
  const wrong = { spec: { provider: { vault: { server: 'http://127.0.0.1:1' } } } };
  await cluster.api.ask(at.store, { method: 'PATCH', body: wrong });
  assert.equal(await dev.stop(), 0);
});

test('what is wrong is mended, and nothing else', need, async () => {
  const dev = await start();
  const changed = doneLines(dev.said()).filter(line => !line.startsWith('    as it was'));
  assert.match(changed.join('\n'), /^ {4}changed .*role\/coffer-dev .*\n {4}changed +clustersecretstore\/coffer .*$/);
  assert.match(dev.said(), /it named the store at http:\/\/127\.0\.0\.1:1: /);
  await secretIs('canary-third');
  assert.equal(await dev.stop(), 0);
});

test('no standing credential is made in the cluster, and its ServiceAccount may do nothing', need, async () => {
  const secrets = await items('/api/v1/secrets');
  assert.deepEqual(named(secrets), ['demo']);
  const token = await accountToken(cluster, 'coffer-dev/coffer-dev');
  const { status } = await cluster.api.call('/api/v1/secrets', { token });
  assert.equal(status, 403);
});

test('no value and no token is in what the cluster tells of it', need, async () => {
  for (const kinds of ['externalsecrets,clustersecretstores', 'events', 'crds', 'leases'])
    refuseLeaks(new Map([[kinds, await cluster.kubectl(['get', kinds, '-A', '-o', 'yaml'])]]));
});

/** A Secret that the ExternalSecret owns together with something else. */
const makeShared = async (): Promise<void> => {
  const ownerOf = ({ apiVersion, kind, metadata: { name, uid } }: KubeObject) => ({ apiVersion, kind, name, uid });
  const owners = await Promise.all([
    cluster.api.ask(`${eso}/namespaces/default/externalsecrets/demo`),
    cluster.api.ask('/api/v1/namespaces/default/serviceaccounts', {
      method: 'POST',
      body: { metadata: { name: 'owner' } },
    }),
  ]);
  const labels = { 'reconcile.external-secrets.io/managed': 'true' };
  const metadata = { name: 'shared', labels, ownerReferences: owners.map(ownerOf) };
  await cluster.api.ask('/api/v1/namespaces/default/secrets', { method: 'POST', body: { metadata } });
};

test('-clean leaves nothing in the cluster, and of the store what is not of it', need, async () => {
  await makeShared();
  const { code, said } = await run('dev', '-clean', kubeconfig());
  assert.equal(code, 0, said);
  assert.match(said, /removed +externalsecret\/demo -n default\n/);
  assert.deepEqual(named(await items(at.crds)), []);
  assert.equal((await cluster.api.call(at.namespace)).status, 404);
  assert.equal((await cluster.api.call(at.secret)).status, 404);
  assert.deepEqual(named(await items('/api/v1/secrets')), ['shared']);
  const store = await startServer({
    args: ['-embedded', `-listen=127.0.0.1:${port}`],
    folder,
    ready: /running at (http:\/\/\S+)[\s\S]*docs\/production/,
  });
  const api = storeApi(store);
  assert.deepEqual(Object.keys((await api.call('GET', 'sys/auth')).data), ['token/']);
  assert.deepEqual((await api.call('LIST', 'sys/policies/acl')).data.keys, ['default', 'root']);
  assert.deepEqual((await api.call('GET', 'secret/data/demo')).data.data, { password: 'canary-third' });
  assert.equal(await store.stop(), 0);
  const again = await run('dev', '-clean', kubeconfig());
  assert.equal(again.code, 0, again.said);
  assert.doesNotMatch(again.said, /removed/);
  assert.match(again.said, /In the store:\n {4}nothing to take away\n==> In the cluster:\n {4}nothing to take away\n/);
});

/** Nothing of ours is there. */
const untouched = async (): Promise<void> => {
  assert.deepEqual(named(await items(at.crds)), []);
  assert.equal((await cluster.api.call(at.namespace)).status, 404);
};

const configFile = (name: string, change: (text: string) => string): string => {
  const file = path.join(folder, name);
  writeFileSync(file, change(cluster.kubeconfig.text));
  return `-kubeconfig=${file}`;
};

test('a cluster that is not named is not looked for, whatever KUBECONFIG says', need, async () => {
  for (const args of [[], ['-yes'], ['-clean'], ['-context=test'], ['-kubeconfig=']]) {
    const { code, said } = await run('dev', ...args);
    assert.equal(code, 1);
    assert.match(said, /name the cluster[\s\S]*coffer dev -kubeconfig="\$HOME\/.kube\/config"/);
  }
  const stray = await run('server', '-dev', kubeconfig());
  assert.match(stray.said, /-kubeconfig goes with -embedded/);
  await untouched();
});

test('a cluster that is neither here nor in a private network is refused without -yes', need, async () => {
  const far = configFile('far', text => text.replace(cluster.server, 'https://192.0.2.7:6443'));
  const { code, said } = await run('dev', far);
  assert.equal(code, 1);
  assert.match(said, /context "test" of \S+, at https:\/\/192\.0\.2\.7:6443[\s\S]*Nothing was changed\. .*add -yes/);
});

test('a cluster that does not answer, a context and a file that are not there: each is said', need, async () => {
  const dead = configFile('dead', text => text.replace(cluster.server, `https://127.0.0.1:${port}`));
  for (const [args, words] of [
    [[dead], /cannot be reached\. Nothing was changed\. Start it/],
    [[kubeconfig(), '-context=nope'], /there is no context nope; there are test/],
    [['-kubeconfig=/nowhere/at/all'], /\/nowhere\/at\/all cannot be read: there is no such file/],
    [['-kubeconfig=~/not/here'], new RegExp(`${folder}/not/here cannot be read`)],
  ] as const) {
    const { code, said } = await run('dev', ...args);
    assert.equal(code, 1, said);
    assert.match(said, words);
  }
});

test('a user without the rights is told which are missing, before anything is changed', need, async () => {
  await makeAccount(cluster, 'poor/poor');
  const token = await accountToken(cluster, 'poor/poor');
  const poor = configFile('poor', text =>
    JSON.stringify({ ...JSON.parse(text), users: [{ name: 'admin', user: { token } }] }),
  );
  const { code, said } = await run('dev', poor);
  assert.equal(code, 1, said);
  assert.match(said, /may not do what is needed; nothing was changed/);
  for (const right of [
    'create customresourcedefinitions.apiextensions.k8s.io',
    'patch clustersecretstores.external-secrets.io',
    'create serviceaccounts in coffer-dev',
    'create serviceaccounts/token',
    'list secrets',
  ])
    assert.ok(said.includes(`    ${right}\n`), right);
  await untouched();
});

test('credentials that the cluster does not take are said', need, async () => {
  const ended = configFile('ended', text =>
    JSON.stringify({ ...JSON.parse(text), users: [{ name: 'admin', user: { token: 'canary-ended' } }] }),
  );
  const { code, said } = await run('dev', ended);
  assert.equal(code, 1, said);
  assert.match(said, /does not take the credentials of context "test".*Nothing was changed\. Log in to it anew/);
  assert.doesNotMatch(said, /canary/);
  await untouched();
});

test('without the root token another one is asked for, and the cluster is left alone', need, async () => {
  const file = path.join(folder, 'coffer-data/root-token');
  const kept = readFileSync(file);
  rmSync(file);
  const { code, said } = await run('dev', kubeconfig(), `-listen=127.0.0.1:${port}`);
  writeFileSync(file, kept);
  assert.equal(code, 1, said);
  assert.match(said, /root-token is gone: set COFFER_TOKEN to a token that may write policies and auth methods/);
  await untouched();
});

test('an address that is taken is said, and the cluster is left alone', need, async () => {
  const blocker = createServer();
  await new Promise<void>(done => blocker.listen(port, '127.0.0.1', done));
  const { code, said } = await run('dev', kubeconfig(), `-listen=127.0.0.1:${port}`);
  await new Promise(done => blocker.close(done));
  assert.equal(code, 1, said);
  assert.match(said, new RegExp(`cannot listen on 127.0.0.1:${port}: another program listens there`));
  await untouched();
});

test('the kinds of another installation are used only where that is meant, and stay', need, async () => {
  await cluster.kubectl(['apply', '--server-side', '-f', path.join(root, 'deploy/crds')]);
  const refused = await run('dev', kubeconfig());
  assert.equal(refused.code, 1);
  assert.match(
    refused.said,
    /from another installation, whose operator may work on the same objects\. Nothing was changed/,
  );
  const dev = await start('dev', ['-yes']);
  assert.match(dev.said(), / {4}not ours +crd\/externalsecrets\.external-secrets\.io\n/);
  assert.match(dev.said(), /ClusterSecretStore coffer: store validated/);
  assert.equal(await dev.stop(), 0);
  const cleaned = await run('dev', '-clean', kubeconfig());
  assert.equal(cleaned.code, 0, cleaned.said);
  assert.equal((await items(at.crds)).length, 3);
  assert.deepEqual(await items(`${eso}/clustersecretstores`), []);
});

test('kinds that another installation was put over are its own by then, with all that is of them', need, async () => {
  await cluster.kubectl(['delete', '-f', path.join(root, 'deploy/crds')]);
  const dev = await start();
  assert.equal(await dev.stop(), 0);
  await cluster.kubectl(['apply', '--server-side', '-f', path.join(root, 'deploy/crds')]);
  await cluster.api.ask(`${eso}/namespaces/default/externalsecrets`, { method: 'POST', body: demo });
  const refused = await run('dev', kubeconfig());
  assert.match(refused.said, /from another installation/);
  const { code, said } = await run('dev', '-clean', kubeconfig());
  assert.equal(code, 0, said);
  assert.match(said, / {4}not ours +crd\/externalsecrets\.external-secrets\.io\n/);
  assert.deepEqual(named(await items(`${eso}/externalsecrets`)), ['demo']);
  assert.equal((await items(at.crds)).length, 3);
});

test('a store of the same name that somebody else made is left alone', need, async () => {
  const provider = { vault: { server: 'http://127.0.0.1:1', auth: { tokenSecretRef: { name: 'a' } } } };
  const body = {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ClusterSecretStore',
    metadata: { name: 'coffer' },
    spec: { provider },
  };
  await cluster.api.ask(`${eso}/clustersecretstores`, { method: 'POST', body });
  const { code, said } = await run('dev', '-yes', kubeconfig());
  assert.equal(code, 1);
  assert.match(said, /clustersecretstore\/coffer is in the cluster already and was not made by coffer dev/);
  await run('dev', '-clean', kubeconfig());
  assert.equal((await cluster.api.call(at.store)).status, 200);
});
