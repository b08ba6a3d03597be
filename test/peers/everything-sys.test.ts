/** Every operation of sys beside keys, and of tokens: mounts, policies, capabilities, audit, what the UI and CLI ask. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { type Answer, type Api, apiOf, assertEnvelope, auditBlock, initialise, startConfigured } from './calls.ts';
import { newFolder, type ServerProcess } from './server.ts';

const monthSeconds = 2_764_800;
const folder = newFolder();

let server: ServerProcess;
let api: Api;

before(async () => {
  server = await startConfigured({
    folder,
    more: `${auditBlock(folder)}unsafe_allow_api_audit_creation = true\nintrospection_endpoint = true\n`,
  });
  api = apiOf(server.address);
  await initialise(api, 3, 2);
});

after(async () => {
  await server.stop();
});

/** Both in `data` and at the top, as old clients read it. */
const inBoth = (answer: Answer, name: string): Answer => {
  assertEnvelope(answer);
  assert.deepEqual(answer[name], answer.data[name], name);
  return answer.data[name];
};

test('mounts: list, enable, read, tune, move, disable', async () => {
  const fresh = await api.call('GET', 'sys/mounts');
  for (const name of ['cubbyhole/', 'sys/']) assert.equal(typeof inBoth(fresh, name).accessor, 'string');
  const config = { default_lease_ttl: '1h', max_lease_ttl: 7200, listing_visibility: 'unauth', force_no_cache: true };
  const body = { type: 'kv', description: 'team', options: { version: '2' }, config, seal_wrap: false, local: false };
  await api.call('POST', 'sys/mounts/team/kv', { body, status: 204 });
  await api.call('PUT', 'sys/mounts/old', { body: { type: 'kv-v1' }, status: 204 });
  const { data } = await api.call('GET', 'sys/mounts/team/kv');
  assert.deepEqual([data.type, data.description, data.options], ['kv', 'team', { version: '2' }]);
  assert.match(data.accessor, /^kv_[0-9a-f]{8}$/);
  assert.deepEqual(
    [data.config.default_lease_ttl, data.config.max_lease_ttl, data.config.listing_visibility],
    [3600, 7200, 'unauth'],
  );
  assert.deepEqual((await api.call('GET', 'sys/mounts/old/tune')).data.max_lease_ttl, monthSeconds);
  assert.deepEqual(inBoth(await api.call('GET', 'sys/mounts'), 'old/').options, { version: '1' });
  await api.call('POST', 'sys/mounts/old/tune', { body: { description: 'new', default_lease_ttl: '2h' }, status: 204 });
  const tuned = await api.call('GET', 'sys/mounts/old/tune');
  assert.deepEqual([tuned.data.description, tuned.data.default_lease_ttl], ['new', 7200]);
  await api.call('POST', 'old/x', { body: { k: 'v' }, status: 204 });
  const upgrade = await fetch(`${server.address}/v1/sys/mounts/old/tune`, {
    method: 'POST',
    headers: { 'X-Vault-Token': api.token ?? '' },
    body: JSON.stringify({ options: { version: '2' } }),
  });
  assert.ok(upgrade.ok, await upgrade.text());
  assert.equal((await api.call('GET', 'old/data/x')).data.data.k, 'v');
  const moved = inBoth(
    await api.call('POST', 'sys/remount', { body: { from: 'old', to: 'new/place' } }),
    'migration_id',
  );
  const status = await api.call('GET', `sys/remount/status/${moved}`);
  assert.deepEqual(status.data.migration_info, { source_mount: 'old/', target_mount: 'new/place/', status: 'success' });
  assert.equal((await api.call('GET', 'new/place/data/x')).data.data.k, 'v');
  await api.call('DELETE', 'sys/mounts/new/place', { status: 204 });
  await api.call('DELETE', 'sys/mounts/new/place', { status: 204 });
  const gone = await api.call('GET', 'new/place/data/x', { status: 404 });
  assert.deepEqual(gone.errors, ['no handler for route "new/place/data/x". route entry not found.']);
});

test('mounts that cannot be made are refused with the reason', async () => {
  const refused: readonly (readonly [path: string, body: object, message: RegExp])[] = [
    ['sys/mounts/team/kv', { type: 'kv' }, /^path is already in use at team\/kv\/$/],
    ['sys/mounts/team', { type: 'kv' }, /./],
    ['sys/mounts/team/kv/below', { type: 'kv' }, /./],
    ['sys/mounts/sys', { type: 'kv' }, /./],
    ['sys/mounts/auth/x', { type: 'kv' }, /./],
    ['sys/mounts/cubbyhole', { type: 'kv' }, /./],
    ['sys/mounts/a', { type: 'no-such' }, /no-such/],
    ['sys/mounts/a', { type: 'kv', options: { version: '3' } }, /version/],
    ['sys/mounts/a', { type: 'cubbyhole', options: { version: '2' } }, /./],
    ['sys/mounts/a', {}, /type/],
    ['sys/mounts/a', { type: 'kv', config: { default_lease_ttl: '2h', max_lease_ttl: '1h' } }, /greater/],
    ['sys/mounts/a', { type: 'kv', config: { default_lease_ttl: 'soon' } }, /default_lease_ttl/],
    ['sys/mounts/a', { type: 'kv', config: 7 }, /config/],
    ['sys/auth/a', { type: 'userpass' }, /userpass/],
    ['sys/auth/a', { type: 'kv' }, /kv/],
    ['sys/auth/token', { type: 'token' }, /./],
    ['sys/remount', { from: 'nowhere', to: 'b' }, /nowhere/],
    ['sys/remount', { from: 'sys', to: 'b' }, /./],
    ['sys/remount', { from: 'team/kv', to: 'auth/b' }, /./],
  ];
  for (const [target, body, message] of refused) {
    const told = await api.call('POST', target, { body, status: 400 });
    assert.match(told.errors[0], message, `${target} ${JSON.stringify(body)}`);
  }
  const none = await api.call('GET', 'sys/mounts/none', { status: 400 });
  assert.match(none.errors[0], /^No secret engine mount at none\/$/);
  await api.call('GET', 'sys/mounts/none/tune', { status: 400 });
});

test('auth: list, read, tune under both names, enable only what there is, disable', async () => {
  const token = inBoth(await api.call('GET', 'sys/auth'), 'token/');
  assert.deepEqual([token.type, token.config.token_type], ['token', 'default-service']);
  assert.equal((await api.call('GET', 'sys/auth/token')).data.accessor, token.accessor);
  const told = await api.call('POST', 'sys/auth/approle', { body: { type: 'approle' }, status: 400 });
  assert.match(told.errors[0], /plugin not found in the catalog.*approle/);
  await api.call('POST', 'sys/auth/west', { body: { type: 'kubernetes', description: 'ours' }, status: 204 });
  const west = inBoth(await api.call('GET', 'sys/auth'), 'west/');
  assert.deepEqual([west.type, west.description], ['kubernetes', 'ours']);
  await api.call('DELETE', 'sys/auth/west', { status: 204 });
  assert.equal((await api.call('GET', 'sys/auth')).data['west/'], undefined);
  await api.call('DELETE', 'sys/auth/none', { status: 204 });
  await api.call('DELETE', 'sys/auth/token', { status: 400 });
  for (const target of ['sys/auth/token/tune', 'sys/mounts/auth/token/tune']) {
    const { data } = await api.call('GET', target);
    assert.deepEqual([data.token_type, data.max_lease_ttl], ['default-service', monthSeconds]);
    await api.call('POST', target, { body: { description: target }, status: 204 });
    assert.equal((await api.call('GET', target)).data.description, target);
  }
});

test('policies: list, write, read, delete under both names', async () => {
  const text = 'path "team/*" { capabilities = ["read", "list"] }';
  await api.call('PUT', 'sys/policies/acl/Reader', { body: { policy: text }, status: 204 });
  const list = await api.call('LIST', 'sys/policies/acl');
  assert.deepEqual(list.data, { keys: ['default', 'reader', 'root'] });
  assert.deepEqual((await api.call('GET', 'sys/policies/acl?list=true')).data, list.data);
  await api.call('GET', 'sys/policies/acl', { status: 405 });
  const { data } = await api.call('GET', 'sys/policies/acl/READER');
  assert.deepEqual([data.name, data.policy, data.version, data.cas_required], ['reader', text, 1, false]);
  const encoded = Buffer.from(text).toString('base64');
  await api.call('POST', 'sys/policies/acl/reader', { body: { policy: encoded }, status: 204 });
  await api.call('POST', 'sys/policies/acl/reader', { body: { policy: text, cas: 1 }, status: 400 });
  assert.equal((await api.call('GET', 'sys/policies/acl/reader')).data.policy, text);
  await api.call('PUT', 'sys/policy/legacy', { body: { rules: text }, status: 204 });
  const legacy = await api.call('GET', 'sys/policy/legacy');
  assert.equal(inBoth(legacy, 'rules'), text);
  for (const method of ['GET', 'LIST']) {
    const all = await api.call(method, 'sys/policy');
    assert.deepEqual(inBoth(all, 'keys'), ['default', 'legacy', 'reader', 'root']);
    assert.deepEqual(inBoth(all, 'policies'), ['default', 'legacy', 'reader', 'root']);
  }
  await api.call('DELETE', 'sys/policy/legacy', { status: 204 });
  await api.call('DELETE', 'sys/policy/legacy', { status: 204 });
  await api.call('GET', 'sys/policies/acl/legacy', { status: 404 });
  await api.call('DELETE', 'sys/policies/acl/none', { status: 204 });
});

test('request headers are on record as they came, and credentials as hashes', async () => {
  const place = 'sys/config/auditing/request-headers';
  await api.call('POST', `${place}/X-Team`, { body: { hmac: false }, status: 204 });
  await api.call('POST', `${place}/authorization`, { body: { hmac: true }, status: 204 });
  assert.deepEqual((await api.call('GET', place)).data.headers, {
    authorization: { hmac: true },
    'x-team': { hmac: false },
  });
  const team = Buffer.from('rot, blåt').toString('latin1');
  const headers = { Authorization: `Bearer ${api.token}`, 'X-Team': team, 'X-Other': 'none of it' };
  const { request_id } = await api.call('GET', 'sys/key-status', { token: '', headers });
  const lines = readFileSync(path.join(folder, 'audit.log'), 'utf8').trim().split('\n');
  const records = lines.map(line => JSON.parse(line)).filter(({ request }) => request?.id === request_id);
  assert.equal(records.length, 2);
  for (const { request } of records) {
    const { authorization, ...rest } = request.headers;
    assert.deepEqual(rest, { 'x-team': ['rot, blåt'] });
    assert.match(authorization[0], /^hmac-sha256:[0-9a-f]{64}$/);
  }
  for (const name of ['x-team', 'authorization']) await api.call('DELETE', `${place}/${name}`, { status: 204 });
});

test('capabilities: of the caller, of a token, of an accessor', async () => {
  const { auth } = await api.call('POST', 'auth/token/create', { body: { policies: ['reader'], ttl: '1h' } });
  const paths = { paths: ['team/x', '/other'] };
  const wanted = { 'team/x': ['list', 'read'], '/other': ['deny'] };
  const self = await api.call('POST', 'sys/capabilities-self', { body: paths, token: auth.client_token });
  assert.deepEqual(self.data, wanted);
  assert.deepEqual(self['team/x'], ['list', 'read']);
  const body = { ...paths, token: auth.client_token };
  assert.deepEqual((await api.call('PUT', 'sys/capabilities', { body })).data, wanted);
  const accessor = { path: 'team/x', accessor: auth.accessor };
  const one = await api.call('POST', 'sys/capabilities-accessor', { body: accessor });
  assert.deepEqual(inBoth(one, 'capabilities'), ['list', 'read']);
  assert.deepEqual((await api.call('POST', 'sys/capabilities-self', { body: paths })).data['team/x'], ['root']);
  await api.call('POST', 'sys/capabilities-self', { body: {}, status: 400 });
});

test('audit: devices are listed, made, hashed with, removed, and wrote down what was asked', async () => {
  const main = inBoth(await api.call('GET', 'sys/audit'), 'main/');
  assert.deepEqual([main.type, main.path, main.local], ['file', 'main/', false]);
  const options = { file_path: path.join(folder, 'second.log') };
  const body = { type: 'file', description: 'two', options };
  await api.call('PUT', 'sys/audit/second', { body, status: 204 });
  await api.call('POST', 'sys/audit/second', { body, status: 400 });
  await api.call('POST', 'sys/audit/third', { body: { type: 'socket' }, status: 400 });
  await api.call('POST', 'sys/mounts/hashed', { body: { type: 'kv', description: 'find me' }, status: 204 });
  const { data } = await api.call('POST', 'sys/audit-hash/second', { body: { input: 'find me' } });
  assert.match(data.hash, /^hmac-sha256:[0-9a-f]{64}$/);
  const log = readFileSync(options.file_path, 'utf8');
  assert.ok(log.includes(data.hash) && !log.includes('find me'));
  await api.call('DELETE', 'sys/audit/second', { status: 204 });
  await api.call('DELETE', 'sys/audit/main', { status: 400 });
  assert.deepEqual(Object.keys((await api.call('GET', 'sys/audit')).data), ['main/']);
  await api.call('POST', 'sys/audit-hash/second', { body: { input: 'x' }, status: 400 });
});

test('the node, its versions, its mounts and the request itself, where the configuration opens them', async () => {
  const { version } = await api.call('GET', 'sys/health', { token: '' });
  const { nodes } = (await api.call('GET', 'sys/ha-status')).data;
  assert.deepEqual([nodes.length, nodes[0].active_node, nodes[0].version], [1, true, version]);
  const history = (await api.call('LIST', 'sys/version-history')).data;
  assert.deepEqual(history.keys, [version]);
  assert.ok(Date.parse(history.key_info[version].timestamp_installed) <= Date.now());
  assert.equal((await api.call('GET', 'sys/config/state/sanitized')).data.introspection_endpoint, true);
  const found = (await api.call('GET', 'sys/internal/inspect/router/accessor')).data.accessor;
  assert.ok(found.some((one: Answer) => one.mount_path === 'cubbyhole/' && one.accessor.startsWith('cubbyhole_')));
  const seen = (await api.call('GET', 'sys/internal/inspect/request')).data;
  assert.deepEqual([seen.remote_address, seen.path], ['127.0.0.1', 'sys/internal/inspect/request']);
  assert.ok((await api.call('GET', 'sys/internal/counters/tokens')).data.counters.service_tokens.total >= 1);
  assert.deepEqual((await api.call('GET', 'sys/internal/ui/namespaces', { token: '' })).data, {});
});

test('what the command and the UI ask: mounts, preflight, merged rights, the API itself', async () => {
  const strangers = await api.call('GET', 'sys/internal/ui/mounts', { token: '' });
  assert.deepEqual(strangers.data, {
    auth: {},
    secret: { 'team/kv/': { type: 'kv', description: 'team', options: { version: '2' } } },
  });
  const all = await api.call('GET', 'sys/internal/ui/mounts');
  assert.ok(Object.hasOwn(all.data.secret, 'sys/') && Object.hasOwn(all.data.auth, 'token/'));
  const preflight = await api.call('GET', 'sys/internal/ui/mounts/team/kv/some/secret');
  assert.deepEqual([preflight.data.path, preflight.data.options.version], ['team/kv/', '2']);
  const { auth } = await api.call('POST', 'auth/token/create', { body: { policies: ['reader'] } });
  const refused = await api.call('GET', 'sys/internal/ui/mounts/hashed/x', { token: auth.client_token, status: 403 });
  assert.match(refused.errors[0], /^preflight capability check returned 403, please ensure .* path "hashed\/x\/"$/);
  const root = await api.call('GET', 'sys/internal/ui/resultant-acl');
  assert.equal(root.data.root, true);
  const acl = await api.call('GET', 'sys/internal/ui/resultant-acl', { token: auth.client_token });
  assert.deepEqual(acl.data.glob_paths['team/'], { capabilities: ['list', 'read'] });
  for (const method of ['GET', 'POST']) {
    const spec = await api.call(method, 'sys/internal/specs/openapi');
    assert.match(spec.openapi, /^3\./);
    assert.ok(Object.hasOwn(spec.paths, '/team/kv/data/{path}'));
  }
  const open = await api.call('GET', 'sys/internal/specs/openapi?generic_mount_paths=true', { token: '' });
  assert.ok(Object.hasOwn(open.paths, '/sys/health') && !Object.hasOwn(open.paths, '/team/kv/data/{path}'));
});
