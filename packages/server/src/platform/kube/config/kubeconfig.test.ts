import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { CofferError } from '@coffer/schema/errors.ts';
import type { Clock } from '../../../contracts/clock.ts';
import type { Credentials, Identity } from '../credentials.ts';
import { connectKube } from '../connect.ts';
import { realRandom } from '../../random/real.ts';
import { endpointOf } from './cluster.ts';
import { Fields } from './fields.ts';
import { chooseContext } from './kubeconfig.ts';
import { userCredentials } from './user.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
after(() => rmSync(folder, { recursive: true }));

const time = { nowMs: 1_000_000 };
const clock: Clock = { now: () => time.nowMs, monotonic: () => time.nowMs, after: () => () => undefined };
const environment = new Map([['PATH', process.env['PATH'] ?? '']]);

let files = 0;
const write = (content: unknown, name = `file-${(files += 1)}`): string => {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};

const config = (user: object, cluster: object = {}, more: object = {}) => ({
  'current-context': 'c',
  contexts: [{ name: 'c', context: { cluster: 'k', user: 'u', namespace: 'team' } }],
  clusters: [{ name: 'k', cluster: { server: 'https://10.0.0.1:6443', ...cluster } }],
  users: [{ name: 'u', user }],
  ...more,
});

const opened = async (content: unknown) => {
  const chosen = await chooseContext({ paths: [write(content)], mayBeMissing: false }, undefined);
  const endpoint = endpointOf(chosen.cluster, clock);
  return { endpoint, credentials: userCredentials(chosen.user ?? assert.fail(), { endpoint, clock, environment }) };
};

const credentialsOf = async (user: object): Promise<Credentials> => (await opened(config(user))).credentials;
const identityOf = async (user: object): Promise<Identity> => (await credentialsOf(user)).current();
const shown = ({ authorization }: Identity): string | undefined => authorization?.revealText();
const base64 = (text: string): string => Buffer.from(text).toString('base64');

test('a token, a token file before it, a password, nothing', async () => {
  assert.equal(shown(await identityOf({ token: 'one' })), 'Bearer one');
  write('two\n', 'token');
  assert.equal(shown(await identityOf({ token: 'one', tokenFile: 'token' })), 'Bearer two');
  assert.equal(shown(await identityOf({ username: 'u', password: 'p' })), `Basic ${base64('u:p')}`);
  assert.deepEqual(await identityOf({}), { authorization: undefined, certificate: undefined, impersonation: {} });
});

test('certificates in the file, and beside it', async () => {
  write('CERT', 'cert.pem');
  write('KEY', 'key.pem');
  const inline = { 'client-certificate-data': base64('CERT'), 'client-key-data': base64('KEY') };
  for (const user of [inline, { 'client-certificate': 'cert.pem', 'client-key': 'key.pem' }]) {
    const { certificate } = await identityOf(user);
    assert.equal(Buffer.from(certificate?.cert ?? []).toString(), 'CERT');
    assert.equal(certificate?.key.revealText(), 'KEY');
  }
  const { endpoint } = await opened(
    config({}, { 'certificate-authority': 'cert.pem', 'tls-server-name': 'api', 'insecure-skip-tls-verify': true }),
  );
  assert.equal(Buffer.from((await endpoint.ca()) ?? []).toString(), 'CERT');
  assert.deepEqual([endpoint.serverName, endpoint.insecure], ['api', true]);
});

test('a rotated token file is read again after a while, and at once where the old one was refused', async () => {
  write('old', 'rotated');
  const credentials = await credentialsOf({ tokenFile: 'rotated' });
  const current = async () => shown(await credentials.current());
  assert.equal(await current(), 'Bearer old');
  write('new', 'rotated');
  assert.equal(await current(), 'Bearer old');
  time.nowMs += 61_000;
  assert.equal(await current(), 'Bearer new');
  write('newest', 'rotated');
  assert.equal(credentials.refused(await credentials.current()), true);
  assert.equal(await current(), 'Bearer newest');
  rmSync(join(folder, 'rotated'));
  time.nowMs += 61_000;
  assert.equal(await current(), 'Bearer newest', 'what was read before is used on');
  assert.equal((await credentialsOf({ token: 'fixed' })).refused({ impersonation: {} }), false);
});

test('whom to act as', async () => {
  const { impersonation } = await identityOf({
    as: 'jane',
    'as-uid': '1',
    'as-groups': ['a', 'b'],
    'as-user-extra': { 'Acme.com/Scope': ['view'] },
  });
  assert.deepEqual(impersonation, {
    'Impersonate-User': 'jane',
    'Impersonate-Uid': '1',
    'Impersonate-Group': ['a', 'b'],
    'Impersonate-Extra-acme.com%2Fscope': ['view'],
  });
});

test('files are merged: the first that has a name counts, missing ones do not', async () => {
  const first = write({ 'current-context': 'c', users: [{ name: 'u', user: { token: 'first' } }] });
  const second = write(config({ token: 'second' }, {}, { 'current-context': 'other' }));
  const paths = [join(folder, 'none'), first, second];
  const chosen = await chooseContext({ paths, mayBeMissing: true }, undefined);
  assert.deepEqual([chosen.context, chosen.user?.text('token'), chosen.namespace], ['c', 'first', 'team']);
  await assert.rejects(chooseContext({ paths, mayBeMissing: true }, 'x'), /there is no context x; there are .+/);
  await assert.rejects(
    chooseContext({ paths, mayBeMissing: false }, undefined),
    /none cannot be read: there is no such file/,
  );
});

const connected = (more: object) => connectKube({ clock, random: realRandom(), environment, ...more });

test('a named file comes before KUBECONFIG, this before the pod, the pod before the home', async () => {
  const named = write(config({}, { server: 'https://named' }));
  const listed = write(config({}, { server: 'https://listed/k8s/' }));
  const home = mkdtempSync(join(folder, 'home-'));
  const pod = new Map([
    ['HOME', home],
    ['KUBERNETES_SERVICE_HOST', 'fd00::1'],
    ['KUBERNETES_SERVICE_PORT', '443'],
  ]);
  const both = new Map([...pod, ['KUBECONFIG', `${join(folder, 'none')}:${listed}`]]);
  write('TOKEN', `${home.slice(folder.length + 1)}/token`);
  write('CA', `${home.slice(folder.length + 1)}/ca.crt`);
  write('team-b\n', `${home.slice(folder.length + 1)}/namespace`);
  const serverOf = async (options: object) => (await connected({ serviceAccountFolder: home, ...options })).server;
  assert.equal(await serverOf({ kubeconfig: named, environment: both }), 'https://named');
  assert.equal(await serverOf({ environment: both }), 'https://listed/k8s');
  assert.equal(await serverOf({ environment: pod }), 'https://[fd00::1]');
  assert.equal((await connected({ serviceAccountFolder: home, environment: pod })).namespace, 'team-b');
  await assert.rejects(
    connected({ environment: new Map([['HOME', home]]) }),
    /no kubeconfig: there is none of .*\.kube/,
  );
  await assert.rejects(connected({ serviceAccountFolder: join(home, 'x'), environment: pod }), /token cannot be read/);
});

const canary = 'canary-9d1';
const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'x', interactiveMode: 'Never' };

const faults: readonly (readonly [expected: RegExp, content: unknown])[] = [
  [/no current-context/, {}],
  [/it holds no fields/, canary],
  [/it holds no fields/, [canary]],
  [/not valid YAML/, `a: "${canary}`],
  [/contexts: it must be a list/, { contexts: canary }],
  [/contexts\[0\]: it must hold fields/, { contexts: [canary] }],
  [/contexts\[0\]\.name: it is missing/, { contexts: [{ context: { canary } }] }],
  [/there is no cluster k/, config({ token: canary }, {}, { clusters: [] })],
  [/there is no user u/, config({}, {}, { users: [{ name: 'v', user: { token: canary } }] })],
  [/server: it is missing/, config({}, { server: '' })],
  [/server: it must be an https or http URL/, config({}, { server: `ftp://${canary}` })],
  [/server: it must be a URL/, config({}, { server: `https://${canary}:port` })],
  [/server: credentials belong/, config({}, { server: `https://u:${canary}@h` })],
  [/proxy-url: only http and https/, config({}, { 'proxy-url': `socks5://${canary}` })],
  [/certificate-authority-data: it must be base64/, config({}, { 'certificate-authority-data': `${canary}!` })],
  [/insecure-skip-tls-verify: it must be true or false/, config({}, { 'insecure-skip-tls-verify': canary })],
  [/user\.token: it must be text/, config({ token: [canary] })],
  [/user\.token holds no token/, config({ token: `${canary} \u0007` })],
  [/client-key: it is missing/, config({ 'client-certificate-data': base64(canary) })],
  [/client-certificate: it is missing/, config({ 'client-key-data': base64(canary) })],
  [/user\.as: it is missing/, config({ 'as-groups': [canary] })],
  [/as-groups: it must be a list/, config({ as: 'x', 'as-groups': canary })],
  [/auth-provider: it is no longer/, config({ 'auth-provider': { name: canary } })],
  [/exec\.apiVersion: it must be one of/, config({ exec: { ...exec, apiVersion: canary } })],
  [/exec\.command: it is missing/, config({ exec: { ...exec, command: '' } })],
  [/exec\.interactiveMode: it is missing/, config({ exec: { ...exec, interactiveMode: null } })],
  [/exec\.interactiveMode: it must be one of/, config({ exec: { ...exec, interactiveMode: canary } })],
  [/exec\.interactiveMode: this plugin asks a person/, config({ exec: { ...exec, interactiveMode: 'Always' } })],
  [/exec\.env\[0\]\.name: it is missing/, config({ exec: { ...exec, env: [{ value: canary }] } })],
];

test('every fault names the file and the field, and nothing of what stands there', async () => {
  for (const [expected, content] of faults) {
    await assert.rejects(opened(content), (error: unknown) => {
      assert.ok(error instanceof CofferError && error.code === 'usage', String(error));
      assert.match(error.message, expected);
      assert.match(error.message, /file-\d+/);
      assert.doesNotMatch(`${error.stack} ${String(error.cause)}`, new RegExp(canary));
      return true;
    });
  }
});

/** A plugin that prints this and counts its runs in a file. */
const plugin = (printed: string, name = `plugin-${(files += 1)}`): string => {
  const out = write(printed, `${name}.out`);
  write(
    `#!/bin/sh\necho "$KUBERNETES_EXEC_INFO" >> '${join(folder, name)}.info'\ncat '${out}'\nexit \${PLUGIN_CODE:-0}\n`,
    name,
  );
  chmodSync(join(folder, name), 0o700);
  return name;
};
const given = (status: object, apiVersion = exec.apiVersion) =>
  JSON.stringify({ kind: 'ExecCredential', apiVersion, status });
const byPlugin = (name: string, more: object = {}) =>
  credentialsOf({ exec: { ...exec, command: `./${name}`, ...more } });

test('a plugin is run once, again before what it gave expires, and again where that was refused', async () => {
  const expires = (ms: number) => new Date(time.nowMs + ms).toISOString();
  const name = plugin(given({ token: 'one', expirationTimestamp: expires(100_000) }));
  const credentials = await byPlugin(name);
  const both = await Promise.all([credentials.current(), credentials.current()]);
  assert.deepEqual(both.map(shown), ['Bearer one', 'Bearer one']);
  assert.equal(readFileSync(join(folder, `${name}.info`), 'utf8').match(/\n/g)?.length, 1);
  plugin(given({ token: 'two', expirationTimestamp: expires(200_000) }), name);
  assert.equal(shown(await credentials.current()), 'Bearer one');
  time.nowMs += 71_000;
  assert.equal(shown(await credentials.current()), 'Bearer two');
  plugin(given({ clientCertificateData: 'CERT', clientKeyData: 'KEY' }), name);
  const old = await credentials.current();
  assert.equal(credentials.refused(old), false, 'what it gave just now it would give again');
  time.nowMs += 6_000;
  assert.equal(credentials.refused(old), true);
  await credentials.current();
  assert.equal(credentials.refused(old), true, 'it has been replaced already');
  const { authorization, certificate } = await credentials.current();
  assert.deepEqual([authorization, certificate?.key.revealText()], [undefined, 'KEY']);
});

test('a plugin is told of the cluster where it asks, and of v1beta1 where that is its version', async () => {
  const apiVersion = 'client.authentication.k8s.io/v1beta1';
  const name = plugin(given({ token: 'one' }, apiVersion));
  const user = { exec: { apiVersion, command: `./${name}`, provideClusterInfo: true } };
  const { credentials } = await opened(config(user, { 'certificate-authority-data': base64('CA') }));
  await credentials.current();
  const info = JSON.parse(readFileSync(join(folder, `${name}.info`), 'utf8'));
  assert.deepEqual(info.spec.cluster, {
    server: 'https://10.0.0.1:6443',
    'insecure-skip-tls-verify': false,
    'certificate-authority-data': base64('CA'),
  });
  assert.equal(info.apiVersion, apiVersion);
});

const badPrints: readonly (readonly [RegExp, string, object?])[] = [
  [/printed no JSON/, canary],
  [/printed no ExecCredential/, JSON.stringify({ kind: canary })],
  [/printed no ExecCredential/, 'null'],
  [/printed another apiVersion/, given({ token: canary }, canary)],
  [/neither a token nor a certificate/, given({})],
  [/certificate without its key/, given({ clientCertificateData: canary })],
  [/holds no token/, given({ token: `${canary} \n x` })],
  [/expirationTimestamp that is no time/, given({ token: canary, expirationTimestamp: canary })],
  [/printed more than 1048576 bytes/, canary.repeat(200_000)],
  [/ended with code 3/, canary, { env: [{ name: 'PLUGIN_CODE', value: '3' }] }],
  [/cannot be run: ENOENT; install it so/, canary, { command: './not-there', installHint: 'install it so' }],
];

test('what a plugin does wrong is said, and nothing of what it printed', async () => {
  for (const [expected, printed, more] of badPrints) {
    const credentials = await byPlugin(plugin(printed), more);
    await assert.rejects(credentials.current(), (error: unknown) => {
      assert.ok(error instanceof CofferError, String(error));
      assert.match(error.message, expected);
      assert.doesNotMatch(`${error.stack} ${String(error.cause)}`, new RegExp(canary));
      return true;
    });
  }
});

test('a plugin whose output is held open by what it started is not waited for longer than allowed', async () => {
  const name = write('#!/bin/sh\nsleep 5 &\nexit 0\n');
  chmodSync(name, 0o700);
  const timers: (() => void)[] = [];
  const own: Clock = { ...clock, after: (_, task) => (timers.push(task), () => undefined) };
  const { endpoint } = await opened(config({}));
  const user = new Fields(name, '', { exec: { ...exec, command: name } });
  const asked = userCredentials(user, { endpoint, clock: own, environment }).current();
  asked.catch(() => undefined);
  for (let turn = 0; turn < 100 && timers.length === 0; turn += 1) await new Promise(done => setImmediate(done));
  for (const task of timers) task();
  await assert.rejects(asked, /did not end within 60 s/);
});

test('where nothing is encrypted no credential is sent', async () => {
  const heard: unknown[] = [];
  const server = createServer((request, response) => {
    heard.push(request.headers.authorization);
    response.end('{"keys":[]}');
  });
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const kubeconfig = write(config({ token: canary }, { server: address }));
  const connection = await connectKube({ clock, random: realRandom(), environment, kubeconfig });
  await connection.tokenKeys();
  connection.close();
  server.close();
  assert.deepEqual(heard, [undefined]);
});

test('a plugin that failed is run again', async () => {
  const name = plugin('nothing');
  const credentials = await byPlugin(name);
  await assert.rejects(credentials.current());
  plugin(given({ token: 'one' }), name);
  assert.equal(shown(await credentials.current()), 'Bearer one');
});
