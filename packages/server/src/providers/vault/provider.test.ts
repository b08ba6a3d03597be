import assert from 'node:assert/strict';
import { test } from 'node:test';
import { enveloped, type FakeAnswer } from '@coffer/client/fake.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import { providerConformance } from '../../../../../test/conformance/provider.ts';
import {
  canaryToken,
  fakeVault,
  lookupSelf,
  mountOf,
  nothing,
  refusal,
  versioned,
} from '../../../../../test/providers/fake-vault.ts';

const app = 'GET secret/data/app';
const gone = 'GET secret/data/gone';
const mountQuestion = 'GET sys/internal/ui/mounts/secret/data/gone';

const faults: ReadonlyMap<string, { readonly code: string; readonly answer: FakeAnswer }> = new Map([
  ['no connection', { code: 'unreachable', answer: { fails: 'before' } }],
  ['a broken connection', { code: 'unreachable', answer: { fails: 'after' } }],
  ['a sealed store', { code: 'sealed', answer: refusal(503, 'Vault is sealed') }],
  [
    'a 404 without a mount',
    { code: 'no_mount', answer: refusal(404, 'no handler for route "secret/". route entry not found.') },
  ],
  [
    'a 404 of a proxy',
    { code: 'unreachable', answer: { status: 404, raw: '<h1>gone</h1>', headers: { 'content-type': 'text/html' } } },
  ],
  ['a 404 without a body', { code: 'unreachable', answer: { status: 404 } }],
  ['a 404 with other JSON', { code: 'unreachable', answer: { status: 404, body: { message: 'no such service' } } }],
  ['a refusal', { code: 'permission_denied', answer: refusal(403, '1 error occurred:\n\t* permission denied\n\n') }],
  [
    'a wall that refuses',
    { code: 'unreachable', answer: { status: 403, raw: 'blocked', headers: { 'content-type': 'text/plain' } } },
  ],
  ['a full quota', { code: 'quota_exceeded', answer: refusal(429, 'request path "p": rate limit quota exceeded') }],
  ['a recovery standby', { code: 'not_active', answer: refusal(472, '') }],
  ['a standby', { code: 'not_active', answer: refusal(473, '') }],
  ['an inner failure', { code: 'unreachable', answer: refusal(500, '1 error occurred:\n\t* internal error\n\n') }],
  [
    'a gateway without server',
    { code: 'unreachable', answer: { status: 502, raw: 'bad gateway', headers: { 'content-type': 'text/html' } } },
  ],
  [
    'a balancer without servers',
    { code: 'unreachable', answer: { status: 503, raw: 'no server', headers: { 'content-type': 'text/html' } } },
  ],
  ['a redirect', { code: 'unreachable', answer: { status: 302, headers: { location: 'https://login.example/' } } }],
  [
    'a page in place of JSON',
    { code: 'unreachable', answer: { raw: '<html>', headers: { 'content-type': 'text/html' } } },
  ],
  ['cut off JSON', { code: 'unreachable', answer: { raw: '{"data":{"data":{"text":"canary-text"' } }],
  ['an empty answer', { code: 'unreachable', answer: { status: 204 } }],
  ['JSON that is no object', { code: 'unreachable', answer: { raw: '["canary-text"]' } }],
  ['data of another kind', { code: 'unreachable', answer: enveloped({ data: ['canary-text'] }) }],
  ['no data at all', { code: 'unreachable', answer: enveloped(null) }],
  ['a token sent back in the words', { code: 'invalid_request', answer: refusal(400, `bad header: ${canaryToken}`) }],
]);

providerConformance('vault, a fake server', {
  key: 'app',
  absentKey: 'gone',
  faults: new Map([...faults].map(([name, { code }]) => [name, code])),
  open: async json => {
    const { server, provider } = fakeVault();
    const heal = async (): Promise<void> => {
      server.on(app, { raw: `{"data":{"data":${json},"metadata":{"version":1}}}` });
      server.on(gone, nothing).on(mountQuestion, mountOf('2'));
    };
    await heal();
    const fail = async (fault: string) => {
      const { answer } = faults.get(fault) ?? assert.fail(fault);
      server.on(app, answer).on(gone, answer);
      return heal;
    };
    return { provider, canaries: [canaryToken], fail };
  },
});

const code = (wanted: string, words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof CofferError);
  assert.equal(error.code, wanted);
  assert.match(error.message, words);
  return true;
};

const proofs: readonly [name: string, answer: FakeAnswer, code: string, words: RegExp][] = [
  ['of version 1', mountOf('1'), 'no_mount', /secret\/ is v1, and the store is set up for v2: set .*version to v1/],
  ['of another engine', mountOf('2', 'pki'), 'no_mount', /secret\/ is of type pki/],
  ['elsewhere', mountOf('2', 'kv', 'other/'), 'no_mount', /does not say which mount/],
  ['that nobody names', enveloped({}), 'no_mount', /does not say which mount/],
  ['that may not be seen', refusal(403, 'preflight capability check returned 403'), 'permission_denied', /denied/],
  ['of a server without the question', nothing, 'no_mount', /make sure that nothing is stored at secret\/data\/gone/],
  [
    'behind a proxy',
    { status: 404, raw: 'x', headers: { 'content-type': 'text/html' } },
    'unreachable',
    /stands in between/,
  ],
];
for (const [name, answer, wanted, words] of proofs) {
  test(`an empty 404 of a mount ${name} is no absence`, async () => {
    const { server, provider } = fakeVault();
    server.on(gone, nothing).on(mountQuestion, answer);
    await assert.rejects(provider.read({ key: 'gone' }), code(wanted, words));
  });
}

const deleted = enveloped({
  data: null,
  metadata: { version: 2, deletion_time: '2026-01-01T00:00:00Z', destroyed: false },
});

test('a deleted version is absent, whichever status says so', async () => {
  const { server, provider } = fakeVault();
  for (const answer of [{ ...deleted, status: 404 }, deleted]) {
    server.on(app, answer);
    assert.equal(await provider.read({ key: 'app', property: 'user' }), undefined);
  }
});

test('a 404 with a warning is no absence: so a versioned mount answers a read of version 1', async () => {
  const { server, provider } = fakeVault({ version: 'v1' });
  server.on('GET secret/app', {
    ...enveloped(null, { warnings: ['Invalid path for a versioned K/V secrets engine'] }),
    status: 404,
  });
  await assert.rejects(provider.read({ key: 'app' }), code('no_mount', /read secret\/app/));
});

test('a store set up for v2 says so where the mount is v1', async () => {
  const { server, provider } = fakeVault();
  server.on(app, enveloped({ user: 'u' }));
  await assert.rejects(
    provider.read({ key: 'app' }),
    code('unreachable', /not that of a key\/value mount v2.*version/),
  );
});

test('a version is asked for, and must be a number of a store that has versions', async () => {
  const { server, provider } = fakeVault();
  server.on('GET secret/data/app?version=3', versioned({ user: 'third' }));
  assert.equal((await provider.read({ key: 'app', property: 'user', version: '3' }))?.revealText(), 'third');
  for (const version of ['latest', '-1', '1.0', '1&x=y', '9'.repeat(19)])
    await assert.rejects(provider.read({ key: 'app', version }), code('invalid_request', /whole number/), version);
  const { provider: old } = fakeVault({ version: 'v1' });
  await assert.rejects(old.read({ key: 'app', version: '1' }), code('invalid_request', /has no versions/));
});

test('metadata is what its writer said, with what the store knows', async () => {
  const { server, provider } = fakeVault();
  const data = {
    custom_metadata: { owner: 'shop', created_time: 'own' },
    current_version: 3,
    created_time: 't',
    max_versions: 0,
  };
  server.on('GET secret/metadata/app', enveloped(data));
  const metadataPolicy = 'Fetch';
  const whole = await provider.read({ key: 'app', metadataPolicy });
  assert.equal(whole?.revealText(), '{"created_time":"own","current_version":3,"owner":"shop"}');
  assert.equal((await provider.read({ key: 'app', metadataPolicy, property: 'owner' }))?.revealText(), 'shop');
  const { provider: old } = fakeVault({ version: 'v1' });
  await assert.rejects(old.read({ key: 'app', metadataPolicy }), code('invalid_request', /has no metadata/));
});

test('those who ask at once share one request; who asks later gets an answer of his own', async () => {
  const { server, provider } = fakeVault();
  const asked = (): number => server.requests.filter(({ path }) => path === 'secret/data/app').length;
  const refs = ['user', 'password', ''].map(property => ({ key: 'app', property }));
  await Promise.all([...refs.map(ref => provider.read(ref)), provider.readAll({ key: 'secret/data/app' })]);
  assert.equal(asked(), 1);
  await provider.read({ key: 'app' });
  assert.equal(asked(), 2);
});

test('a text that holds an object can be extracted', async () => {
  const { server, provider } = fakeVault();
  server.on(app, versioned({ json: '{"a":"1"}', broken: '{"canary":' }));
  assert.equal((await provider.readAll({ key: 'app', property: 'json' }))?.get('a')?.revealText(), '1');
  await assert.rejects(
    provider.readAll({ key: 'app', property: 'broken' }),
    code('invalid_request', /not a JSON object/),
  );
});

test('a dead token is told from missing rights', async () => {
  const { server, provider } = fakeVault();
  server.on(app, refusal(403, 'permission denied'));
  await assert.rejects(provider.read({ key: 'app' }), code('permission_denied', /valid: give its policies "read"/));
  server.on(lookupSelf, refusal(403, 'permission denied'));
  await assert.rejects(provider.read({ key: 'app' }), code('bad_token', /tokenSecretRef/));
  await assert.rejects(provider.check(), code('bad_token', /tokenSecretRef/));
});

test('a store without keys is told from a sealed one', async () => {
  const { server, provider } = fakeVault();
  server.on(app, refusal(503, 'Vault is sealed'));
  server.on('GET sys/seal-status', { body: { initialized: false, sealed: true } });
  await assert.rejects(provider.read({ key: 'app' }), code('not_initialized', /initialise/));
  server.on('GET sys/seal-status', { body: { initialized: true, sealed: true } });
  await assert.rejects(provider.read({ key: 'app' }), code('sealed', /unseal/));
  server.on('GET sys/seal-status', { body: { initialized: true, sealed: false } });
  await assert.rejects(provider.read({ key: 'app' }), code('not_active', /standby/));
});

test('a check tells the same reasons as a read', async () => {
  const { server, provider } = fakeVault();
  server.on(lookupSelf, refusal(503, 'Vault is sealed'));
  await assert.rejects(provider.check(), code('sealed', /unseal/));
  server.on('GET sys/seal-status', { body: { initialized: false, sealed: true } });
  await assert.rejects(provider.check(), code('not_initialized', /initialise/));
  server.on(lookupSelf, { fails: 'before' });
  await assert.rejects(provider.check(), code('unreachable', /http:\/\/vault.fake.*connection refused/));
});

test('a mount may be named below the namespace that the path begins with', async () => {
  const { server, provider } = fakeVault({ path: 'team/secret' });
  server.on('GET team/secret/data/gone', nothing);
  server.on('GET sys/internal/ui/mounts/team/secret/data/gone', mountOf('2'));
  assert.equal(await provider.read({ key: 'gone' }), undefined);
});

test('names that no object may have make an answer unreadable, and are said to', async () => {
  const { server, provider } = fakeVault();
  for (const members of ['"__proto__":"canary"', '"a":"canary","a":"canary"']) {
    server.on(app, { raw: `{"data":{"data":{${members}},"metadata":{}}}` });
    await assert.rejects(
      provider.read({ key: 'app' }),
      code('unreachable', /secret\/data\/app.*used twice, or __proto__/),
    );
  }
});

test('a namespace, more headers and the wish for the active node go with each request', async () => {
  const headers = new Map([['CF-Access', 'a']]);
  const { server, provider } = fakeVault({ namespace: 'team/', headers, forwardInconsistent: true });
  await provider.read({ key: 'app' });
  const sent = server.requests[0]?.headers;
  assert.equal(sent?.get('x-vault-namespace'), 'team/');
  assert.equal(sent?.get('x-vault-inconsistent'), 'forward-active-node');
  assert.equal(sent?.get('cf-access'), 'a');
  assert.equal(sent?.get('x-vault-token'), canaryToken);
});

test('settings that cannot work are refused before anything is sent', () => {
  assert.throws(() => fakeVault({ server: 'vault.example:8200' }), code('usage', /address/));
  assert.throws(() => fakeVault({ headers: new Map([['X-Vault-Token', 'canary']]) }), code('usage', /reserved/));
});
