/**
 * The lease commands against a real server: the whole core over HTTP, with an engine of the tests that gives leases, since
 * those that are built in give none.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { withCors } from '../../packages/server/src/core/request/cors.ts';
import { pipeline } from '../../packages/server/src/core/request/pipeline.ts';
import { type HttpServer, startHttp } from '../../packages/server/src/http/server.ts';
import { realClock } from '../../packages/server/src/platform/clock/real.ts';
import { openLog } from '../../packages/server/src/platform/log/standard.ts';
import { bedWithUsers, type LeaseBed } from '../core/leases/engine.ts';
import { type Ended, runCoffer } from './cli-run.ts';
import { newFolder } from './server.ts';

let bed: LeaseBed;
let server: HttpServer;
const home = newFolder();

before(async () => {
  bed = await bedWithUsers();
  server = await startHttp({
    listen: { address: { host: '127.0.0.1', port: 0 } },
    handle: withCors(pipeline(bed.core), bed.core.cors),
    clock: realClock(),
    log: openLog({ level: 'error', format: 'standard', write: line => void process.stderr.write(line) }).part('http'),
  });
});

after(() => server.close(0));

const coffer = (...args: string[]): Promise<Ended> =>
  runCoffer(args, { home, env: { COFFER_ADDR: `http://${server.address}`, COFFER_TOKEN: bed.rootToken } });

const ok = async (...args: string[]): Promise<string> => {
  const ended = await coffer(...args);
  assert.equal(ended.code, 0, ended.err);
  return ended.out;
};

test('reading from an engine shows the lease, and lease lookup, list and renew speak of it', async () => {
  const made = await ok('read', 'users/creds/app', 'ttl=1h');
  const id = /^lease_id +(\S+)$/m.exec(made)?.[1] ?? '';
  assert.match(id, /^users\/creds\/app\/[0-9a-zA-Z]{24}$/);
  assert.match(await ok('lease', 'lookup', id), /^issue_time +2026-01-01T00:00:00.000Z\n[^]*^ttl +1h$/m);
  assert.equal(await ok('lease', 'list'), 'Keys\n----\nusers/\n');
  assert.equal(await ok('lease', 'list', 'users/creds/app'), `Keys\n----\n${id.split('/').at(-1)}\n`);
  await bed.clock.advance(600_000);
  assert.match(await ok('lease', 'renew', '-increment=2h', id), /^lease_duration +2h$/m);
  assert.match(await ok('lease', 'lookup', id), /^last_renewal +2026-01-01T00:10:00.000Z\n/m);
  assert.equal(await ok('lease', 'lookup', '-field=ttl', id), '7200');
});

test('lease revoke ends one lease, those below a path, and by force those whose engine fails', async () => {
  const [one, other] = [await bed.issue(), await bed.issue()];
  assert.equal(await ok('lease', 'revoke', '-sync', one.id), `Success! Revoked lease: ${one.id}\n`);
  assert.ok(bed.world.revoked.includes(one.user) && !bed.world.revoked.includes(other.user));
  assert.equal((await coffer('lease', 'lookup', one.id)).code, 2);
  assert.match(await ok('lease', 'revoke', '-prefix', '-sync', 'users/creds/'), /with prefix: users\/creds\n$/);
  assert.ok(bed.world.revoked.includes(other.user));
  bed.world.failing = true;
  await ok('lease', 'revoke', '-prefix', 'none');
  bed.world.failing = false;
  const stuck = await bed.issue();
  bed.world.failing = true;
  const failed = await coffer('lease', 'revoke', '-prefix', '-sync', 'users');
  assert.equal(failed.code, 2);
  assert.match(failed.err, /could not be revoked: .*; it is over and will be tried again/);
  assert.match(await ok('lease', 'revoke', '-force', '-prefix', '-sync', 'users'), /with prefix: users\n$/);
  assert.equal((await coffer('lease', 'list')).code, 2);
  assert.ok(bed.world.users.has(stuck.user), 'what was made outside lives on, as the warning says');
});

test('what is no lease is told as the server tells it', async () => {
  for (const [args, words] of [
    [['lookup', 'users/creds/app/none'], /Code: 400\. Errors:\n\n\* invalid lease\n/],
    [['renew', 'users/creds/app/none'], /lease not found/],
    [['list', 'none'], /^No value found at sys\/leases\/lookup\/none\n$/],
  ] as const) {
    const ended = await coffer('lease', ...args);
    assert.equal(ended.code, 2);
    assert.match(ended.err, words);
    assert.equal(ended.out, '');
  }
});
