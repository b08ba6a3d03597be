/** The keys and certificates of one control plane, made by `openssl` into a folder: P-256 for TLS, RSA for tokens. */
import { execFile } from 'node:child_process';
import { generateKeyPair } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const days = '2';
const tokenKeyBits = 2048;
const run = promisify(execFile);
const makeKeys = promisify(generateKeyPair);

interface Leaf {
  readonly file: string;
  readonly authority: string;
  readonly subject: string;
  readonly names?: string;
}

const authorities = ['ca', 'front-proxy-ca'];

const serverNames = [
  'IP:127.0.0.1',
  'IP:10.0.0.1',
  'DNS:localhost',
  'DNS:kubernetes',
  'DNS:kubernetes.default',
  'DNS:kubernetes.default.svc',
  'DNS:kubernetes.default.svc.cluster.local',
].join(',');

const leaves: readonly Leaf[] = [
  { file: 'server', authority: 'ca', subject: '/CN=kube-apiserver', names: serverNames },
  { file: 'admin', authority: 'ca', subject: '/O=system:masters/CN=admin' },
  { file: 'controllers', authority: 'ca', subject: '/CN=system:kube-controller-manager' },
  { file: 'front-proxy', authority: 'front-proxy-ca', subject: '/CN=front-proxy' },
];

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

const makeAuthority = async (folder: string, file: string): Promise<void> => {
  const out = ['-keyout', `${file}.key`, '-out', `${file}.crt`];
  await run('openssl', ['req', '-x509', ...newKey, '-days', days, '-subj', `/CN=${file}`, ...out], { cwd: folder });
};

const makeLeaf = async (folder: string, { file, authority, subject, names }: Leaf): Promise<void> => {
  const extensions = [
    'extendedKeyUsage=serverAuth,clientAuth',
    ...(names === undefined ? [] : [`subjectAltName=${names}`]),
  ];
  writeFileSync(path.join(folder, `${file}.ext`), extensions.join('\n'));
  const request = ['-keyout', `${file}.key`, '-out', `${file}.csr`];
  await run('openssl', ['req', ...newKey, '-subj', subject, ...request], { cwd: folder });
  const by = ['-CA', `${authority}.crt`, '-CAkey', `${authority}.key`, '-CAserial', `${file}.srl`, '-CAcreateserial'];
  const out = ['-days', days, '-extfile', `${file}.ext`, '-out', `${file}.crt`];
  await run('openssl', ['x509', '-req', '-in', `${file}.csr`, ...by, ...out], { cwd: folder });
};

const makeTokenKeys = async (folder: string): Promise<void> => {
  const { publicKey, privateKey } = await makeKeys('rsa', { modulusLength: tokenKeyBits });
  writeFileSync(path.join(folder, 'tokens.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(path.join(folder, 'tokens.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
};

/** Leaves `<name>.crt` and `<name>.key` for each of the tables above, and `tokens.key`, `tokens.pub`. */
export const makePki = async (folder: string): Promise<void> => {
  const tokens = makeTokenKeys(folder);
  await Promise.all(authorities.map(file => makeAuthority(folder, file)));
  await Promise.all([tokens, ...leaves.map(leaf => makeLeaf(folder, leaf))]);
};
