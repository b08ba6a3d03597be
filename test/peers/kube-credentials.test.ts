/** Every form of a kubeconfig, and the pod's own way, on a real API server: who it says we are. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect as connectTcp } from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { Clock } from '../../packages/server/src/contracts/clock.ts';
import type { Kube, KubeObject } from '../../packages/server/src/contracts/kube.ts';
import { realClock } from '../../packages/server/src/platform/clock/real.ts';
import { type ConnectOptions, connectKube } from '../../packages/server/src/platform/kube/connect.ts';
import { isUnauthorized, isUnreachable, KubeError } from '../../packages/server/src/platform/kube/error.ts';
import { realRandom } from '../../packages/server/src/platform/random/real.ts';
import { type Cluster, needCluster, startCluster } from './cluster/cluster.ts';

const need = { skip: needCluster.skip };
let cluster: Cluster;

before(async () => {
  if (need.skip === false) cluster = await startCluster();
});
after(() => cluster?.stop());

/** The real clock, which a test can put forward. */
let aheadMs = 0;
const real = realClock();
const clock: Clock = { ...real, now: () => real.now() + aheadMs, monotonic: () => real.monotonic() + aheadMs };
const environment = new Map([['PATH', process.env['PATH'] ?? '']]);

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const place = (name: string): string => path.join(cluster.folder, name);

const authority = () => ({ 'certificate-authority-data': base64(cluster.ca) });

const config = (user: object, more: object = {}, server = cluster.server) => ({
  'current-context': 'c',
  contexts: [{ name: 'c', context: { cluster: 'k', user: 'u' } }],
  clusters: [{ name: 'k', cluster: { server, ...more } }],
  users: [{ name: 'u', user }],
});

let files = 0;
const write = (content: unknown): string => {
  const file = place(`config-${(files += 1)}`);
  writeFileSync(file, JSON.stringify(content));
  return file;
};

/** Who the API server says we are. */
const whoAmI = async (kube: Kube): Promise<{ readonly username: string; readonly groups: readonly string[] }> => {
  const kind = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const answer = await kube.ask('/apis/authentication.k8s.io/v1/selfsubjectreviews', kind);
  return (answer['status'] as { userInfo: { username: string; groups: string[] } }).userInfo;
};

const connected = async <T>(options: Partial<ConnectOptions>, use: (kube: Kube) => Promise<T>): Promise<T> => {
  const connection = await connectKube({ clock, random: realRandom(), environment, ...options });
  try {
    return await use(connection.kube);
  } finally {
    connection.close();
  }
};
const nameBy = (user: object, more: object = authority()): Promise<string> =>
  connected({ kubeconfig: write(config(user, more)) }, async kube => (await whoAmI(kube)).username);

const failing = async (call: Promise<unknown>): Promise<KubeError> => {
  const error: unknown = await call.then(
    () => assert.fail('it must fail'),
    (caught: unknown) => caught,
  );
  assert.ok(error instanceof KubeError, String(error));
  return error;
};

const tokenOf = async (account: string): Promise<string> => {
  const accounts = '/api/v1/namespaces/default/serviceaccounts';
  await cluster.api.call(accounts, { method: 'POST', body: { metadata: { name: account } } });
  const answer = await cluster.api.ask(`${accounts}/${account}/token`, { method: 'POST', body: { spec: {} } });
  return (answer['status'] as { readonly token: string }).token;
};
const account = (name: string): string => `system:serviceaccount:default:${name}`;

const certificate = () => ({
  'client-certificate-data': base64(cluster.administrator.cert),
  'client-key-data': base64(cluster.administrator.key),
});

test('a client certificate in the file, and in files beside it', need, async () => {
  const administrator = await nameBy(certificate());
  assert.match(administrator, /admin/);
  writeFileSync(place('own.crt'), cluster.administrator.cert);
  writeFileSync(place('own.key'), cluster.administrator.key);
  writeFileSync(place('own-ca.crt'), cluster.ca);
  const beside = { 'client-certificate': 'own.crt', 'client-key': 'own.key' };
  assert.equal(await nameBy(beside, { 'certificate-authority': 'own-ca.crt' }), administrator);
});

test('two files of KUBECONFIG make one, and another context than the current one is taken', need, async () => {
  const first = { contexts: [{ name: 'second', context: { cluster: 'k', user: 'v' } }] };
  const second = config(certificate(), authority());
  const third = { users: [{ name: 'v', user: { token: await tokenOf('listed') } }] };
  const list = [first, second, third].map(write).join(path.delimiter);
  const own = new Map([...environment, ['KUBECONFIG', list]]);
  const name = (context?: string) =>
    connected({ environment: own, context }, async kube => (await whoAmI(kube)).username);
  assert.match(await name(), /admin/);
  assert.equal(await name('second'), account('listed'));
});

test('a token, and a token that is none', need, async () => {
  assert.equal(await nameBy({ token: await tokenOf('by-token') }), account('by-token'));
  const error = await failing(nameBy({ token: 'canary' }));
  assert.ok(isUnauthorized(error));
  assert.doesNotMatch(`${error.stack}`, /canary/);
});

test('a token file that is rotated, in time and after a refusal', need, async () => {
  writeFileSync(place('token'), await tokenOf('before'));
  const rotate = async (name: string, token: string) => {
    writeFileSync(place(name), token);
    renameSync(place(name), place('token'));
  };
  await connected({ kubeconfig: write(config({ tokenFile: 'token' }, authority())) }, async kube => {
    assert.equal((await whoAmI(kube)).username, account('before'));
    await rotate('next', await tokenOf('later'));
    assert.equal((await whoAmI(kube)).username, account('before'));
    aheadMs += 61_000;
    assert.equal((await whoAmI(kube)).username, account('later'));
    // The token in use is revoked with its ServiceAccount, and the file holds another by then.
    await rotate('last', await tokenOf('last'));
    await cluster.kubectl(['delete', 'serviceaccount', 'later']);
    aheadMs += 61_000;
    assert.equal((await whoAmI(kube)).username, account('last'));
  });
});

test('a plugin, run again where the API server refuses what it gave', need, async () => {
  const printed = place('printed.json');
  const give = (token: string) =>
    writeFileSync(printed, JSON.stringify({ kind: 'ExecCredential', apiVersion: exec.apiVersion, status: { token } }));
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: './plugin.sh', interactiveMode: 'Never' };
  writeFileSync(place('plugin.sh'), `#!/bin/sh\necho run >> '${printed}.runs'\ncat '${printed}'\n`);
  chmodSync(place('plugin.sh'), 0o700);
  const runs = (): number => readFileSync(`${printed}.runs`, 'utf8').split('\n').length - 1;
  give(await tokenOf('plugged'));
  await connected({ kubeconfig: write(config({ exec }, authority())) }, async kube => {
    assert.equal((await whoAmI(kube)).username, account('plugged'));
    assert.equal((await whoAmI(kube)).username, account('plugged'));
    assert.equal(runs(), 1);
    await cluster.kubectl(['delete', 'serviceaccount', 'plugged']);
    give(await tokenOf('plugged-again'));
    await waitForRefusal(kube);
    assert.equal((await whoAmI(kube)).username, account('plugged-again'));
    assert.equal(runs(), 2);
  });
});

/** The API server remembers good tokens for some seconds. */
const waitForRefusal = async (kube: Kube): Promise<void> => {
  for (let i = 0; i < 200; i += 1) {
    if ((await whoAmI(kube)).username === account('plugged-again')) return;
    await new Promise(done => setTimeout(done, 100));
  }
};

test('a certificate from a plugin, for a client that is new', need, async () => {
  const status = { clientCertificateData: cluster.administrator.cert, clientKeyData: cluster.administrator.key };
  const apiVersion = 'client.authentication.k8s.io/v1beta1';
  writeFileSync(place('certificate.json'), JSON.stringify({ kind: 'ExecCredential', apiVersion, status }));
  const exec = { apiVersion, command: 'cat', args: [place('certificate.json')] };
  assert.match(await nameBy({ exec }), /admin/);
});

test('acting as another', need, async () => {
  const user = { ...certificate(), as: 'jane', 'as-groups': ['system:authenticated', 'team'] };
  const info = await connected({ kubeconfig: write(config(user, authority())) }, whoAmI);
  assert.equal(info.username, 'jane');
  assert.ok(info.groups.includes('team'));
});

test('an API server that cannot prove itself is refused, unless told otherwise', need, async () => {
  const token = await tokenOf('proving');
  const error = await failing(nameBy({ token }, {}));
  assert.ok(isUnreachable(error));
  assert.match(error.message, /SELF_SIGNED|UNABLE_TO|certificate/i);
  assert.equal(await nameBy({ token }, { 'insecure-skip-tls-verify': true }), account('proving'));
  assert.match((await failing(nameBy({ token }, { ...authority(), 'tls-server-name': 'other' }))).message, /ALTNAME/);
  const garbage = { 'client-certificate-data': base64('canary'), 'client-key-data': base64('canary') };
  for (const [user, more] of [
    [garbage, authority()],
    [{ token }, { 'certificate-authority-data': base64('canary') }],
  ] as const) {
    const unreadable = await failing(nameBy(user, more));
    assert.match(unreadable.message, /not accepted; look at certificate-authority|SELF_SIGNED|UNABLE/);
    assert.doesNotMatch(`${unreadable.stack}`, /canary/);
  }
  const name = { ...authority(), 'tls-server-name': 'kubernetes.default.svc' };
  assert.equal(await nameBy({ token }, name), account('proving'));
});

test('through a proxy', need, async () => {
  const asked: string[] = [];
  const proxy = createServer().on('connect', (request, socket) => {
    asked.push(request.url ?? '');
    const [host = '', port] = (request.url ?? '').split(':');
    const through = connectTcp(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      through.pipe(socket).pipe(through);
    });
    through.on('error', () => socket.destroy());
    socket.on('error', () => through.destroy());
  });
  proxy.listen(0, '127.0.0.1');
  await new Promise(done => proxy.once('listening', done));
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  assert.equal(
    await nameBy({ token: await tokenOf('proxied') }, { ...authority(), 'proxy-url': url }),
    account('proxied'),
  );
  assert.deepEqual(asked, [new URL(cluster.server).host]);
  proxy.close();
});

test('from a pod: address in the environment, token and authority in files', need, async () => {
  const folder = place('serviceaccount');
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'token'), await tokenOf('in-pod'));
  writeFileSync(path.join(folder, 'ca.crt'), cluster.ca);
  writeFileSync(path.join(folder, 'namespace'), 'default');
  const { hostname, port } = new URL(cluster.server);
  const pod = new Map([
    ['KUBERNETES_SERVICE_HOST', hostname],
    ['KUBERNETES_SERVICE_PORT', port],
  ]);
  await connected({ environment: pod, serviceAccountFolder: folder }, async kube => {
    assert.equal((await whoAmI(kube)).username, account('in-pod'));
    writeFileSync(path.join(folder, 'token'), await tokenOf('in-pod-later'));
    aheadMs += 61_000;
    assert.equal((await whoAmI(kube)).username, account('in-pod-later'));
  });
});

test('a certificate that is rotated is shown on new connections', need, async () => {
  writeFileSync(place('turning.crt'), cluster.administrator.cert);
  writeFileSync(place('turning.key'), cluster.administrator.key);
  const user = { 'client-certificate': 'turning.crt', 'client-key': 'turning.key' };
  await connected({ kubeconfig: write(config(user, authority())) }, async kube => {
    assert.match((await whoAmI(kube)).username, /admin/);
    for (const kind of ['crt', 'key'])
      writeFileSync(place(`turning.${kind}`), readFileSync(place(`controllers.${kind}`)));
    aheadMs += 61_000;
    assert.doesNotMatch((await whoAmI(kube)).username, /admin/);
  });
});

test('an answer says of which kind it is', need, async () => {
  const namespaces = { group: '', version: 'v1', plural: 'namespaces', kind: 'Namespace', namespaced: false };
  const kind = ({ kind: name }: KubeObject): string => name;
  const list = await connected({ kubeconfig: cluster.kubeconfig.path }, kube => kube.list(namespaces, {}));
  assert.deepEqual([...new Set(list.items.map(kind))], ['Namespace']);
});
