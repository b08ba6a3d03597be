import assert from 'node:assert/strict';
import { test } from 'node:test';
import { enveloped } from '@coffer/client/fake.ts';
import { JsonNumber } from '@coffer/schema/json/value.ts';
import { FakeIo } from '../fake-io.ts';

const metadata = {
  created_time: '2026-11-21T08:00:00.123456789Z',
  custom_metadata: null,
  deletion_time: '',
  destroyed: false,
  version: 1,
};

const versioned = (path = 'secret/app/a'): FakeIo => {
  const io = new FakeIo();
  io.server.on(
    `GET sys/internal/ui/mounts/${path}`,
    enveloped({ path: 'secret/', type: 'kv', options: { version: '2' } }),
  );
  return io;
};

const plain = (): FakeIo => {
  const io = new FakeIo();
  io.server.on('GET sys/internal/ui/mounts/old/a', enveloped({ path: 'old/', type: 'kv', options: { version: '1' } }));
  return io;
};

const metadataTable =
  '== Secret Path ==\nsecret/data/app/a\n\n======= Metadata =======\n' +
  'Key                Value\n---                -----\ncreated_time       2026-11-21T08:00:00.123456789Z\n' +
  'custom_metadata    <nil>\ndeletion_time      n/a\ndestroyed          false\nversion            1\n';

test('kv put shows the new version', async () => {
  const io = versioned();
  io.server.on('PUT secret/data/app/a', enveloped(metadata));
  assert.deepEqual(await io.run('kv', 'put', 'secret/app/a', 'k=v'), { code: 0, out: metadataTable, err: '' });
  assert.deepEqual(
    io.server.requests[1]?.body,
    new Map([
      ['data', new Map([['k', 'v']])],
      ['options', new Map()],
    ]),
  );
});

test('kv put -cas sends the version that must be the newest', async () => {
  const io = versioned();
  io.server.on('PUT secret/data/app/a', enveloped(metadata));
  await io.run('kv', 'put', '-cas=0', 'secret/app/a', 'k=v');
  const body = io.server.requests[1]?.body;
  assert.ok(body instanceof Map);
  assert.deepEqual(body.get('options'), new Map([['cas', new JsonNumber('0')]]));
});

test('kv put and get without versions use the path as it is', async () => {
  const io = plain();
  io.server.on('PUT old/a', {}).on('GET old/a', enveloped({ k: 'v' }, { lease_duration: 2_764_800 }));
  assert.equal((await io.run('kv', 'put', 'old/a', 'k=v')).out, 'Success! Data written to: old/a\n');
  assert.equal((await io.run('kv', 'get', 'old/a')).out, '=== Data ===\nKey    Value\n---    -----\nk      v\n');
});

test('kv get shows metadata, then data; -field reads the data first', async () => {
  const io = versioned();
  io.server.on('GET secret/data/app/a', enveloped({ data: { password: 'p', version: 'mine' }, metadata }));
  const data = '\n====== Data ======\nKey         Value\n---         -----\npassword    p\nversion     mine\n';
  assert.equal((await io.run('kv', 'get', 'secret/app/a')).out, metadataTable + data);
  assert.equal((await io.run('kv', 'get', '-field=version', 'secret/app/a')).out, 'mine');
  assert.equal((await io.run('kv', 'get', '-field=destroyed', 'secret/app/a')).out, 'false');
});

test('kv get -mount takes the path below the mount', async () => {
  const io = versioned('secret');
  io.server.on('GET secret/data/app/a?version=3', enveloped({ data: { k: 'v' }, metadata }));
  assert.equal((await io.run('kv', 'get', '-mount=secret/', '-version=3', 'app/a')).code, 0);
});

test('kv get of a deleted version shows its metadata alone, 0; of nothing, a message and 2', async () => {
  const io = versioned();
  io.server.on('GET secret/data/app/a', { ...enveloped({ data: null, metadata }), status: 404 });
  assert.deepEqual(await io.run('kv', 'get', 'secret/app/a'), { code: 0, out: metadataTable, err: '' });
  assert.deepEqual(await versioned().run('kv', 'get', 'secret/app/a'), {
    code: 2,
    out: '',
    err: 'No value found at secret/data/app/a\n',
  });
});

test('kv list lists metadata', async () => {
  const io = versioned('secret/app');
  io.server.on('GET secret/metadata/app/?list=true', enveloped({ keys: ['a', 'b/'] }));
  assert.equal((await io.run('kv', 'list', 'secret/app/')).out, 'Keys\n----\na\nb/\n');
  const root = versioned('secret');
  root.server.on('GET secret/metadata/?list=true', enveloped({ keys: ['app/'] }));
  assert.equal((await root.run('kv', 'list', 'secret')).out, 'Keys\n----\napp/\n');
  assert.match(
    (await versioned('secret/x').run('kv', 'list', 'secret/x')).err,
    /^No value found at secret\/metadata\/x\n$/,
  );
});

test('kv delete, undelete and destroy name the versions', async () => {
  const io = versioned();
  io.server
    .on('DELETE secret/data/app/a', {})
    .on('PUT secret/delete/app/a', {})
    .on('PUT secret/undelete/app/a', {})
    .on('PUT secret/destroy/app/a', {});
  assert.equal(
    (await io.run('kv', 'delete', 'secret/app/a')).out,
    'Success! Data deleted (if it existed) at: secret/data/app/a\n',
  );
  for (const [verb, flag] of [
    ['delete', '-versions=1,2'],
    ['undelete', '-versions=1'],
    ['destroy', '-versions=1'],
  ] as const) {
    assert.equal((await io.run('kv', verb, flag, 'secret/app/a')).code, 0, verb);
  }
  assert.equal((await io.run('kv', 'destroy', 'secret/app/a')).code, 1);
  assert.equal((await io.run('kv', 'destroy', '-versions=one', 'secret/app/a')).code, 1);
});

test('kv patch sends the change; with -method=rw it reads, changes and writes with the version it read', async () => {
  const io = versioned();
  io.server
    .on('PATCH secret/data/app/a', enveloped(metadata))
    .on('GET secret/data/app/a', enveloped({ data: { a: '1', b: '2' }, metadata }))
    .on('PUT secret/data/app/a', enveloped(metadata));
  assert.equal((await io.run('kv', 'patch', 'secret/app/a', 'a=9')).code, 0);
  assert.equal(io.server.requests[1]?.headers.get('content-type'), 'application/merge-patch+json');
  assert.equal((await io.run('kv', 'patch', '-method=rw', 'secret/app/a', 'a=9')).code, 0);
  const body = io.server.requests.at(-1)?.body;
  assert.ok(body instanceof Map);
  assert.deepEqual(
    body.get('data'),
    new Map([
      ['a', '9'],
      ['b', '2'],
    ]),
  );
  assert.deepEqual(body.get('options'), new Map([['cas', new JsonNumber('1')]]));
  assert.equal((await plain().run('kv', 'patch', 'old/a', 'k=v')).code, 1);
});

test('kv rollback writes the old data over the newest version only', async () => {
  const io = versioned();
  io.server
    .on('GET secret/metadata/app/a', enveloped({ current_version: 4 }))
    .on('GET secret/data/app/a?version=2', enveloped({ data: { k: 'old' }, metadata }))
    .on('PUT secret/data/app/a', enveloped(metadata));
  assert.equal((await io.run('kv', 'rollback', '-version=2', 'secret/app/a')).code, 0);
  const body = io.server.requests.at(-1)?.body;
  assert.ok(body instanceof Map);
  assert.deepEqual(body.get('options'), new Map([['cas', new JsonNumber('4')]]));
  assert.equal((await io.run('kv', 'rollback', 'secret/app/a')).code, 1);
});

test('kv metadata get shows the secret and each version in order', async () => {
  const io = versioned();
  const version = { created_time: '2026-11-21T08:00:00Z', deletion_time: '', destroyed: false };
  const versions = { '1': version, '2': version, '10': version };
  io.server.on('GET secret/metadata/app/a', enveloped({ delete_version_after: '0s', current_version: 10, versions }));
  const { out } = await io.run('kv', 'metadata', 'get', 'secret/app/a');
  assert.match(
    out,
    /^=== Metadata Path ===\nsecret\/metadata\/app\/a\n\n========== Metadata ==========\nKey {21}Value\n/,
  );
  assert.match(out, /\n\n====== Version 1 ======\nKey {14}Value\n---/);
  assert.ok(out.indexOf('Version 2 ') < out.indexOf('Version 10 '));
});

test('kv metadata put and patch send what was given and nothing else', async () => {
  const io = versioned();
  io.server.on('PUT secret/metadata/app/a', {}).on('PATCH secret/metadata/app/a', {});
  const flags = ['-max-versions=5', '-custom-metadata=owner=ada', '-custom-metadata=team=x=y', '-cas-required'];
  assert.equal((await io.run('kv', 'metadata', 'put', ...flags, 'secret/app/a')).code, 0);
  assert.deepEqual(
    io.server.requests.at(-1)?.body,
    new Map<string, unknown>([
      ['max_versions', new JsonNumber('5')],
      ['cas_required', true],
      [
        'custom_metadata',
        new Map([
          ['owner', 'ada'],
          ['team', 'x=y'],
        ]),
      ],
    ]),
  );
  assert.equal((await io.run('kv', 'metadata', 'patch', '-remove-custom-metadata=owner', 'secret/app/a')).code, 0);
  assert.deepEqual(io.server.requests.at(-1)?.body, new Map([['custom_metadata', new Map([['owner', null]])]]));
  assert.equal((await io.run('kv', 'metadata', 'patch', 'secret/app/a')).code, 1);
});

test('the question before the request is sent also when the request is only shown', async () => {
  const io = versioned();
  const { out } = await io.run('kv', 'put', '-output-curl-string', 'secret/app/a', 'x=1');
  assert.match(out, /-d '\{"data":\{"x":"1"\},"options":\{\}\}' "http:\/\/coffer.test\/v1\/secret\/data\/app\/a"\n$/);
  assert.equal(io.server.requests.length, 1);
});
