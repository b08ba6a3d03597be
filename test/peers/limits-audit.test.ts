/** Audit devices that cannot write: no request is answered unrecorded, and service comes back with the device (F3). */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { type Api, apiOf, initialise, startConfigured } from './calls.ts';
import { newFolder, type ServerProcess } from './server.ts';

const canary = 'canary-audit-4711';
const started: ServerProcess[] = [];

after(async () => {
  for (const server of started) await server.stop();
});

const device = (name: string, file: string): string =>
  `audit "file" "${name}" {\n  options {\n    file_path = "${file}"\n  }\n}\n`;

const start = async (folder: string, more: string): Promise<{ readonly server: ServerProcess; readonly api: Api }> => {
  const server = await startConfigured({ folder, more });
  started.push(server);
  return { server, api: apiOf(server.address) };
};

/** A device that takes no byte: what a full disk looks like to who writes. */
const fullDevice = (file: string): boolean =>
  process.platform === 'linux' && spawnSync('mknod', [file, 'c', '1', '7']).status === 0;

const reloaded = async (server: ServerProcess, until: () => Promise<boolean> | boolean): Promise<void> => {
  process.kill(server.pid, 'SIGHUP');
  for (let turn = 0; turn < 200; turn++) {
    if (await until()) return;
    await new Promise(done => setTimeout(done, 25));
  }
  throw new Error(`the server did not reload:\n${server.said()}`);
};

test('an audit file that cannot be opened keeps the server from starting, and it says which and why', async () => {
  const folder = newFolder();
  const cases = [
    [path.join(folder, 'none', 'audit.log'), /ENOENT: make its folder first/],
    [folder, /EISDIR/],
    [path.join(folder, 'link.log'), /ELOOP/],
  ] as const;
  symlinkSync(path.join(folder, 'elsewhere.log'), path.join(folder, 'link.log'));
  for (const [file, reason] of cases) {
    await assert.rejects(start(folder, device('main', file)), (error: Error) => {
      assert.match(error.message, /the server ended \([1-9]/);
      assert.match(error.message, reason);
      assert.ok(error.message.includes(`audit file ${file} cannot be opened`), error.message);
      assert.doesNotMatch(error.message, /\n\s+at /);
      return true;
    });
  }
  assert.ok(!existsSync(path.join(folder, 'elsewhere.log')));
});

test('F3: an audit file that cannot be opened beside a healthy one is told, and the server starts', async () => {
  const own = newFolder();
  const missing = path.join(own, 'none', 'audit.log');
  const { server, api } = await start(own, device('gone', missing) + device('main', path.join(own, 'audit.log')));
  await initialise(api);
  assert.match(server.said(), /audit device cannot be opened.*ENOENT/);
  mkdirSync(path.dirname(missing));
  await reloaded(server, () => existsSync(missing));
  await api.call('GET', 'cubbyhole/after', { status: 404 });
  assert.ok(readFileSync(missing, 'utf8').includes('cubbyhole/after'));
});

const folder = newFolder();
const broken = path.join(folder, 'audit.log');
const possible = fullDevice(broken);
const skip = possible ? false : 'a device file that is always full needs Linux and the right to make one';

test('F3: with no device that can write, nothing is done, nothing answered, and the reason is in the log', {
  skip,
}, async () => {
  const { server, api } = await start(folder, device('main', broken));
  await initialise(api);
  for (const [method, target, body] of [
    ['POST', 'sys/mounts/one', { type: 'kv' }],
    ['PUT', 'sys/policies/acl/x', { policy: 'path "a" { capabilities = ["read"] }' }],
    ['POST', 'cubbyhole/x', { k: canary }],
    ['GET', 'sys/mounts', undefined],
    ['GET', 'auth/token/lookup-self', undefined],
    ['POST', 'auth/token/create', {}],
    ['GET', 'nowhere', undefined],
  ] as const) {
    const told = await api.call(method, target, { body, status: 500 });
    assert.equal(told.errors.length, 1);
    assert.match(told.errors[0], /audit/);
    assert.doesNotMatch(JSON.stringify(told), /cubbyhole|cofs\.|canary/);
  }
  assert.equal((await api.call('GET', 'sys/health')).sealed, false);
  assert.equal((await api.call('GET', 'sys/seal-status')).sealed, false);
  assert.match(server.said(), /audit device could not take a record.*main\//s);
  assert.match(server.said(), /ENOSPC/);
  assert.ok(!server.said().includes(canary));
  rmSync(broken);
  await reloaded(
    server,
    async () => (await fetch(`${server.address}/v1/sys/mounts`, { headers: { 'X-Vault-Token': api.token ?? '' } })).ok,
  );
  await api.call('GET', 'cubbyhole/x', { status: 404 });
  await api.call('GET', 'sys/policies/acl/x', { status: 404 });
  await api.call('POST', 'sys/mounts/one', { body: { type: 'kv' }, status: 204 });
  const lines = readFileSync(broken, 'utf8')
    .split('\n')
    .filter(line => line !== '' && !line.includes('"type":"chain"'));
  assert.ok(lines.length >= 8 && lines.every(line => JSON.parse(line).request.path !== undefined));
});

test('F3: a full device beside a healthy one stops nothing', { skip }, async () => {
  const other = newFolder();
  const full = path.join(other, 'full.log');
  fullDevice(full);
  const healthy = path.join(other, 'healthy.log');
  const { api } = await start(other, device('full', full) + device('healthy', healthy));
  await initialise(api);
  await api.call('POST', 'cubbyhole/x', { body: { k: canary }, status: 204 });
  assert.equal((await api.call('GET', 'cubbyhole/x')).data.k, canary);
  const text = readFileSync(healthy, 'utf8');
  assert.ok(text.includes('cubbyhole/x') && !text.includes(canary));
});

test('a moved audit file is followed until the server is told to open it anew; no record is lost', async () => {
  const own = newFolder();
  const file = path.join(own, 'audit.log');
  const { server, api } = await start(own, device('main', file));
  await initialise(api);
  const ask = (name: string) => api.call('GET', `cubbyhole/${name}`, { status: 404 });
  const has = (where: string, name: string) =>
    existsSync(where) && readFileSync(where, 'utf8').includes(`cubbyhole/${name}`);
  await ask('first');
  renameSync(file, `${file}.1`);
  await ask('second');
  await reloaded(server, () => existsSync(file));
  await ask('third');
  assert.deepEqual([has(`${file}.1`, 'first'), has(`${file}.1`, 'second'), has(file, 'third')], [true, true, true]);
  rmSync(file);
  mkdirSync(file);
  process.kill(server.pid, 'SIGHUP');
  await ask('fourth');
  assert.equal((await api.call('GET', 'sys/health')).sealed, false);
});
