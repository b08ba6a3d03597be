/** `provider.vault`: a Coffer, or any other store that speaks the API of Vault. */
import { f } from './fields/f.ts';
import { object } from './fields/object.ts';
import { exactlyOne, atMostOne } from './fields/rule.ts';
import { caProvider, secretKeyRef, secretKeyRefWith, serviceAccountRef } from './references.ts';

const mountPath = (initial: string, what: string) =>
  f.text(`Where the auth mount for ${what} is`, { default: initial });

const appRole = object(
  {
    path: mountPath('approle', 'AppRole'),
    roleId: f.text('The role id'),
    roleRef: f.of(secretKeyRef, 'The role id, from a Secret'),
    secretRef: f.of(secretKeyRef, 'The secret id', { required: true }),
  },
  { rules: [exactlyOne('roleId', 'roleRef')] },
);

const kubernetes = object(
  {
    mountPath: mountPath('kubernetes', 'ServiceAccounts'),
    role: f.someText('The role to log in with', { required: true }),
    serviceAccountRef: f.of(serviceAccountRef, 'Log in with a token of this ServiceAccount, asked for when needed'),
    secretRef: f.of(secretKeyRefWith('token'), 'Log in with a token that lies in a Secret'),
  },
  { rules: [atMostOne('serviceAccountRef', 'secretRef')] },
);

const serviceAccountToken = object({
  serviceAccountRef: f.of(serviceAccountRef, 'Whose token', { required: true }),
  audiences: f.texts('Audiences of the token', { default: ['vault'] }),
  expirationSeconds: f.natural('How long the token lives', { default: 600 }),
});

const jwt = object(
  {
    path: mountPath('jwt', 'JWT and OIDC'),
    role: f.text('The role to log in with'),
    secretRef: f.of(secretKeyRef, 'The JWT, from a Secret'),
    kubernetesServiceAccountToken: f.of(serviceAccountToken, 'A token of a ServiceAccount'),
  },
  { rules: [exactlyOne('secretRef', 'kubernetesServiceAccountToken')] },
);

const withPassword = (initial: string, what: string) =>
  object({
    path: mountPath(initial, what),
    username: f.someText('The user', { required: true }),
    secretRef: f.of(secretKeyRef, 'The password'),
  });

const cert = object({
  path: mountPath('cert', 'certificates'),
  vaultRole: f.text('The role to log in with'),
  clientCert: f.of(secretKeyRef, 'The certificate'),
  secretRef: f.of(secretKeyRef, 'The private key'),
});

/** Which member is set says how to log in; none of them: nothing can. */
const auth = object(
  {
    namespace: f.text('The namespace to log in to, where it is another than the one of the secrets'),
    tokenSecretRef: f.of(secretKeyRef, 'A token'),
    kubernetes: f.of(kubernetes, 'A ServiceAccount; in cluster stores the own one of the operator where none is named'),
    appRole: f.of(appRole, 'An AppRole', { notYet: true }),
    jwt: f.of(jwt, 'A JWT', { notYet: true }),
    ldap: f.of(withPassword('ldap', 'LDAP'), 'A user of an LDAP server', { notYet: true }),
    userPass: f.of(withPassword('userpass', 'users'), 'A user of the store', { notYet: true }),
    cert: f.of(cert, 'A client certificate', { notYet: true }),
    iam: f.anything('An identity of AWS', { notYet: true }),
    gcp: f.anything('An identity of Google Cloud', { notYet: true }),
  },
  {
    rules: [exactlyOne('tokenSecretRef', 'kubernetes', 'appRole', 'jwt', 'ldap', 'userPass', 'cert', 'iam', 'gcp')],
  },
);

const tls = object({
  certSecretRef: f.of(secretKeyRefWith('tls.crt'), 'The certificate shown to the store'),
  keySecretRef: f.of(secretKeyRefWith('tls.key'), 'Its private key'),
});

/** What is needed to reach the store, to log in, and to find secrets in it. */
export const vault = object({
  server: f.someText('Address of the store, such as `https://coffer.coffer:8200`', { required: true }),
  path: f.text('Mount of the secrets; where it is not set, every key begins with its mount'),
  version: f.choice(['v1', 'v2'], 'Version of the key/value engine', { default: 'v2' }),
  namespace: f.text('Namespace of the store'),
  auth: f.of(auth, 'How to log in'),
  caBundle: f.base64('Certificates of authorities that the store is trusted by: PEM, as base64'),
  caProvider: f.of(caProvider, 'The same, from a Secret or ConfigMap'),
  tls: f.of(tls, 'Certificate that is shown to the store'),
  headers: f.textMap('Headers sent with every request'),
  readYourWrites: f.boolean('Reads see what was written before; nothing to do for who only reads'),
  forwardInconsistent: f.boolean('Requests that a standby cannot answer yet go to the active node', { notYet: true }),
  checkAndSet: f.object(
    { required: f.boolean('Whether writes must') },
    'Writes name the version they replace; reads do not care',
  ),
});
/** As read. */
export type VaultProvider = ReturnType<typeof vault.read>;
