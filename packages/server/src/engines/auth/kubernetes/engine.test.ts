/** Configuration, roles and refusals on a bed without a cluster; logins on a real one: `test/peers/kubernetes-auth.test.ts`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CofferError } from '@coffer/schema/errors.ts';
import { Secret } from '@coffer/schema/secret.ts';
import { EngineBed } from '../../../../../../test/conformance/engine-bed.ts';
import type { OutsideAnswer } from '../../../contracts/outside.ts';
import { kubernetesAuth } from './engine.ts';

const host = 'https://10.0.0.1:6443';
const bound = { bound_service_account_names: 'web', bound_service_account_namespaces: 'shop' };
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = `${part({ alg: 'RS256', kid: 'k' })}.${part({ sub: 'x' })}.${part({ s: 1 })}`;

const open = async (config: object = {}, role: object = {}): Promise<EngineBed> => {
  const bed = new EngineBed(kubernetesAuth);
  assert.equal((await bed.call('write', 'config', { body: { kubernetes_host: host, ...config } })).status, 204);
  assert.equal((await bed.call('write', 'role/app', { body: { ...bound, ...role } })).status, 204);
  return bed;
};

/** An API server that is faked: always the same answer. */
const answering = (status: number, body: object | string): ((call: unknown) => Promise<OutsideAnswer>) => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return async () => ({ status, body: new TextEncoder().encode(text) });
};

test('a configuration is read as it was written, without the token', async () => {
  const bed = await open({ token_reviewer_jwt: 'canary', kubernetes_ca_cert: '-----BEGIN CERTIFICATE-----' });
  assert.deepEqual((await bed.call('read', 'config')).data, {
    kubernetes_host: host,
    kubernetes_ca_cert: '-----BEGIN CERTIFICATE-----',
    pem_keys: [],
    issuer: '',
    disable_iss_validation: true,
    disable_local_ca_jwt: false,
    jwt_validation: 'token_review',
    use_annotations_as_alias_metadata: false,
    token_reviewer_jwt_set: true,
  });
  await bed.call('write', 'config', { body: { kubernetes_host: host } });
  assert.deepEqual((await bed.call('read', 'config')).text.includes('"token_reviewer_jwt_set":false'), true);
});

test('the API server is named by host, host and port, or URL', async () => {
  const bed = new EngineBed(kubernetesAuth);
  const kept = async (given: string): Promise<unknown> => {
    const { status, error } = await bed.call('write', 'config', { body: { kubernetes_host: given } });
    if (status !== 204) return error;
    return ((await bed.call('read', 'config')).data as { readonly kubernetes_host: string }).kubernetes_host;
  };
  assert.equal(await kept('kubernetes.default.svc'), 'https://kubernetes.default.svc');
  assert.equal(await kept('10.0.0.1:6443'), host);
  assert.equal(await kept('https://a/k8s/clusters/c-1/'), 'https://a/k8s/clusters/c-1');
  assert.equal(await kept('http://127.0.0.1:8001'), 'http://127.0.0.1:8001');
  assert.equal(await kept(''), 'no host provided');
  for (const bad of [
    'http://a',
    'ftp://a',
    'https://a:b@c',
    'https://a?b',
    'https://a#b',
    'https://',
    'https://a?',
    'https://a#',
    'a b',
  ])
    assert.match(String(await kept(bad)), /^kubernetes_host: expected /, bad);
});

test('what is no key or certificate is refused when it is configured', async () => {
  const bed = new EngineBed(kubernetesAuth);
  for (const body of [
    { pem_keys: ['x'] },
    { kubernetes_ca_cert: 'x' },
    { jwt_validation: 'none' },
    { token_reviewer_jwt: 'a\nb' },
  ])
    assert.equal((await bed.call('write', 'config', { body: { kubernetes_host: host, ...body } })).status, 400);
  assert.equal((await bed.call('read', 'config')).status, 404);
});

test('a role keeps what is not sent again, and has one name in any case', async () => {
  const bed = await open({}, { token_ttl: '1h', policies: ['A', '', 'b', ' a '], audience: 'x' });
  await bed.call('write', 'role/APP', { body: { token_max_ttl: '2h' } });
  const { data } = await bed.call('read', 'role/App');
  assert.deepEqual(data, {
    bound_service_account_names: ['web'],
    bound_service_account_namespaces: ['shop'],
    bound_service_account_namespace_selector: '',
    audience: 'x',
    alias_name_source: 'serviceaccount_uid',
    token_ttl: 3600,
    token_max_ttl: 7200,
    token_policies: ['a', 'b'],
    token_bound_cidrs: [],
    token_strictly_bind_ip: false,
    token_explicit_max_ttl: 0,
    token_no_default_policy: false,
    token_num_uses: 0,
    token_period: 0,
    token_type: 'default',
  });
  assert.deepEqual((await bed.call('list', 'role')).data, { keys: ['app'] });
  await bed.call('delete', 'role/App');
  assert.equal((await bed.call('read', 'role/app')).status, 404);
  assert.equal((await bed.call('list', 'role')).status, 404);
});

test('a role that binds nothing, or contradicts itself, is refused', async () => {
  const bed = new EngineBed(kubernetesAuth);
  for (const body of [
    {},
    { bound_service_account_names: 'a' },
    { bound_service_account_namespaces: 'a' },
    { ...bound, bound_service_account_names: ['*', 'a'] },
    { ...bound, bound_service_account_namespaces: ['*', 'a'] },
    { ...bound, bound_service_account_namespace_selector: 'x' },
    { ...bound, alias_name_source: 'other' },
    { ...bound, token_ttl: '2h', token_max_ttl: '1h' },
    { ...bound, token_type: 'batch', token_period: '1h' },
    { ...bound, token_type: 'default-batch', token_num_uses: 1 },
    { ...bound, token_type: 'batch', token_explicit_max_ttl: '1h' },
    { ...bound, token_num_uses: -1 },
    { ...bound, token_policies: ['ROOT '] },
    { ...bound, token_bound_cidrs: '10.0.0.0/33' },
    { ...bound, token_bound_cidrs: '10.0.0.256' },
    { ...bound, token_bound_cidrs: 'fe80::/129' },
    { ...bound, token_bound_cidrs: 'a' },
    { ...bound, token_bound_cidrs: Array(1001).fill('10.0.0.1') },
    { ...bound, token_policies: Array.from({ length: 1001 }, (_, index) => `p${index}`) },
  ])
    assert.equal((await bed.call('write', 'role/app', { body })).status, 400, JSON.stringify(body));
  const good = { ...bound, token_bound_cidrs: '10.0.0.0/8,::1,fd00::/8,::ffff:10.0.0.1' };
  assert.equal((await bed.call('write', 'role/app', { body: good })).status, 204);
});

test('whatever else the API server says is no refusal of who logs in', async () => {
  const bed = await open({ token_reviewer_jwt: 'r' });
  for (const [status, body] of [
    [500, {}],
    [429, {}],
    [302, {}],
    [409, {}],
    [201, 'no JSON'],
    [401, {}],
    [403, {}],
  ] as const) {
    bed.http = answering(status, body);
    assert.equal((await bed.call('write', 'login', { body: { role: 'app', jwt } })).status, 502, String(status));
  }
  bed.http = () => Promise.reject(new CofferError('quota_exceeded', 'wait'));
  assert.equal((await bed.call('write', 'login', { body: { role: 'app', jwt } })).status, 429);
});

test('a review that does not say in so many words who it is lets nobody in', async () => {
  const bed = await open({ token_reviewer_jwt: 'r' });
  const username = 'system:serviceaccount:shop:web';
  for (const status of [
    {},
    { authenticated: 'true', user: { username, uid: 'u' } },
    { authenticated: true },
    { authenticated: true, user: { username } },
    { authenticated: true, user: { username: 'web', uid: 'u' } },
    { authenticated: true, user: { username: `${username}:x`, uid: 'u' } },
    { authenticated: true, user: { username: 'system:serviceaccount::web', uid: 'u' } },
    { authenticated: true, user: [username] },
    null,
    'x',
  ]) {
    bed.http = answering(201, { status });
    const { status: told, error } = await bed.call('write', 'login', { body: { role: 'app', jwt } });
    assert.deepEqual([told, error], [403, 'permission denied'], JSON.stringify(status));
  }
  bed.http = answering(201, { status: { authenticated: true, user: { username, uid: 'u' } } });
  assert.equal((await bed.call('write', 'login', { body: { role: 'app', jwt } })).error, undefined);
});

test('an audience that the API server does not confirm is none', async () => {
  const bed = await open({ token_reviewer_jwt: 'r' }, { audience: 'coffer' });
  const user = { username: 'system:serviceaccount:shop:web', uid: 'u' };
  for (const [audiences, wanted] of [
    [undefined, 403],
    [[], 403],
    [['other'], 403],
    ['coffer', 403],
    [['a', 'coffer'], undefined],
  ] as const) {
    bed.http = answering(201, { status: { authenticated: true, user, audiences } });
    const { status, error } = await bed.call('write', 'login', { body: { role: 'app', jwt } });
    assert.equal(error === undefined ? undefined : status, wanted, JSON.stringify(audiences));
  }
});

test('the token of the server’s own pod is shown to the pod’s own cluster alone', async () => {
  const authority = '-----BEGIN CERTIFICATE-----\nours\n';
  const shownWith = async (config: object): Promise<readonly (string | undefined)[]> => {
    const bed = await open(config);
    bed.pod = async () => ({ caPem: authority, token: Secret.of('pod-token') });
    let seen: readonly (string | undefined)[] = [];
    bed.http = async ({ headers, caPem }) => {
      seen = [headers.get('authorization'), caPem];
      return { status: 201, body: new TextEncoder().encode('{}') };
    };
    await bed.call('write', 'login', { body: { role: 'app', jwt } });
    return seen;
  };
  const theirs = '-----BEGIN CERTIFICATE-----\ntheirs\n';
  assert.deepEqual(await shownWith({}), ['Bearer pod-token', authority]);
  assert.deepEqual(await shownWith({ kubernetes_ca_cert: authority.trim() }), ['Bearer pod-token', authority.trim()]);
  assert.deepEqual(await shownWith({ kubernetes_ca_cert: theirs }), [`Bearer ${jwt}`, theirs]);
  assert.deepEqual(await shownWith({ token_reviewer_jwt: 'r\n' }), ['Bearer r', authority]);
  assert.deepEqual(await shownWith({ disable_local_ca_jwt: true }), [`Bearer ${jwt}`, undefined]);
  const [unencrypted] = await shownWith({ kubernetes_host: 'http://127.0.0.1:8001' });
  assert.equal(unencrypted, `Bearer ${jwt}`);
});

test('a selector is JSON or YAML, and is shown as it was given', async () => {
  const field = 'bound_service_account_namespace_selector';
  for (const text of [
    '{"matchLabels":{"a":"b"}}',
    'matchLabels:\n  a: b\nmatchExpressions:\n- key: c\n  operator: Exists\n',
  ]) {
    const bed = await open({}, { [field]: text });
    assert.equal(((await bed.call('read', 'role/app')).data as { readonly [name: string]: unknown })[field], text);
  }
  const bed = await open();
  for (const text of ['matchLabels: [', 'a: canary', 'canary', '{"matchLabels":{"a":1}}', 'a: &a [*a]']) {
    const { status, error = '' } = await bed.call('write', 'role/app', { body: { [field]: text } });
    assert.equal(status, 400, text);
    assert.ok(error.includes(field) && !error.includes('canary'), error);
  }
});

test('S14: of many who wait for the keys of a cluster that is away, one asks it', async () => {
  const bed = await open({ jwt_validation: 'signature' }, { audience: 'a' });
  let calls = 0;
  const away = Promise.withResolvers<never>();
  bed.http = () => {
    calls++;
    return away.promise;
  };
  const all = Array.from({ length: 70 }, () => bed.call('write', 'login', { body: { role: 'app', jwt } }));
  for (let turn = 0; turn < 20; turn++) await new Promise(done => setImmediate(done));
  away.reject(new CofferError('unreachable', 'away'));
  const statuses = (await Promise.all(all)).map(({ status }) => status);
  assert.deepEqual(
    [calls, statuses.filter(one => one === 502).length, statuses.filter(one => one === 429).length],
    [1, 64, 6],
  );
  bed.http = answering(200, { keys: [] });
  assert.equal((await bed.call('write', 'login', { body: { role: 'app', jwt } })).status, 403);
});

test('a namespace that is gone has no labels that could be missing', async () => {
  const user = { username: 'system:serviceaccount:shop:web', uid: 'u' };
  for (const selector of ['{}', '{"matchExpressions":[{"key":"a","operator":"DoesNotExist"}]}']) {
    const bed = await open(
      { token_reviewer_jwt: 'r' },
      { bound_service_account_namespaces: '', bound_service_account_namespace_selector: selector },
    );
    let namespace = 404;
    bed.http = call =>
      call.method === 'POST'
        ? answering(201, { status: { authenticated: true, user } })(call)
        : answering(namespace, {})(call);
    const { status, error } = await bed.call('write', 'login', { body: { role: 'app', jwt } });
    assert.deepEqual([status, error], [403, 'namespace not authorized'], selector);
    namespace = 200;
    assert.equal((await bed.call('write', 'login', { body: { role: 'app', jwt } })).error, undefined, selector);
  }
});

test('a role or a cluster that changes while the API server is asked admits by what it then is', async () => {
  const user = { username: 'system:serviceaccount:shop:web', uid: 'u' };
  const change = async (verb: 'write' | 'delete', path: string, body: object = {}) => {
    const bed = await open({ token_reviewer_jwt: 'r' });
    let calls = 0;
    bed.http = async call => {
      if (calls++ === 0) await bed.call(verb, path, { body });
      return answering(201, { status: { authenticated: true, user } })(call);
    };
    const { status, error } = await bed.call('write', 'login', { body: { role: 'app', jwt } });
    return [error === undefined ? 'admitted' : status, error, calls];
  };
  assert.deepEqual(await change('delete', 'role/app'), [400, 'invalid role name "app"', 1]);
  assert.deepEqual(await change('write', 'role/app', { bound_service_account_names: 'other' }), [
    403,
    'service account name not authorized',
    2,
  ]);
  assert.deepEqual(await change('write', 'role/app', { token_ttl: '1h' }), ['admitted', undefined, 2]);
  assert.deepEqual(await change('write', 'config', { kubernetes_host: host }), ['admitted', undefined, 2]);
  assert.deepEqual(await change('write', 'role/other', bound), ['admitted', undefined, 1]);
});

test('a role that never stays as it is keeps no login for ever', async () => {
  const user = { username: 'system:serviceaccount:shop:web', uid: 'u' };
  const bed = await open({ token_reviewer_jwt: 'r' });
  bed.http = async call => {
    await bed.call('write', 'role/app', { body: {} });
    return answering(201, { status: { authenticated: true, user } })(call);
  };
  assert.equal((await bed.call('write', 'login', { body: { role: 'app', jwt } })).status, 409);
});

test('S11: a token in the place of the role is not repeated', async () => {
  const bed = await open();
  const told = async (role: string) => (await bed.call('write', 'login', { body: { role, jwt } })).error;
  assert.deepEqual(
    [await told('other'), await told(`${jwt}${jwt}`)],
    ['invalid role name "other"', 'invalid role name'],
  );
});
