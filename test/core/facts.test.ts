/** The answers that clients of other stores know by heart: status and words, as the fact sheet quotes them. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { type Bed, openBed, type Told } from './bed.ts';
import { openFull, tokenWith } from './places.ts';

interface Case {
  readonly ask: string;
  readonly body?: object;
  readonly headers?: { readonly [name: string]: string };
  readonly status: number;
  /** All errors, or what the first must match. */
  readonly errors?: readonly string[] | RegExp;
}

const inside = (message: string): readonly string[] => [`1 error occurred:\n\t* ${message}\n\n`];

let bed: Bed;

before(async () => {
  bed = await openFull();
});

const send = ({ ask, body, headers }: Case, token = bed.rootToken): Promise<Told> => {
  const [method = '', path = ''] = ask.split(' ');
  return bed.ask(method, path, { token, body, ...(headers === undefined ? {} : { headers }) });
};

const holds = async (one: Case, token?: string): Promise<void> => {
  const told = await send(one, token);
  assert.equal(told.status, one.status, `${one.ask}: ${told.text}`);
  if (one.errors instanceof RegExp) assert.match(told.json.errors[0], one.errors, one.ask);
  else if (one.errors !== undefined) assert.deepEqual(told.json.errors, one.errors, one.ask);
};

const policy = 'path "a" { capabilities = ["read"] }';

const cases: readonly (readonly [part: string, cases: readonly Case[]])[] = [
  [
    'requests',
    [
      { ask: 'OPTIONS sys/mounts', status: 400, errors: ['cannot handle internal-only request operation'] },
      { ask: 'TRACE sys/mounts', status: 405, errors: [] },
      { ask: 'GET secret/metadata?list=true&scan=true', status: 400 },
      { ask: 'GET secret/metadata?list=maybe', status: 400 },
      { ask: 'POST one/a/', body: { a: 'b' }, status: 400, errors: ["cannot write to a path ending in '/'"] },
      { ask: 'PATCH secret/data/a/', body: {}, status: 400, errors: ["cannot write to a path ending in '/'"] },
      {
        ask: 'PATCH secret/data/a',
        body: {},
        headers: { 'content-type': 'application/json' },
        status: 415,
        errors: ['PATCH requires Content-Type of application/merge-patch+json, provided application/json'],
      },
      { ask: 'GET sys/mounts', headers: { 'x-vault-namespace': 'x' }, status: 404, errors: ['namespace not found'] },
      { ask: 'GET sys/mounts', headers: { 'x-vault-namespace': 'root' }, status: 200 },
      { ask: 'GET sys/mounts', headers: { 'x-vault-policy-override': 'true' }, status: 200 },
      { ask: 'GET sys/mounts', headers: { 'x-vault-index': 'abc', 'x-vault-inconsistent': 'retry' }, status: 200 },
      { ask: 'GET sys/mounts', headers: { 'x-vault-no-request-forwarding': 'true' }, status: 200 },
      {
        ask: 'GET sys/mounts',
        headers: { 'x-vault-wrap-ttl': '-1' },
        status: 400,
        errors: ['requested wrap ttl cannot be negative'],
      },
      { ask: 'GET none/a', status: 404, errors: ['no handler for route "none/a". route entry not found.'] },
      { ask: 'GET sys/nothing', status: 404, errors: inside('unsupported path') },
      { ask: 'GET sys/policies/acl', status: 405, errors: inside('unsupported operation') },
      { ask: 'PATCH one/a', body: {}, status: 405, errors: inside('unsupported operation') },
      { ask: 'DELETE sys/mounts', status: 405, errors: inside('unsupported operation') },
      { ask: 'GET one/none', status: 404, errors: [] },
      { ask: 'LIST one/none', status: 404, errors: [] },
      { ask: 'LIST secret/metadata/none', status: 404, errors: [] },
    ],
  ],
  [
    'init, unseal, rekey and new root tokens',
    [
      { ask: 'POST sys/init', body: {}, status: 400, errors: ['Vault is already initialized'] },
      { ask: 'POST sys/unseal', body: { reset: true }, status: 400, errors: ['vault is unsealed'] },
      {
        ask: 'POST sys/unseal',
        body: {},
        status: 400,
        errors: ["'key' must be specified in request body as JSON, or 'reset' set to true"],
      },
      { ask: 'GET sys/rekey/init', status: 405, errors: ['unsupported operation'] },
      { ask: 'POST sys/generate-root/attempt', body: {}, status: 405, errors: ['unsupported operation'] },
      { ask: 'POST sys/rotate/config', body: { max_operations: 5 }, status: 400 },
      { ask: 'POST sys/rotate/config', body: { interval: '1h' }, status: 400 },
    ],
  ],
  [
    'mounts',
    [
      { ask: 'GET sys/mounts/none', status: 400, errors: ['No secret engine mount at none/'] },
      { ask: 'POST sys/mounts/one', body: { type: 'kv' }, status: 400, errors: ['path is already in use at one/'] },
      { ask: 'POST sys/mounts/x', body: { type: 'cubbyhole', options: { version: '1' } }, status: 400 },
      { ask: 'DELETE sys/mounts/none', status: 204 },
      { ask: 'DELETE sys/auth/none', status: 204 },
      { ask: 'GET sys/internal/ui/mounts/one/x', status: 200 },
    ],
  ],
  [
    'policies',
    [
      { ask: 'PUT sys/policies/acl/x', body: {}, status: 400, errors: ["'policy' parameter not supplied or empty"] },
      { ask: 'PUT sys/policies/acl/root', body: { policy }, status: 400, errors: ['cannot update "root" policy'] },
      {
        ask: 'PUT sys/policies/acl/x',
        body: { policy: 'path "a" { capabilities = ["x"] }' },
        status: 400,
        errors: /^failed to parse policy: path "a": invalid capability "x"/,
      },
      { ask: 'DELETE sys/policies/acl/default', status: 400, errors: ['cannot delete default policy'] },
      { ask: 'DELETE sys/policies/acl/root', status: 400, errors: ['cannot delete "root" policy'] },
      { ask: 'DELETE sys/policies/acl/none', status: 204 },
      { ask: 'GET sys/policies/acl/none', status: 404, errors: [] },
      { ask: 'PUT sys/policies/acl/Upper', body: { policy }, status: 204 },
      { ask: 'GET sys/policies/acl/upper', status: 200 },
    ],
  ],
  [
    'tokens',
    [
      { ask: 'POST auth/token/create/none', body: {}, status: 400, errors: ['unknown role none'] },
      { ask: 'POST auth/token/lookup', body: { token: 'none' }, status: 403, errors: ['bad token'] },
      {
        ask: 'POST auth/token/lookup-accessor',
        body: { accessor: 'none' },
        status: 400,
        errors: inside('invalid accessor'),
      },
      { ask: 'POST auth/token/renew-self', body: {}, status: 400, errors: ['lease is not renewable'] },
      { ask: 'POST auth/token/revoke', body: { token: 'none' }, status: 204 },
      { ask: 'POST auth/token/tidy', status: 202 },
      { ask: 'POST auth/token/create', body: { type: 'batch', policies: ['a'], num_uses: 1 }, status: 400 },
      { ask: 'POST auth/token/create', body: { type: 'batch', policies: ['a'], period: '1h' }, status: 400 },
      { ask: 'POST auth/token/create', body: { type: 'batch', policies: ['a'], explicit_max_ttl: 60 }, status: 400 },
      { ask: 'POST auth/token/create', body: { type: 'batch', policies: ['root'] }, status: 400 },
      { ask: 'POST auth/token/create', body: { id: 'with.dot' }, status: 400 },
      { ask: 'POST auth/token/create', body: { id: 's.reserved' }, status: 400 },
      { ask: 'POST auth/token/create', body: { type: 'strange' }, status: 400 },
      { ask: 'POST auth/token/create', body: { policies: ['response-wrapping'] }, status: 400 },
    ],
  ],
  [
    'kv and cubbyhole',
    [
      { ask: 'POST one/a', body: {}, status: 400, errors: ['missing data fields'] },
      { ask: 'POST secret/data/a', body: {}, status: 400, errors: ['no data provided'] },
      { ask: 'PATCH secret/data/none', body: { data: { a: 'b' } }, status: 404 },
      { ask: 'GET secret/data/none', status: 404, errors: [] },
      { ask: 'DELETE secret/data/none', status: 204 },
      { ask: 'GET secret/config', status: 200 },
    ],
  ],
];

for (const [part, some] of cases) {
  test(`as quoted: ${part}`, async () => {
    for (const one of some) await holds(one);
  });
}

test('as quoted: tokens that may not do what they ask for', async () => {
  await bed.root('PUT', 'sys/policies/acl/maker', {
    policy:
      'path "auth/token/create" { capabilities = ["update"] }\npath "auth/token/create/*" { capabilities = ["update"] }',
  });
  await bed.root('POST', 'auth/token/roles/some', { allowed_policies: ['a'] });
  const create = 'POST auth/token/create';
  const maker = await bed.root('POST', 'auth/token/create', { policies: ['maker'] });
  const token: string = maker.json.auth.client_token;
  const subset = ['child policies must be subset of parent'];
  await holds({ ask: create, body: { policies: ['other'] }, status: 400, errors: subset }, token);
  await holds({ ask: create, body: { policies: ['root'] }, status: 400 }, token);
  await holds({ ask: create, body: { no_parent: true }, status: 400 }, token);
  await holds({ ask: create, body: { period: '1h' }, status: 400 }, token);
  await holds({ ask: create, body: { id: 'chosen' }, status: 400 }, token);
  const role =
    /^token policies \(\["?b"?.*\]\) must be subset of the role's allowed policies \(\["?a"?\]\) or glob policies \(\[\]\)/;
  await holds({ ask: `${create}/some`, body: { policies: ['b'] }, status: 400, errors: role }, token);
  // A role of its own decides about periods: a caller cannot ask for more through it.
  await holds({ ask: `${create}/some`, body: { policies: ['a'], period: '1h' }, status: 400 }, token);
  const used = await bed.root('POST', 'auth/token/create', { policies: ['maker'], num_uses: 5 });
  const restricted = ['restricted use token cannot generate child tokens'];
  await holds({ ask: create, body: {}, status: 400, errors: restricted }, used.json.auth.client_token);
  const batch = await bed.root('POST', 'auth/token/create', { policies: ['maker'], type: 'batch' });
  const none = ['batch tokens cannot create more tokens'];
  await holds({ ask: create, body: {}, status: 400, errors: none }, batch.json.auth.client_token);
  const text: string = batch.json.auth.client_token;
  await holds({
    ask: 'POST auth/token/renew',
    body: { token: text },
    status: 400,
    errors: ['batch tokens cannot be renewed'],
  });
  await holds({
    ask: 'POST auth/token/revoke',
    body: { token: text },
    status: 400,
    errors: ['batch tokens cannot be revoked'],
  });
  const cubbyhole = ["cubbyhole operations are only supported by 'service' type tokens"];
  const all = await tokenWith(bed, 'path "*" { capabilities = ["read"] }', { type: 'batch' });
  await holds({ ask: 'GET cubbyhole/x', status: 400, errors: cubbyhole }, all);
  const root = await bed.root('POST', 'auth/token/create', { policies: ['root'], ttl: '1h' });
  await holds({ ask: create, body: {}, status: 400 }, root.json.auth.client_token);
});

test('as quoted: what is cut or unknown is told in a warning', async () => {
  const long = await bed.root('POST', 'auth/token/create', { policies: ['a'], ttl: '8760h' });
  assert.equal(long.json.auth.lease_duration, 2_764_800);
  assert.deepEqual(long.json.warnings, [
    'TTL of "8760h0m0s" exceeded the effective max_ttl of "768h0m0s"; TTL value is capped accordingly',
    'Policy "a" does not exist',
  ]);
});

test('as quoted: the envelope, and the headers of every answer', async () => {
  const told = await bed.root('GET', 'sys/mounts');
  for (const [name, value] of [
    ['Cache-Control', 'no-store'],
    ['Content-Type', 'application/json'],
    ['Strict-Transport-Security', 'max-age=31536000; includeSubDomains'],
  ] as const)
    assert.equal(told.headers.get(name), value);
  const { lease_id, renewable, lease_duration, wrap_info, warnings, auth } = told.json;
  assert.deepEqual([lease_id, renewable, lease_duration, wrap_info, warnings, auth], ['', false, 0, null, null, null]);
  assert.match(told.json.request_id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const echoed = await bed.ask('GET', 'sys/mounts', {
    token: bed.rootToken,
    headers: { 'x-vault-namespace': 'root/' },
  });
  assert.equal(echoed.headers.get('X-Vault-Namespace'), 'root/');
});

test('as quoted: help names the path, what to see beside it, and its API', async () => {
  const told = await bed.root('GET', 'sys/mounts/one/tune?help=1');
  assert.deepEqual(Object.keys(told.json).toSorted(), ['help', 'openapi', 'see_also']);
  assert.match(told.json.openapi.openapi, /^3\./);
});

test('as quoted: the default token may do a few things', async () => {
  const made = await bed.root('POST', 'auth/token/create', { policies: ['default'] });
  const token: string = made.json.auth.client_token;
  for (const one of [
    { ask: 'GET auth/token/lookup-self', status: 200 },
    { ask: 'POST auth/token/renew-self', body: {}, status: 200 },
    { ask: 'POST sys/capabilities-self', body: { path: 'a' }, status: 200 },
    { ask: 'GET sys/internal/ui/resultant-acl', status: 200 },
    { ask: 'POST cubbyhole/a', body: { b: 'c' }, status: 204 },
    { ask: 'LIST cubbyhole', status: 200 },
    { ask: 'DELETE cubbyhole/a', status: 204 },
    { ask: 'GET sys/mounts', status: 403 },
    { ask: 'GET sys/key-status', status: 403 },
    { ask: 'POST auth/token/create', body: {}, status: 403 },
    { ask: 'POST auth/token/revoke-self', status: 204 },
    { ask: 'GET auth/token/lookup-self', status: 403, errors: ['permission denied'] },
  ])
    await holds(one, token);
});

test('the lists of sys are also read with a slash at the end, and nothing else is', async () => {
  const own = await openBed();
  for (const path of ['sys/mounts', 'sys/auth', 'sys/audit', 'sys/policy']) {
    const [bare, slash] = [await own.root('GET', path), await own.root('GET', `${path}/`)];
    assert.deepEqual([slash.status, slash.json.data], [200, bare.json.data], path);
  }
  await own.root('POST', 'secret/data/a', { data: {} });
  for (const path of ['secret/data/a/', 'sys/mounts/secret/', 'sys/policies/acl/default/', 'sys/health/'])
    assert.equal((await own.root('GET', path)).status, 404, path);
  assert.equal((await own.ask('GET', 'sys/mounts/')).status, 403);
});

test('step-down on the only node changes nothing and says so', async () => {
  const own = await openBed();
  const told = await own.root('PUT', 'sys/step-down');
  assert.deepEqual([told.status, /only node/.test(told.json.warnings[0])], [200, true]);
  assert.equal((await own.root('GET', 'sys/health')).status, 200);
  const { auth } = (await own.root('POST', 'auth/token/create', { policies: ['default'] })).json;
  assert.equal((await own.ask('PUT', 'sys/step-down', { token: auth.client_token })).status, 403);
});
