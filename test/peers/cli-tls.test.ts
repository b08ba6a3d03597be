/** The command over TLS: whom it trusts, what it says when it does not, and its own certificate. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { type Ended, runCoffer } from './cli-run.ts';
import { newFolder, type ServerProcess, startServer } from './server.ts';

const folder = newFolder();
const openssl = (line: string): void => void execFileSync('openssl', line.split(' '), { cwd: folder, stdio: 'pipe' });
const key = '-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes';
let server: ServerProcess;

const configuration = `
listener "tcp" {
  address = "127.0.0.1:0"
  tls_cert_file = "${folder}/server.crt"
  tls_key_file = "${folder}/server.key"
  tls_client_ca_file = "${folder}/authority.crt"
  tls_require_and_verify_client_cert = true
}
storage "inmem" {}
`;

before(async () => {
  openssl(`req -x509 ${key} -days 2 -subj /CN=authority -keyout authority.key -out authority.crt`);
  openssl(`req -x509 ${key} -days 2 -subj /CN=stranger -keyout stranger.key -out stranger.crt`);
  writeFileSync(path.join(folder, 'names'), 'subjectAltName=DNS:coffer.test');
  for (const name of ['server', 'client']) {
    openssl(`req ${key} -subj /CN=${name} -keyout ${name}.key -out ${name}.csr`);
    openssl(`x509 -req -in ${name}.csr -CA authority.crt -CAkey authority.key -days 2 -extfile names -out ${name}.crt`);
  }
  writeFileSync(path.join(folder, 'coffer.hcl'), configuration);
  server = await startServer({
    args: [`-config=${folder}/coffer.hcl`],
    folder,
    ready: /listening on (https:\/\/[^\s,]+)/,
  });
});

after(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const own = ['-client-cert=client.crt', '-client-key=client.key'];

const init = (...flags: readonly string[]): Promise<Ended> =>
  runCoffer(['operator', 'init', '-status', ...flags], { home: folder, env: { COFFER_ADDR: server.address } });

/** 2: the server answered that it is not initialised. */
const answered = 2;

test('the authority, the name and the own certificate make a connection', async () => {
  const { code, err } = await init('-ca-cert=authority.crt', '-tls-server-name=coffer.test', ...own);
  assert.deepEqual([code, err], [answered, '']);
});

test('authorities may stand in a folder, and everything in the environment', async () => {
  mkdirSync(path.join(folder, 'authorities'));
  execFileSync('cp', ['authority.crt', 'authorities/a.pem'], { cwd: folder });
  const env = {
    VAULT_ADDR: server.address,
    VAULT_CAPATH: 'authorities',
    VAULT_TLS_SERVER_NAME: 'coffer.test',
    VAULT_CLIENT_CERT: 'client.crt',
    VAULT_CLIENT_KEY: 'client.key',
  };
  assert.equal((await runCoffer(['operator', 'init', '-status'], { home: folder, env })).code, answered);
  const { VAULT_CAPATH: _, ...others } = env;
  const bytes = { ...others, VAULT_CACERT_BYTES: readFileSync(path.join(folder, 'authority.crt'), 'utf8') };
  assert.equal((await runCoffer(['operator', 'init', '-status'], { home: folder, env: bytes })).code, answered);
});

test('an unknown authority and a wrong name are refused and named; -tls-skip-verify takes them', async () => {
  for (const flags of [[], ['-ca-cert=stranger.crt'], ['-ca-cert=authority.crt']]) {
    const { code, err } = await init(...flags, ...own);
    assert.equal(code, 1);
    assert.match(err, /the server certificate is (?:signed by an unknown authority|for another name)/);
  }
  assert.equal((await init('-tls-skip-verify', ...own)).code, answered);
});

test('a server that asks for a certificate gets an error where there is none', async () => {
  assert.equal((await init('-ca-cert=authority.crt', '-tls-server-name=coffer.test')).code, 1);
});

test('a certificate file that is not there is named', async () => {
  const { code, err } = await init('-ca-cert=none.crt');
  assert.equal(code, 1);
  assert.match(err, /none\.crt: cannot be read \(no such file or folder\)\n$/);
});
