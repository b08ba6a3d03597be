/** The order of the stages, and what it guarantees. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Exchange } from '../../packages/server/src/core/request/exchange.ts';
import { stages } from '../../packages/server/src/core/request/pipeline.ts';
import { runStage } from '../../packages/server/src/core/request/run.ts';
import { openBed } from './bed.ts';

const order = stages.map(stage => stage.name);

test('the stages stand in this order', () => {
  assert.deepEqual(order, [
    'target',
    'sealed',
    'anchored',
    'current',
    'namespace',
    'mount',
    'row',
    'token',
    'body',
    'policy',
    'auditRequest',
    'run',
    'login',
    'wrap',
    'stillCurrent',
    'auditResponse',
    'encode',
  ]);
});

test('run refuses to work without the word of the policy stage', async () => {
  const { core } = await openBed();
  const wire = {
    method: 'GET',
    rawTarget: '/v1/sys/mounts',
    headers: new Map<string, string>(),
    peer: { address: '127.0.0.1', port: 1, secure: false },
    body: () => new Uint8Array(),
    pieces: () => assert.fail('not asked for'),
  };
  assert.throws(() => runStage.run(new Exchange(wire, 'id', 0), core), TypeError);
});

test('only audit and encode run after a failure', () => {
  const after = stages.filter(stage => stage.afterFailure !== undefined).map(stage => stage.name);
  assert.deepEqual(after, ['auditResponse', 'encode']);
});

test('a stranger learns nothing of which paths exist', async () => {
  const bed = await openBed();
  const seen = new Set<string>();
  for (const path of [
    'secret/data/x',
    'nowhere/x',
    'sys/mounts',
    'sys/nothing',
    'auth/token/lookup-self',
    'auth/none/x',
  ]) {
    for (const method of ['GET', 'LIST', 'POST', 'DELETE', 'PATCH']) {
      const told = await bed.ask(method, path, { body: method === 'POST' || method === 'PATCH' ? {} : undefined });
      seen.add(`${told.status} ${told.text}`);
    }
  }
  assert.deepEqual([...seen], ['403 {"errors":["permission denied"]}']);
});

test('every refusal after the row is on record with its error, and nothing of the answer', async () => {
  const bed = await openBed();
  await bed.ask('GET', 'secret/data/x', { token: 'wrong' });
  const records = bed.audited.slice(-2).map(line => JSON.parse(line) as { type: string; error?: string });
  assert.deepEqual(
    records.map(record => [record.type, record.error]),
    [
      ['request', 'permission denied'],
      ['response', 'permission denied'],
    ],
  );
});

test('a row with effects is on record before it runs, a pure one together with its answer', async () => {
  const batches: number[] = [];
  const bed = await openBed({ sink: { write: async records => void batches.push(records.length) } });
  batches.length = 0;
  await bed.root('GET', 'sys/mounts');
  assert.deepEqual(batches, [2]);
  batches.length = 0;
  await bed.root('PUT', 'sys/policies/acl/x', { policy: 'path "a" { capabilities = ["read"] }' });
  assert.deepEqual(batches, [1, 1]);
});

test('F3: where no device takes the request record, nothing runs', async () => {
  let broken = false;
  const bed = await openBed({
    sink: {
      write: async () => {
        if (broken) throw new Error('disk full');
      },
    },
  });
  broken = true;
  const refused = await bed.root('PUT', 'sys/policies/acl/late', { policy: 'path "a" { capabilities = ["read"] }' });
  assert.equal(refused.status, 500);
  const read = await bed.root('GET', 'sys/mounts');
  assert.equal(read.status, 500);
  assert.doesNotMatch(read.text, /cubbyhole/);
  broken = false;
  assert.equal((await bed.root('GET', 'sys/policies/acl/late')).status, 404);
});

test('F3: where the answer cannot be recorded after the effect, the caller is told that the outcome is unknown', async () => {
  let writes = -Infinity;
  const bed = await openBed({
    sink: {
      write: async () => {
        writes++;
        if (writes === 2) throw new Error('disk full');
      },
    },
  });
  writes = 0;
  const told = await bed.root('PUT', 'sys/policies/acl/late', { policy: 'path "a" { capabilities = ["read"] }' });
  assert.equal(told.status, 500);
  assert.match(told.json.errors[0], /outcome recorded, unknown to caller/);
  assert.equal((await bed.root('GET', 'sys/policies/acl/late')).status, 200);
});

test('F3: the store can be sealed where no device takes a record', async () => {
  let broken = false;
  const bed = await openBed({
    sink: {
      write: async () => {
        if (broken) throw new Error('disk full');
      },
    },
  });
  broken = true;
  assert.equal((await bed.root('PUT', 'sys/seal')).status, 204);
  assert.equal(bed.core.seal.sealed, true);
});

test('a bug is answered with an id and no detail, and logged without values', async () => {
  const bed = await openBed();
  Object.assign(bed.core.policies, { names: () => Promise.reject(new Error('canary-value-1')) });
  const told = await bed.root('LIST', 'sys/policies/acl');
  assert.equal(told.status, 500);
  assert.match(told.json.errors[0], /^internal error, request [0-9a-f-]{36}$/);
  assert.equal(
    bed.logged.some(line => line.includes('canary-value-1')),
    false,
  );
});

test('a namespace that does not exist is refused', async () => {
  const bed = await openBed();
  const told = await bed.ask('GET', 'sys/mounts', { token: bed.rootToken, headers: { 'x-vault-namespace': 'team/' } });
  assert.deepEqual([told.status, told.json.errors], [404, ['namespace not found']]);
  const root = await bed.ask('GET', 'sys/mounts', { token: bed.rootToken, headers: { 'x-vault-namespace': '/' } });
  assert.equal(root.status, 200);
});

test('methods, bodies and forms that are not understood are refused with a reason', async () => {
  const bed = await openBed();
  const token = bed.rootToken;
  assert.equal((await bed.ask('OPTIONS', 'sys/mounts', { token })).status, 400);
  assert.equal((await bed.ask('TRACE', 'sys/mounts', { token })).status, 405);
  assert.equal((await bed.ask('GET', 'sys/mounts?list=perhaps', { token })).status, 400);
  assert.equal((await bed.ask('GET', 'secret/metadata?list=true&scan=true', { token })).status, 400);
  assert.equal((await bed.ask('POST', 'sys/policies/acl/a', { token, raw: '[1]' })).status, 400);
  assert.equal((await bed.ask('POST', 'sys/policies/acl/a', { token, raw: '{"policy":' })).status, 400);
  const patch = await bed.ask('PATCH', 'secret/data/a', {
    token,
    body: {},
    headers: { 'content-type': 'application/json' },
  });
  assert.equal(patch.status, 415);
  const form = await bed.ask('POST', 'auth/token/create', {
    token,
    raw: 'policies=a&policies=b&ttl=1h',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  assert.deepEqual(form.json.auth.policies, ['a', 'b', 'default']);
});

const limited = async () => {
  const bed = await openBed();
  await bed.root('PUT', 'sys/policies/acl/limited', {
    policy: 'path "auth/token/create" { capabilities = ["update"] allowed_parameters = { "ttl" = ["1h"] } }',
  });
  const made = await bed.root('POST', 'auth/token/create', { policies: ['limited'] });
  return { bed, token: made.json.auth.client_token as string };
};

test('what a policy says of parameters holds for forms, and a query is no body', async () => {
  const { bed, token } = await limited();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const form = (raw: string) => bed.ask('POST', 'auth/token/create', { token, raw, headers });
  assert.equal((await form('ttl=5h')).status, 403);
  assert.equal((await form('ttl=1h&num_uses=3')).status, 403);
  assert.equal((await form('ttl=1h')).json.auth.lease_duration, 3600);
  const asked = JSON.parse(bed.audited.at(-1) ?? '').request;
  assert.deepEqual(Object.keys(asked.data), ['ttl']);
  await bed.root('PUT', 'sys/policies/acl/limited', {
    policy: 'path "auth/token/create" { capabilities = ["update"] required_parameters = ["ttl"] }',
  });
  assert.equal((await bed.ask('POST', 'auth/token/create?ttl=1h', { token, body: {} })).status, 403);
});

test('S14: what was refused is one hash in audit, however many leaves it has, and strangers are refused unread', async () => {
  const { bed, token } = await limited();
  const body = { policies: Array.from({ length: 9000 }, (_, at) => `p${at}`) };
  const before = bed.audited.join('').length;
  assert.equal((await bed.ask('POST', 'auth/token/create', { token, body })).status, 403);
  assert.ok(bed.audited.join('').length - before < 4096);
  let read = false;
  const raw = new Proxy(new Uint8Array(1), { get: () => ((read = true), 1) });
  assert.equal((await bed.ask('POST', 'auth/token/create', { raw })).status, 403);
  assert.equal(read, false);
});

test('a mount that changed while the body came is not written to', async () => {
  const bed = await openBed();
  let arrive: (bytes: Uint8Array) => void = () => undefined;
  const body = new Promise<Uint8Array>(done => (arrive = done));
  const slow = bed.ask('POST', 'secret/data/a', { token: bed.rootToken, late: body });
  await bed.root('DELETE', 'sys/mounts/secret');
  await bed.root('POST', 'sys/mounts/secret', { type: 'kv', options: { version: '2' } });
  arrive(new TextEncoder().encode('{"data":{"x":1}}'));
  assert.equal((await slow).status, 409);
  assert.equal((await bed.root('GET', 'secret/data/a')).status, 404);
});

test('a store that was sealed while the body came says so', async () => {
  const bed = await openBed();
  let arrive: (bytes: Uint8Array) => void = () => undefined;
  const body = new Promise<Uint8Array>(done => (arrive = done));
  const slow = bed.ask('POST', 'secret/data/a', { token: bed.rootToken, late: body });
  await bed.root('PUT', 'sys/seal');
  arrive(new TextEncoder().encode('{"data":{"x":1}}'));
  assert.equal((await slow).status, 503);
  for (const path of ['sys/health?help=1', 'sys/init?help=1', 'secret/data/a?help=1']) {
    assert.equal((await bed.ask('GET', path, { token: 'x' })).status, 503, path);
  }
  assert.deepEqual(bed.logged, []);
});

test('members a row does not know are named in a warning', async () => {
  const bed = await openBed();
  const told = await bed.root('POST', 'auth/token/create', { polices: ['typo'] });
  assert.deepEqual(told.json.warnings, ['Endpoint ignored these unrecognized parameters: [polices]']);
});

test('help is given to whoever has a token, for paths and for mounts', async () => {
  const bed = await openBed();
  const path = await bed.root('GET', 'sys/policies/acl/x?help=1');
  assert.match(path.json.help, /Write a policy/);
  const mount = await bed.root('GET', 'sys/?help=1');
  assert.match(mount.json.help, /PATHS/);
  assert.equal((await bed.ask('GET', 'sys/policies/acl/x?help=1')).status, 403);
});

test('a patched secret may grow to what can be written at once, as the configuration has it', async () => {
  const part = 'x'.repeat(700_000);
  for (const [bodyLimitBytes, status] of [
    [undefined, 413],
    [2_000_000, 200],
  ] as const) {
    const bed = await openBed(bodyLimitBytes === undefined ? {} : { bodyLimitBytes });
    await bed.root('POST', 'secret/data/a', { data: { a: part } });
    assert.equal((await bed.root('PATCH', 'secret/data/a', { data: { b: part } })).status, status);
  }
});
