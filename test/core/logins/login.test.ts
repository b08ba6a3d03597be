/** What the core makes of an auth method's word: tokens by the rules of role, mount and store, on record, and an end. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import type { Commit } from '../../../packages/server/src/contracts/storage.ts';
import { noRules } from '../../../packages/server/src/engines/login/token-fields.ts';
import { openMemoryStore } from '../../../packages/server/src/platform/memory/store.ts';
import { type Bed, openBed, type Told } from '../bed.ts';
import { believing, gates, renewals, secretly, workload } from './engine.ts';

beforeEach(() => {
  renewals.rules = undefined;
  renewals.isGone = false;
  gates.entered = Promise.withResolvers();
  gates.open = Promise.withResolvers();
});

const openStore = async (config: object = {}): Promise<Bed> => {
  const bed = await openBed({ engines: [believing, secretly] });
  assert.equal((await bed.root('POST', 'sys/auth/team', { type: 'believing', config })).status, 204);
  return bed;
};

const login = (bed: Bed, body: object = {}, headers = {}): Promise<Told> =>
  bed.ask('POST', 'auth/team/login', { body, headers, address: '10.1.2.3' });

const lookup = async (bed: Bed, token: string, address = '10.1.2.3'): Promise<Told> =>
  bed.ask('GET', 'auth/token/lookup-self', { token, address });

const secondsOf = async (bed: Bed, body: object): Promise<number> => (await login(bed, body)).json.auth.lease_duration;

test('an auth method is enabled, read, tuned, listed, moved and disabled', async () => {
  const bed = await openStore();
  const { data } = (await bed.root('GET', 'sys/auth')).json;
  assert.deepEqual(Object.keys(data), ['team/', 'token/']);
  assert.match(data['team/'].accessor, /^auth_believing_[0-9a-f]{8}$/);
  assert.equal(data['team/'].config.token_type, 'default-service');
  assert.equal(
    (await bed.root('POST', 'sys/auth/team/tune', { description: 'ours', max_lease_ttl: '2h' })).status,
    204,
  );
  assert.equal((await bed.root('GET', 'sys/auth/team/tune')).json.data.max_lease_ttl, 7200);
  assert.equal((await bed.root('GET', 'sys/auth/team')).json.data.description, 'ours');
  assert.equal((await bed.root('POST', 'sys/remount', { from: 'auth/team', to: 'auth/crew' })).status, 200);
  assert.equal((await bed.ask('POST', 'auth/crew/login', { body: {} })).status, 200);
  assert.equal((await login(bed)).status, 403);
  assert.equal((await bed.root('DELETE', 'sys/auth/crew')).status, 204);
  assert.deepEqual(Object.keys((await bed.root('GET', 'sys/auth')).json.data), ['token/']);
});

test('what cannot be an auth method is refused', async () => {
  const bed = await openStore();
  for (const [path, body] of [
    ['sys/auth/a', { type: 'kv' }],
    ['sys/auth/a', { type: 'unknown' }],
    ['sys/auth/token', { type: 'believing' }],
    ['sys/auth/team', { type: 'believing' }],
    ['sys/auth/team/below', { type: 'believing' }],
    ['sys/mounts/a', { type: 'believing' }],
    ['sys/auth/a', { type: 'believing', config: { token_type: 'other' } }],
    ['sys/auth/team/tune', { token_type: 'other' }],
  ] as const)
    assert.equal((await bed.root('POST', path, body)).status, 400, path);
});

test('a login is a token of the mount, with what the method said of the caller', async () => {
  const bed = await openStore();
  const told = await login(bed, { token_policies: ['B', 'a'], token_ttl: '1h', metadata: { team: 'x' } });
  const { auth } = told.json;
  assert.deepEqual(auth.policies, ['a', 'b', 'default']);
  assert.deepEqual(auth.metadata, { team: 'x' });
  assert.deepEqual([auth.lease_duration, auth.renewable, auth.orphan, auth.token_type], [3600, true, true, 'service']);
  const { data } = (await lookup(bed, auth.client_token)).json;
  assert.equal(data.display_name, 'team-shop-web');
  assert.equal(data.path, 'auth/team/login');
  const shown = { namespace: 'shop', service_account: 'web', pod: 'web-1', node: 'n1' };
  assert.deepEqual([auth.workload, data.workload], [shown, shown]);
  assert.deepEqual(workload.pod, shown.pod);
});

test('time to live: the role, within the mount, within the store', async () => {
  const bed = await openStore({ default_lease_ttl: '10m', max_lease_ttl: '30m' });
  assert.equal(await secondsOf(bed, {}), 600);
  assert.equal(await secondsOf(bed, { token_ttl: '5m' }), 300);
  assert.equal(await secondsOf(bed, { token_ttl: '20m', token_max_ttl: '20m' }), 1200);
  assert.equal(await secondsOf(bed, { token_ttl: '40m' }), 1800);
  assert.equal(await secondsOf(bed, { token_max_ttl: '5m' }), 300);
  assert.equal(await secondsOf(bed, { token_period: '20m' }), 1200);
  assert.equal(await secondsOf(bed, { token_period: '2h' }), 1800);
  assert.equal(await secondsOf(bed, { token_period: '20m', token_max_ttl: '5m' }), 300);
  assert.equal(await secondsOf(bed, { token_period: '20m', token_explicit_max_ttl: '10m' }), 600);
  for (const body of [{ token_ttl: '40m' }, { token_period: '2h' }])
    assert.deepEqual((await login(bed, body)).json.warnings.length, 1);
});

test('the type of a token: the mount may decide, or leave it to the role', async () => {
  const typeAt = async (mount: string, role: string): Promise<string> => {
    const bed = await openStore({ token_type: mount });
    return (await login(bed, { token_type: role })).json.auth.token_type;
  };
  assert.equal(await typeAt('default-service', 'default'), 'service');
  assert.equal(await typeAt('default-batch', 'default'), 'batch');
  assert.equal(await typeAt('default-batch', 'service'), 'service');
  assert.equal(await typeAt('default-service', 'batch'), 'batch');
  assert.equal(await typeAt('default-batch', 'default-service'), 'service');
  assert.equal(await typeAt('batch', 'service'), 'batch');
  assert.equal(await typeAt('service', 'batch'), 'service');
  const bed = await openStore({ token_type: 'batch' });
  for (const body of [{ token_period: '1h' }, { token_num_uses: 1 }, { token_explicit_max_ttl: '1h' }])
    assert.equal((await login(bed, body)).status, 400);
});

test('networks, uses and the policy default are as the role says', async () => {
  const bed = await openStore();
  assert.equal((await login(bed, { token_bound_cidrs: '10.9.0.0/16' })).status, 403);
  assert.match(bed.audited.at(-1) ?? '', /"error_because":"token_bound_cidrs: the caller is at 10\.1\.2\.3/);
  const inside = (await login(bed, { token_bound_cidrs: '10.1.0.0/16' })).json.auth.client_token;
  assert.equal((await lookup(bed, inside, '10.1.9.9')).status, 200);
  assert.equal((await lookup(bed, inside, '10.2.0.1')).status, 403);
  const here = (await login(bed, { token_strictly_bind_ip: true })).json.auth.client_token;
  assert.equal((await lookup(bed, here)).status, 200);
  assert.equal((await lookup(bed, here, '10.1.2.4')).status, 403);
  const once = (await login(bed, { token_num_uses: 1 })).json.auth.client_token;
  assert.deepEqual([(await lookup(bed, once)).status, (await lookup(bed, once)).status], [200, 403]);
  assert.deepEqual((await login(bed, { token_no_default_policy: true, token_policies: 'a' })).json.auth.policies, [
    'a',
  ]);
});

test('S1: no auth method makes root, or what is not to be given, in any spelling', async () => {
  const bed = await openStore();
  for (const name of ['root', 'ROOT', ' root', 'root ', '\uff52oot', 'roo\u0442\u0000', 'response-wrapping']) {
    for (const body of [{ unchecked: [name] }, { unchecked: ['a', name] }]) {
      const told = await login(bed, body);
      assert.ok(told.status === 400 && told.json.auth === undefined, `${JSON.stringify(name)} ${told.text}`);
    }
  }
});

test('S15: who asks for a token and may not, or asks and then refuses, has made none', async () => {
  const bed = await openStore();
  await bed.root('POST', 'sys/mounts/odd', { type: 'secretly' });
  const before = (await bed.core.storage.range('token/id/')).length;
  assert.equal((await bed.root('POST', 'odd/login', {})).status, 500);
  assert.equal((await bed.ask('GET', 'auth/team/pure')).status, 500);
  assert.equal((await bed.ask('POST', 'auth/team/torn', { body: {} })).status, 403);
  assert.equal((await bed.core.storage.range('token/id/')).length, before);
});

test('aliases and metadata are bounded', async () => {
  const bed = await openStore();
  for (const body of [
    { alias: '' },
    { alias: 'a'.repeat(600) },
    { metadata: { a: 'b'.repeat(600) } },
    { metadata: { ['k'.repeat(200)]: 'b' } },
    { metadata: Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`k${index}`, 'v'])) },
  ])
    assert.equal((await login(bed, body)).status, 400);
});

test('a login is on record: who it is for and where that runs are readable, the token is not', async () => {
  const bed = await openStore();
  const { auth } = (await login(bed, { metadata: { team: 'x' } })).json;
  const [request, response] = bed.audited.slice(-2).map(line => JSON.parse(line));
  assert.deepEqual([request.type, response.type, request.request.path], ['request', 'response', 'auth/team/login']);
  assert.deepEqual(response.response.auth.metadata, { team: 'x' });
  assert.equal(response.response.auth.workload.pod, 'web-1');
  assert.match(response.response.auth.client_token, /^hmac-sha256:/);
  assert.equal(bed.audited.join('').includes(auth.client_token), false);
  assert.equal(bed.audited.join('').includes(auth.accessor), false);
});

test('a login that is refused is on record with its reason, which the caller is not told', async () => {
  const bed = await openStore();
  const told = await bed.ask('POST', 'auth/team/torn', { body: {} });
  assert.deepEqual(told.json, { errors: ['permission denied'] });
  assert.match(bed.audited.at(-1) ?? '', /"error_because":"proof: it changed its mind"/);
});

test('a login may be wrapped, and is not lost', async () => {
  const bed = await openStore();
  const wrapped = (await login(bed, {}, { 'x-vault-wrap-ttl': '60' })).json;
  assert.equal(wrapped.auth, null);
  const { token, wrapped_accessor } = wrapped.wrap_info;
  const { auth } = (await bed.ask('POST', 'sys/wrapping/unwrap', { token })).json;
  assert.equal(auth.accessor, wrapped_accessor);
  assert.equal((await lookup(bed, auth.client_token)).status, 200);
  assert.equal((await bed.ask('POST', 'sys/wrapping/unwrap', { token })).status, 400);
});

test('renewal asks the method again: by the rules of now, or not at all', async () => {
  const bed = await openStore({ max_lease_ttl: '2h' });
  const { client_token: token } = (await login(bed, { token_ttl: '1h' })).json.auth;
  const renew = (body = {}) => bed.ask('POST', 'auth/token/renew-self', { token, body, address: '10.1.2.3' });
  renewals.rules = { ...noRules, ttlSeconds: 600 };
  assert.equal((await renew()).json.auth.lease_duration, 600);
  assert.equal((await renew({ increment: '90m' })).json.auth.lease_duration, 5400);
  renewals.rules = { ...noRules, maxTtlSeconds: 1200 };
  assert.equal((await renew()).json.auth.lease_duration, 1200);
  renewals.rules = { ...noRules, periodSeconds: 10_000 };
  assert.equal((await renew()).json.auth.lease_duration, 7200);
  for (let hour = 1; hour < 4; hour++) {
    await bed.clock.advance(3_600_000);
    assert.equal((await renew()).json.auth.lease_duration, 7200, `after ${hour} h`);
  }
  renewals.isGone = true;
  assert.equal((await renew()).status, 400);
});

test('disabling the method ends its tokens, and no others', async () => {
  const bed = await openStore();
  await bed.root('POST', 'sys/auth/other', { type: 'believing' });
  const mine = (await login(bed)).json.auth.client_token;
  const theirs = (await bed.ask('POST', 'auth/other/login', { body: {} })).json.auth.client_token;
  const child = await bed.root('POST', 'auth/token/create', { policies: ['default'] });
  assert.equal((await bed.root('DELETE', 'sys/auth/team')).status, 204);
  assert.equal((await lookup(bed, mine)).status, 403);
  assert.equal((await lookup(bed, theirs)).status, 200);
  assert.equal((await lookup(bed, child.json.auth.client_token)).status, 200);
  assert.deepEqual(await bed.core.storage.range('token/login/auth/team/'), []);
});

test('a login that is under way when its method is disabled makes no token', async () => {
  const bed = await openStore();
  const late = login(bed, { wait: true });
  await gates.entered.promise;
  const gone = bed.root('DELETE', 'sys/auth/team');
  for (let turn = 0; turn < 20; turn++) await new Promise(done => setImmediate(done));
  gates.open.resolve();
  const [refused] = await Promise.all([late, gone]);
  assert.equal(refused.status, 403);
  assert.deepEqual(await bed.core.storage.range('token/login/'), []);
  assert.deepEqual(await bed.core.storage.range('token/mount/'), []);
});

test('a method that is disabled between the making of a token and its commit has made none', async () => {
  const storage = openMemoryStore();
  let meanwhile: (() => Promise<unknown>) | undefined;
  const slow = new Proxy(storage, {
    get: (target, name) =>
      name !== 'commit'
        ? Reflect.get(target, name).bind(target)
        : async (changes: Commit) => {
            const isLogin = changes.writes.some(({ key }) => key.includes('token/login/'));
            const others = isLogin ? meanwhile : undefined;
            if (isLogin) meanwhile = undefined;
            await others?.();
            return target.commit(changes);
          },
  });
  const bed = await openBed({ engines: [believing], storage: slow, copies: storage });
  await bed.root('POST', 'sys/auth/team', { type: 'believing' });
  meanwhile = () => bed.root('POST', 'sys/auth/team/tune', { default_lease_ttl: '1m' });
  assert.equal((await login(bed)).json.auth.lease_duration, 60);
  meanwhile = () => bed.root('DELETE', 'sys/auth/team');
  assert.equal((await login(bed)).status, 403);
  assert.deepEqual(await bed.core.storage.range('token/login/'), []);
});

test('revoking the leases below the path of a login ends its tokens, and clears what pointed to them', async () => {
  const bed = await openStore();
  const tokens = [];
  for (let count = 0; count < 3; count++) tokens.push((await login(bed)).json.auth.client_token);
  const other = await bed.root('POST', 'auth/token/create', { policies: ['default'] });
  assert.equal((await bed.root('POST', 'sys/leases/revoke-prefix/auth/tea')).status, 204);
  assert.equal((await lookup(bed, tokens[0])).status, 200);
  assert.equal((await bed.root('POST', 'sys/leases/revoke-prefix/auth/team', { sync: true })).status, 204);
  for (const token of tokens) assert.equal((await lookup(bed, token)).status, 403);
  assert.equal((await lookup(bed, other.json.auth.client_token)).status, 200);
  assert.deepEqual(await bed.core.storage.range('token/login/'), []);
  assert.deepEqual(await bed.core.storage.range('token/mount/'), []);
});

test('revoking all leases of a method ends logins from before it was moved as well', async () => {
  const bed = await openStore();
  const { client_token: token } = (await login(bed)).json.auth;
  await bed.root('POST', 'sys/remount', { from: 'auth/team', to: 'auth/crew' });
  await bed.root('POST', 'sys/auth/other', { type: 'believing' });
  const other = (await bed.ask('POST', 'auth/other/login', { body: {} })).json.auth.client_token;
  assert.equal((await bed.root('PUT', 'sys/leases/revoke-prefix/auth/cre')).status, 204);
  assert.equal((await lookup(bed, token)).status, 200);
  assert.equal((await bed.root('PUT', 'sys/leases/revoke-prefix/auth/crew', { sync: true })).status, 204);
  assert.deepEqual([(await lookup(bed, token)).status, (await lookup(bed, other)).status], [403, 200]);
});

test('a token that ends by time leaves no trace of its login', async () => {
  const bed = await openStore();
  await login(bed, { token_ttl: '1m' });
  await bed.clock.advance(180_000);
  await bed.core.revocation.expire(bed.core.tokens.nowSeconds());
  assert.deepEqual(await bed.core.storage.range('token/login/'), []);
  assert.deepEqual(await bed.core.storage.range('token/mount/'), []);
});

test('a login is found, read and revoked among leases by its own name, and not renewed there', async () => {
  const bed = await openStore();
  await bed.root('POST', 'sys/auth/other', { type: 'believing' });
  await bed.ask('POST', 'auth/other/login', { body: {} });
  const { auth } = (await login(bed, { token_ttl: '1h' })).json;
  const id = `auth/team/login/h${auth.accessor}`;
  const keysIn = async (folder: string) => (await bed.root('LIST', `sys/leases/lookup/${folder}`)).json.data?.keys;
  assert.deepEqual(await keysIn(''), ['auth/']);
  assert.deepEqual(await keysIn('auth'), ['other/', 'team/']);
  assert.deepEqual(await keysIn('auth/team'), ['login/']);
  assert.deepEqual(await keysIn('auth/team/login'), [`h${auth.accessor}`]);
  const { data } = (await bed.root('POST', 'sys/leases/lookup', { lease_id: id })).json;
  assert.deepEqual([data.id, data.path, data.ttl, data.renewable], [id, 'auth/team/login', 3600, true]);
  const renewed = await bed.root('POST', 'sys/leases/renew', { lease_id: id });
  assert.deepEqual(renewed.json.errors, ['tokens cannot be renewed through this endpoint']);
  for (const wrong of [`auth/other/login/h${auth.accessor}`, `${id}x`, `auth/team/login/${auth.accessor}`])
    assert.equal((await bed.root('POST', 'sys/leases/lookup', { lease_id: wrong })).status, 400, wrong);
  assert.equal(
    (await bed.root('POST', 'sys/leases/revoke', { lease_id: `auth/other/login/h${auth.accessor}` })).status,
    204,
  );
  assert.equal((await lookup(bed, auth.client_token)).status, 200);
  assert.equal((await bed.root('POST', 'sys/leases/revoke', { lease_id: id })).status, 204);
  assert.equal((await lookup(bed, auth.client_token)).status, 403);
  assert.deepEqual(await keysIn('auth'), ['other/']);
});

test('tokens that no auth method vouched for are no logins', async () => {
  const bed = await openStore();
  const made = await bed.root('POST', 'auth/token/create', { policies: ['default'] });
  const id = `auth/token/create/h${made.json.auth.accessor}`;
  assert.equal((await bed.root('POST', 'sys/leases/lookup', { lease_id: id })).status, 400);
  assert.equal((await bed.root('POST', 'sys/leases/revoke', { lease_id: id })).status, 204);
  assert.equal((await lookup(bed, made.json.auth.client_token)).status, 200);
});
