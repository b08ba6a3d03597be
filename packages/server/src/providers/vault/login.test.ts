import assert from 'node:assert/strict';
import { test } from 'node:test';
import { enveloped, type FakeAnswer } from '@coffer/client/fake.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import { Secret } from '@coffer/schema/secret.ts';
import { type FakeVault, fakeVault, lookupSelf, refusal, versioned } from '../../../../../test/providers/fake-vault.ts';

const login = 'POST auth/kubernetes/login';
const renew = 'POST auth/token/renew-self';
const app = 'GET secret/data/app';

interface Given {
  readonly token?: string;
  readonly seconds?: number;
  readonly renewable?: boolean;
  readonly type?: string;
}

const authOf = ({
  token = 'canary-first',
  seconds = 3600,
  renewable = true,
  type = 'service',
}: Given = {}): FakeAnswer =>
  enveloped(null, {
    auth: { client_token: token, lease_duration: seconds, renewable, token_type: type, policies: [] },
  });

/** A fake login: no Kubernetes checks the token. */
const loggingIn = (
  ...answers: readonly FakeAnswer[]
): FakeVault & { readonly asked: (request: string) => number; read(): Promise<unknown> } => {
  let count = 0;
  const jwt = async (): Promise<Secret> => Secret.of(`canary-jwt-${(count += 1)}`);
  const fake = fakeVault({ auth: { method: 'kubernetes', role: 'app', jwt, namespace: 'logins/' } });
  fake.server.on(login, ...answers);
  const asked = (request: string): number =>
    fake.server.requests.filter(({ method, path }) => `${method} ${path}` === request).length;
  return { ...fake, asked, read: () => fake.provider.read({ key: 'app', property: 'user' }) };
};

const code = (wanted: string, words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof CofferError);
  assert.equal(error.code, wanted, error.message);
  assert.match(error.message, words);
  assert.doesNotMatch(`${error.message} ${error.stack}`, /canary/);
  return true;
};

const lastToken = ({ server }: FakeVault): string | undefined => server.requests.at(-1)?.headers.get('x-vault-token');

test('one login for all reads, with a fresh token of the ServiceAccount, in its own namespace', async () => {
  const fake = loggingIn(authOf());
  await Promise.all([
    fake.read(),
    fake.provider.read({ key: 'app', property: 'user', version: '0' }).catch(() => undefined),
    fake.provider.check(),
  ]);
  await fake.read();
  assert.equal(fake.asked(login), 1);
  const [request] = fake.server.requests;
  assert.deepEqual(
    request?.body,
    new Map([
      ['role', 'app'],
      ['jwt', 'canary-jwt-1'],
    ]),
  );
  assert.equal(request?.headers.get('x-vault-namespace'), 'logins/');
  assert.equal(request?.headers.get('x-vault-token'), undefined);
  assert.equal(lastToken(fake), 'canary-first');
});

test('a token is renewed when its last minute begins', async () => {
  const fake = loggingIn(authOf());
  fake.server.on(renew, authOf());
  await fake.read();
  fake.clock.turn(3_539_000);
  await fake.read();
  assert.equal(fake.asked(renew), 0);
  fake.clock.turn(1000);
  await Promise.all([fake.read(), fake.provider.check()]);
  assert.deepEqual([fake.asked(renew), fake.asked(login)], [1, 1]);
  fake.clock.turn(3_000_000);
  await fake.read();
  assert.deepEqual([fake.asked(renew), fake.asked(login)], [1, 1]);
});

const replaced: readonly [name: string, given: Given, renewal: FakeAnswer][] = [
  ['a batch token', { type: 'batch' }, authOf()],
  ['one that is not renewable', { renewable: false }, authOf()],
  ['one that a renewal gives less than a minute', {}, authOf({ seconds: 59 })],
  ['one whose renewal is refused', {}, refusal(403, 'permission denied')],
];
for (const [name, given, renewal] of replaced) {
  test(`${name} is replaced by another login`, async () => {
    const fake = loggingIn(authOf(given), authOf({ token: 'canary-second' }));
    fake.server.on(renew, renewal);
    await fake.read();
    fake.clock.turn(3_540_000);
    await fake.read();
    assert.equal(fake.asked(login), 2);
    assert.equal(lastToken(fake), 'canary-second');
  });
}

test('a token that never has a minute is replaced after two thirds of its time', async () => {
  const fake = loggingIn(authOf({ seconds: 30, renewable: false }));
  await fake.read();
  fake.clock.turn(19_000);
  await fake.read();
  assert.equal(fake.asked(login), 1);
  fake.clock.turn(1000);
  await fake.read();
  assert.equal(fake.asked(login), 2);
});

test('a token without an end stays', async () => {
  const fake = loggingIn(authOf({ seconds: 0 }));
  await fake.read();
  fake.clock.turn(10_000_000_000);
  await fake.read();
  assert.equal(fake.asked(login), 1);
});

test('while logins fail, the old token serves as long as it lives', async () => {
  const fake = loggingIn(authOf({ renewable: false }), refusal(400, 'no reviewer'));
  await fake.read();
  fake.clock.turn(3_550_000);
  await fake.read();
  assert.equal(lastToken(fake), 'canary-first');
  fake.clock.turn(50_000);
  await assert.rejects(
    fake.read(),
    code('invalid_request', /log in at auth\/kubernetes with role "app": .*400: no reviewer/),
  );
});

test('after a failed login nobody tries for a while, and then it is tried again', async () => {
  const fake = loggingIn(refusal(403, 'role "app" is not bound to ServiceAccount canary-jwt-1'), authOf());
  for (let at = 0; at < 5; at += 1) await assert.rejects(fake.read(), code('permission_denied', /cannot log in/));
  assert.equal(fake.asked(login), 1);
  fake.clock.turn(5000);
  await fake.read();
  assert.equal(fake.asked(login), 2);
});

test('a token that was revoked is replaced once, for all who were refused', async () => {
  const fake = loggingIn(authOf(), authOf({ token: 'canary-second' }));
  await fake.read();
  fake.clock.turn(20_000);
  fake.server.on(lookupSelf, refusal(403, 'permission denied'));
  fake.server.on(app, refusal(403, 'permission denied'), versioned({ user: 'again' }));
  const found = await Promise.all([fake.read(), fake.provider.check()]);
  assert.equal(String(found[0]), '[secret]');
  assert.equal(fake.asked(login), 2);
});

test('missing rights are no reason for another login', async () => {
  const fake = loggingIn(authOf());
  await fake.read();
  fake.server.on(app, refusal(403, 'permission denied'));
  await assert.rejects(fake.read(), code('permission_denied', /read secret\/data\/app/));
  fake.clock.turn(20_000);
  await assert.rejects(fake.read(), code('permission_denied', /read secret\/data\/app/));
  assert.equal(fake.asked(login), 1);
});

test('where a token may not look itself up, logins for a refusal are still few', async () => {
  const fake = loggingIn(authOf());
  fake.server.on(lookupSelf, refusal(403, 'permission denied')).on(app, refusal(403, 'permission denied'));
  await fake.provider.check();
  fake.clock.turn(20_000);
  for (let at = 0; at < 20; at += 1)
    await assert.rejects(fake.read(), code('permission_denied', /read secret\/data\/app/));
  assert.equal(fake.asked(login), 2);
});

const noTokens: readonly [name: string, answer: FakeAnswer, wanted: string][] = [
  ['no token', authOf({ token: '' }), 'unreachable'],
  ['no auth', enveloped(null), 'unreachable'],
  ['a page', { raw: '<html>canary</html>', headers: { 'content-type': 'text/html' } }, 'unreachable'],
  ['no connection', { fails: 'before' }, 'unreachable'],
  ['a sealed store', refusal(503, 'Vault is sealed'), 'sealed'],
  ['no such mount', refusal(404, 'no handler for route "auth/kubernetes/login".'), 'no_mount'],
];
for (const [name, answer, wanted] of noTokens) {
  test(`a login that is answered with ${name} is a failure`, async () => {
    const fake = loggingIn(answer);
    await assert.rejects(fake.read(), code(wanted, /cannot log in at auth\/kubernetes with role "app"/));
    await assert.rejects(fake.provider.check(), code(wanted, /cannot log in/));
  });
}

test('a token of our own is taken back at the end, a given one never', async () => {
  const own = loggingIn(authOf());
  await own.read();
  await own.provider.close();
  assert.equal(own.asked('POST auth/token/revoke-self'), 1);
  const given = fakeVault();
  await given.provider.read({ key: 'app' });
  await given.provider.close();
  assert.equal(
    given.server.requests.some(({ path }) => path.includes('revoke')),
    false,
  );
});
