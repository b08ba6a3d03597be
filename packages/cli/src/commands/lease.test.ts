import assert from 'node:assert/strict';
import { test } from 'node:test';
import { enveloped } from '@coffer/client/fake.ts';
import { FakeIo } from '../fake-io.ts';

const queued = 'Success! All revocation operations queued successfully!\n';

test('lease lookup and renew show what the server says', async () => {
  const io = new FakeIo();
  io.server
    .on('PUT sys/leases/lookup', enveloped({ id: 'db/creds/a/x', ttl: 60, last_renewal: null, renewable: true }))
    .on('PUT sys/leases/renew', enveloped(null, { lease_id: 'db/creds/a/x', lease_duration: 3600, renewable: true }));
  const shown = await io.run('lease', 'lookup', 'db/creds/a/x');
  assert.match(shown.out, /^id {14}db\/creds\/a\/x\nlast_renewal {4}<nil>\nrenewable {7}true\nttl {13}1m\n$/m);
  const renewed = await io.run('lease', 'renew', '-increment=1h', 'db/creds/a/x');
  assert.match(renewed.out, /^lease_id {11}db\/creds\/a\/x\nlease_duration {5}1h\nlease_renewable {4}true\n$/m);
  const body = io.server.requests[1]?.body;
  assert.ok(body instanceof Map);
  assert.deepEqual(
    [...body],
    [
      ['lease_id', 'db/creds/a/x'],
      ['increment', '1h'],
    ],
  );
});

test('lease list takes a folder, with slashes or without, and says where there is nothing', async () => {
  const io = new FakeIo();
  io.server
    .on('GET sys/leases/lookup?list=true', enveloped({ keys: ['db/'] }))
    .on('GET sys/leases/lookup/db/creds/?list=true', enveloped({ keys: ['x'] }));
  assert.equal((await io.run('lease', 'list')).out, 'Keys\n----\ndb/\n');
  for (const prefix of ['db/creds', '/db/creds/'])
    assert.equal((await io.run('lease', 'list', prefix)).out, 'Keys\n----\nx\n');
  const none = await io.run('lease', 'list', 'none');
  assert.deepEqual([none.code, none.out, none.err], [2, '', 'No value found at sys/leases/lookup/none\n']);
});

test('lease revoke ends one, or all below a path, queued or waited for', async () => {
  const io = new FakeIo();
  io.server
    .on('PUT sys/leases/revoke', { status: 202 })
    .on('PUT sys/leases/revoke-prefix/db/creds', { status: 202 })
    .on('PUT sys/leases/revoke-force/db', { status: 204 });
  assert.equal((await io.run('lease', 'revoke', 'db/x')).out, queued);
  assert.equal((await io.run('lease', 'revoke', '-sync', 'db/x')).out, 'Success! Revoked lease: db/x\n');
  assert.equal((await io.run('lease', 'revoke', '-prefix', 'db/creds/')).out, queued);
  const forced = await io.run('lease', 'revoke', '-force', '-prefix', '-sync', 'db');
  assert.equal(forced.out, 'Success! Revoked any leases with prefix: db\n');
  assert.match(forced.err, /^WARNING! Leases are forgotten/);
});

test('what cannot be meant is refused before anything is sent', async () => {
  const io = new FakeIo();
  const force = await io.run('lease', 'revoke', '-force', 'db/x');
  assert.deepEqual([force.code, force.err], [1, 'Specifying -force requires also specifying -prefix\n']);
  for (const argv of [
    ['revoke'],
    ['revoke', '-prefix', '/'],
    ['lookup'],
    ['lookup', 'a', 'b'],
    ['renew'],
    ['list', 'a', 'b'],
  ])
    assert.equal((await io.run('lease', ...argv)).code, 1, argv.join(' '));
  assert.deepEqual(io.server.requests, []);
});
