import assert from 'node:assert/strict';
import { test } from 'node:test';
import { enveloped } from '@coffer/client/fake.ts';
import { FakeIo } from '../fake-io.ts';

const mount = (type: string, description: string): { [name: string]: unknown } & object => ({
  type,
  accessor: `${type}_1`,
  description,
  config: { default_lease_ttl: 0, max_lease_ttl: 3600, force_no_cache: false },
  options: type === 'kv' ? { version: '2' } : null,
  uuid: 'u',
  local: false,
  seal_wrap: false,
  external_entropy_access: false,
  plugin_version: '',
  running_plugin_version: '',
  running_sha256: '',
});

const mounts = { 'sys/': mount('system', ''), 'secret/': mount('kv', 'key/value') };

test('secrets list is sorted by path; -detailed has every column', async () => {
  const io = new FakeIo();
  io.server.on('GET sys/mounts', enveloped(mounts as never));
  assert.equal(
    (await io.run('secrets', 'list')).out,
    'Path       Type      Accessor    Description\n----       ----      --------    -----------\n' +
      'secret/    kv        kv_1        key/value\nsys/       system    system_1    n/a\n',
  );
  const { out } = await io.run('secrets', 'list', '-detailed');
  assert.match(
    out,
    /^Path +Plugin +Accessor +Default TTL +Max TTL +Force No Cache +Replication +Seal Wrap +External Entropy Access +Options +Description +UUID +Version +Running Version +Running SHA256 +Deprecation Status\n/,
  );
  assert.match(out, /secret\/ +kv +kv_1 +system +3600 +false +replicated +false +false +map\[version:2\]/);
  assert.match((await io.run('secrets', 'list', '-format=json')).out, /^\{\n {2}"sys\/": \{/);
});

test('secrets enable, tune, move and disable', async () => {
  const io = new FakeIo();
  io.server
    .on('PUT sys/mounts/pp', {})
    .on('PUT sys/mounts/kv', {})
    .on('PUT sys/mounts/pp/tune', {})
    .on('PUT sys/remount', enveloped({ migration_id: 'm-1' }))
    .on('DELETE sys/mounts/pp', {});
  const flags = ['-path=pp', '-version=2', '-description=d', '-max-lease-ttl=1h', '-local'];
  assert.equal(
    (await io.run('secrets', 'enable', ...flags, 'kv')).out,
    'Success! Enabled the kv secrets engine at: pp/\n',
  );
  assert.deepEqual(
    io.server.requests[0]?.body,
    new Map<string, unknown>([
      ['type', 'kv'],
      ['description', 'd'],
      ['local', true],
      ['config', new Map([['max_lease_ttl', '1h']])],
      ['options', new Map([['version', '2']])],
    ]),
  );
  assert.equal((await io.run('secrets', 'enable', 'kv-v2')).out, 'Success! Enabled the kv secrets engine at: kv/\n');
  assert.equal(
    (await io.run('secrets', 'tune', '-description=', 'pp/')).out,
    'Success! Tuned the secrets engine at: pp/\n',
  );
  assert.match((await io.run('secrets', 'move', 'pp', 'qq/')).out, /pp\/ to qq\/, with migration ID m-1\n$/);
  assert.equal(
    (await io.run('secrets', 'disable', 'pp')).out,
    'Success! Disabled the secrets engine (if it existed) at: pp/\n',
  );
});

test('auth list, enable, tune, disable, move, help', async () => {
  const io = new FakeIo();
  io.server
    .on('GET sys/auth', enveloped({ 'token/': mount('token', 'token based') } as never))
    .on('PUT sys/auth/up', {})
    .on('PUT sys/auth/up/tune', {})
    .on('PUT sys/remount', enveloped({ migration_id: 'm-2' }))
    .on('DELETE sys/auth/up', {});
  assert.equal(
    (await io.run('auth', 'list')).out,
    'Path      Type     Accessor    Description    Version\n----      ----     --------    -----------    -------\ntoken/    token    token_1     token based    n/a\n',
  );
  assert.equal(
    (await io.run('auth', 'enable', '-path=up', '-token-type=batch', 'userpass')).out,
    'Success! Enabled userpass auth method at: up/\n',
  );
  assert.equal((await io.run('auth', 'tune', '-default-lease-ttl=1h', 'up')).code, 0);
  assert.equal((await io.run('auth', 'move', 'up', 'down')).code, 0);
  assert.deepEqual(
    io.server.requests.at(-1)?.body,
    new Map([
      ['from', 'auth/up/'],
      ['to', 'auth/down/'],
    ]),
  );
  assert.equal(
    (await io.run('auth', 'disable', 'up')).out,
    'Success! Disabled the auth method (if it existed) at: up/\n',
  );
  assert.match((await io.run('auth', 'help', 'userpass')).out, /-method=userpass/);
});

test('audit list is 2 when empty; enable sends options', async () => {
  const io = new FakeIo();
  io.server.on('GET sys/audit', enveloped({})).on('PUT sys/audit/file', {}).on('DELETE sys/audit/file', {});
  assert.deepEqual(await io.run('audit', 'list'), { code: 2, out: '', err: 'No audit devices are enabled.\n' });
  assert.equal(
    (await io.run('audit', 'enable', 'file', 'file_path=/x')).out,
    'Success! Enabled the file audit device at: file/\n',
  );
  const body = io.server.requests.at(-1)?.body;
  assert.ok(body instanceof Map);
  assert.deepEqual(body.get('options'), new Map([['file_path', '/x']]));
  assert.equal((await io.run('audit', 'disable', 'file')).code, 0);
  io.server.on(
    'GET sys/audit',
    enveloped({ 'file/': { type: 'file', description: '', options: { file_path: '/x' }, local: false } }),
  );
  assert.match((await io.run('audit', 'list', '-detailed')).out, /file\/ +file +n\/a +replicated +file_path=\/x\n/);
});

test('policy list is one a line, read is the text, an unknown one is 2', async () => {
  const io = new FakeIo();
  io.server
    .on('GET sys/policies/acl?list=true', enveloped({ keys: ['default', 'root'] }))
    .on('GET sys/policies/acl/app', enveloped({ name: 'app', policy: 'path "a" {}\n' }))
    .on('PUT sys/policies/acl/app', {})
    .on('DELETE sys/policies/acl/app', {});
  assert.equal((await io.run('policy', 'list')).out, 'default\nroot\n');
  assert.equal((await io.run('policy', 'read', 'App')).out, 'path "a" {}\n');
  assert.deepEqual(await io.run('policy', 'read', 'nope'), { code: 2, out: '', err: 'No policy named: nope\n' });
  io.files.set('app.hcl', 'path "a" {}');
  assert.equal((await io.run('policy', 'write', 'app', 'app.hcl')).out, 'Success! Uploaded policy: app\n');
  io.input = 'path "b" {}';
  await io.run('policy', 'write', 'app', '-');
  assert.deepEqual(io.server.requests.at(-1)?.body, new Map([['policy', 'path "b" {}']]));
  assert.equal((await io.run('policy', 'write', 'app', 'none.hcl')).code, 1);
  assert.equal((await io.run('policy', 'delete', 'app')).code, 0);
});

test('policy fmt indents, keeps comments, quotes and heredocs, and refuses what is no policy with its place', async () => {
  const io = new FakeIo();
  io.files.set(
    'a.hcl',
    '# top {\npath "a{" {   \n      capabilities = [\n"read", # one ]\n  "list"\n]\n\n\n\n/* long\n   { */\n}\nx = <<EOT\n   keep { \nEOT\n',
  );
  assert.equal((await io.run('policy', 'fmt', 'a.hcl')).out, 'Success! Formatted policy: a.hcl\n');
  const formatted =
    '# top {\npath "a{" {\n  capabilities = [\n    "read", # one ]\n    "list"\n  ]\n\n  /* long\n   { */\n}\nx = <<EOT\n   keep { \nEOT\n';
  assert.equal(io.files.get('a.hcl'), formatted);
  await io.run('policy', 'fmt', 'a.hcl');
  assert.equal(io.files.get('a.hcl'), formatted);
  io.files.set('b.hcl', 'path "a" {');
  const bad = await io.run('policy', 'fmt', 'b.hcl');
  assert.equal(bad.code, 1);
  assert.match(bad.err, /^b\.hcl: .*1:/);
  assert.equal(io.files.get('b.hcl'), 'path "a" {');
});
