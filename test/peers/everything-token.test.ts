/** Every operation of tokens and their roles. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Answer, type Api, apiOf, assertEnvelope } from './calls.ts';
import { type ServerProcess, startDevServer } from './server.ts';

let server: ServerProcess;
let api: Api;

before(async () => {
  server = await startDevServer();
  api = apiOf(server.address, 'root');
});

after(async () => {
  await server.stop();
});

const make = async (body: object, at = 'create'): Promise<Answer> => {
  const answer = await api.call('POST', `auth/token/${at}`, { body });
  assertEnvelope(answer);
  assert.equal(answer.data, null);
  return answer.auth;
};

test('tokens are made: service, orphan, periodic, used up, batch', async () => {
  const auth = await make({ policies: ['a'], ttl: '1h', meta: { team: 'x' }, display_name: 'ci job!' });
  assert.deepEqual(
    [auth.policies, auth.token_policies, auth.metadata, auth.lease_duration, auth.renewable, auth.token_type],
    [['a', 'default'], ['a', 'default'], { team: 'x' }, 3600, true, 'service'],
  );
  assert.deepEqual([auth.entity_id, auth.orphan, auth.num_uses, auth.mfa_requirement], ['', false, 0, null]);
  const orphan = await make({ policies: ['a'] }, 'create-orphan');
  assert.equal(orphan.orphan, true);
  const periodic = await make({ period: '30m', policies: ['a'] });
  assert.equal(periodic.lease_duration, 1800);
  const used = await make({ num_uses: 2, policies: ['a'] });
  await api.call('GET', 'auth/token/lookup-self', { token: used.client_token });
  await api.call('GET', 'nowhere', { token: used.client_token, status: 403 });
  await api.call('GET', 'auth/token/lookup-self', { token: used.client_token, status: 403 });
  const batch = await make({ type: 'batch', ttl: '5m', policies: ['a'] });
  assert.deepEqual([batch.token_type, batch.accessor, batch.renewable], ['batch', '', false]);
});

test('tokens are looked up by themselves, by text, by accessor', async () => {
  const auth = await make({ policies: ['a'], ttl: '1h', explicit_max_ttl: '2h', display_name: 'ci job!' });
  const token = auth.client_token;
  const { data } = await api.call('GET', 'auth/token/lookup-self', { token });
  assert.deepEqual(
    [data.id, data.accessor, data.display_name, data.path, data.type, data.creation_ttl, data.explicit_max_ttl],
    [token, auth.accessor, 'token-ci-job', 'auth/token/create', 'service', 3600, 7200],
  );
  assert.ok(data.ttl > 3500 && Date.parse(data.expire_time) > Date.parse(data.issue_time));
  assert.equal((await api.call('POST', 'auth/token/lookup-self')).data.id, 'root');
  assert.equal((await api.call('GET', 'auth/token/lookup')).data.id, 'root');
  assert.equal((await api.call('POST', 'auth/token/lookup', { body: { token } })).data.id, token);
  const byAccessor = await api.call('POST', 'auth/token/lookup-accessor', { body: { accessor: auth.accessor } });
  assert.deepEqual([byAccessor.data.id, byAccessor.data.accessor], ['', auth.accessor]);
  const bad = await api.call('POST', 'auth/token/lookup', { body: { token: 'none' }, status: 403 });
  assert.deepEqual(bad.errors, ['bad token']);
  assert.ok((await api.call('LIST', 'auth/token/accessors')).data.keys.includes(auth.accessor));
  const page = await api.call('LIST', 'auth/token/accessors?limit=1');
  assert.equal(page.data.keys.length, 1);
});

test('tokens are renewed by themselves, by text, by accessor', async () => {
  const auth = await make({ policies: ['a'], ttl: '1h' });
  const token = auth.client_token;
  const self = await api.call('POST', 'auth/token/renew-self', { token, body: { increment: '2h' } });
  assertEnvelope(self);
  assert.deepEqual([self.auth.lease_duration, self.auth.client_token], [7200, token]);
  const byText = await api.call('PUT', 'auth/token/renew', { body: { token, increment: 600 } });
  assert.equal(byText.auth.lease_duration, 600);
  const { auth: named } = await api.call('POST', 'auth/token/renew-accessor', { body: { accessor: auth.accessor } });
  assert.equal(named.client_token, '');
  const root = await api.call('POST', 'auth/token/renew-self', { status: 400 });
  assert.match(root.errors[0], /lease is not renewable/);
});

test('tokens are revoked by themselves, by text, by accessor, without their children', async () => {
  const dead = async (token: string) => api.call('GET', 'auth/token/lookup-self', { token, status: 403 });
  const [self, text, accessor, parent] = [await make({}), await make({}), await make({}), await make({})];
  await api.call('POST', 'auth/token/revoke-self', { token: self.client_token, status: 204 });
  await dead(self.client_token);
  await api.call('POST', 'auth/token/revoke', { body: { token: text.client_token }, status: 204 });
  await api.call('POST', 'auth/token/revoke', { body: { token: text.client_token }, status: 204 });
  await dead(text.client_token);
  await api.call('POST', 'auth/token/revoke-accessor', { body: { accessor: accessor.accessor }, status: 204 });
  await dead(accessor.client_token);
  const child = await api.call('POST', 'auth/token/create', { token: parent.client_token, body: {} });
  await api.call('PUT', 'auth/token/revoke-orphan', { body: { token: parent.client_token }, status: 204 });
  await dead(parent.client_token);
  const left = await api.call('GET', 'auth/token/lookup-self', { token: child.auth.client_token });
  assert.equal(left.data.orphan, true);
  await api.call('POST', 'auth/token/tidy', { status: 202 });
});

test('roles shape tokens', async () => {
  const role = { allowed_policies: 'a,b', orphan: true, token_period: '1h', path_suffix: 'x', renewable: false };
  await api.call('POST', 'auth/token/roles/deploy', { body: role, status: 204 });
  const { data } = await api.call('GET', 'auth/token/roles/deploy');
  assert.deepEqual(
    [data.name, data.allowed_policies, data.orphan, data.token_period, data.renewable, data.token_type],
    ['deploy', ['a', 'b'], true, 3600, false, 'default-service'],
  );
  assert.deepEqual((await api.call('LIST', 'auth/token/roles')).data.keys, ['deploy']);
  const auth = await make({ policies: ['a'] }, 'create/deploy');
  assert.deepEqual([auth.orphan, auth.lease_duration], [true, 3600]);
  const refused = await api.call('POST', 'auth/token/create/deploy', { body: { policies: ['c'] }, status: 400 });
  assert.match(refused.errors[0], /^token policies \(\[.*\]\) must be subset of the role's allowed policies/);
  const unknown = await api.call('POST', 'auth/token/create/none', { body: {}, status: 400 });
  assert.deepEqual(unknown.errors, ['unknown role none']);
  await api.call('DELETE', 'auth/token/roles/deploy', { status: 204 });
  await api.call('GET', 'auth/token/roles/deploy', { status: 404 });
  await api.call('LIST', 'auth/token/roles', { status: 404 });
});
