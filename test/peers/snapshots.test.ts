/** Snapshots by the command and over HTTP, from one server into another machine's. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type Api, apiOf, auditBlock, initialise, startConfigured } from './calls.ts';
import { type Ended, runCoffer } from './cli-run.ts';
import { newFolder, type ServerProcess } from './server.ts';

const home = newFolder();
const snapshot = path.join(home, 'store.snap');
let old: ServerProcess;
let oldApi: Api;
let oldKeys: readonly string[] = [];
let fresh: ServerProcess;
let freshApi: Api;
const folders = [newFolder(), newFolder()] as const;

const open = async (folder: string): Promise<{ server: ServerProcess; api: Api; keys: readonly string[] }> => {
  const server = await startConfigured({ folder, more: auditBlock(folder) });
  const api = apiOf(server.address);
  const { keys } = await initialise(api, 3, 2);
  return { server, api, keys };
};

before(async () => {
  const first = await open(folders[0]);
  [old, oldApi, oldKeys] = [first.server, first.api, first.keys];
  const second = await open(folders[1]);
  [fresh, freshApi] = [second.server, second.api];
  await oldApi.call('POST', 'sys/mounts/secret', { body: { type: 'kv', options: { version: '2' } }, status: 204 });
  for (let at = 0; at < 200; at++)
    await oldApi.call('POST', `secret/data/app/${at}`, { body: { data: { value: `v${at}`, text: 'x'.repeat(2000) } } });
});

after(async () => {
  await old.stop();
  await fresh.stop();
  for (const folder of [home, ...folders]) rmSync(folder, { recursive: true, force: true });
});

const coffer = (api: Api, ...args: string[]): Promise<Ended> =>
  runCoffer(args, { home, env: { COFFER_ADDR: api.address, COFFER_TOKEN: api.token ?? '' } });

const ok = async (api: Api, ...args: string[]): Promise<string> => {
  const ended = await coffer(api, ...args);
  assert.equal(ended.code, 0, ended.err);
  return ended.out;
};

const spools = (folder: string): readonly string[] => readdirSync(folder).filter(name => name.includes('.copy-'));

test('a snapshot is saved into a file of its owner alone, and leaves nothing beside the store', async () => {
  assert.match(await ok(oldApi, 'operator', 'raft', 'snapshot', 'save', snapshot), /^Success! Saved the snapshot to /);
  assert.equal(statSync(snapshot).mode & 0o777, 0o600);
  assert.ok(!readFileSync(snapshot).includes('v199'));
  assert.deepEqual(spools(folders[0]), []);
  assert.deepEqual(
    readdirSync(home).filter(name => name.endsWith('.tmp')),
    [],
  );
  const shown = await ok(oldApi, 'operator', 'snapshot', 'inspect', snapshot);
  assert.match(shown, /^Store ID +[0-9a-f]{32}\nRevision +[0-9]+\nRecords +[0-9]+\n/);
});

test('another machine refuses it, and takes it by force; the keys of the old store open it', async () => {
  const refused = await coffer(freshApi, 'operator', 'raft', 'snapshot', 'restore', snapshot);
  assert.equal(refused.code, 2);
  assert.match(refused.err, /the snapshot is of another store; snapshot-force/);
  await freshApi.call('GET', 'sys/mounts');
  assert.match(await ok(freshApi, 'operator', 'raft', 'snapshot', 'restore', '-force', snapshot), /^Success! Restored/);
  assert.equal((await freshApi.call('GET', 'sys/seal-status')).sealed, true);
  for (const key of oldKeys.slice(0, 2)) await freshApi.call('POST', 'sys/unseal', { body: { key } });
  freshApi.token = oldApi.token;
  for (const at of [0, 99, 199])
    assert.equal((await freshApi.call('GET', `secret/data/app/${at}`)).data.data.value, `v${at}`);
  assert.deepEqual(spools(folders[1]), []);
  const audit = readFileSync(path.join(folders[1], 'audit.log'), 'utf8').trimEnd().split('\n');
  const forced = audit.map(line => JSON.parse(line)).filter(({ request }) => /snapshot-force/.test(request.path));
  assert.deepEqual(
    forced.map(({ type }) => type),
    ['request', 'response'],
  );
});

test('what was restored is there after a start anew, and goes on from there', async () => {
  await freshApi.call('POST', 'secret/data/app/0', { body: { data: { value: 'after' } } });
  await fresh.stop();
  fresh = await startConfigured({ folder: folders[1], more: auditBlock(folders[1]) });
  freshApi = apiOf(fresh.address, oldApi.token);
  for (const key of oldKeys.slice(1, 3)) await freshApi.call('POST', 'sys/unseal', { body: { key } });
  assert.equal((await freshApi.call('GET', 'secret/data/app/0')).data.data.value, 'after');
  assert.equal((await freshApi.call('GET', 'secret/data/app/1')).data.data.value, 'v1');
});

test('a store goes back to its own snapshot over HTTP, sent with a length and in chunks', async () => {
  const bytes = readFileSync(snapshot);
  const chunked = new Blob([bytes]).stream();
  for (const body of [bytes, chunked]) {
    await oldApi.call('POST', 'secret/data/app/0', { body: { data: { value: 'later' } } });
    const sent = { method: 'POST', headers: { 'X-Vault-Token': oldApi.token ?? '' }, body, duplex: 'half' as const };
    const answer = await fetch(`${oldApi.address}/v1/sys/storage/raft/snapshot`, sent);
    assert.equal(answer.status, 204, await answer.text());
    for (const key of oldKeys.slice(0, 2)) await oldApi.call('POST', 'sys/unseal', { body: { key } });
    assert.equal((await oldApi.call('GET', 'secret/data/app/0')).data.data.value, 'v0');
  }
});

test('a file that is no snapshot, or not whole, is refused before it is sent', async () => {
  const bad = path.join(home, 'bad.snap');
  const whole = readFileSync(snapshot);
  for (const [bytes, words] of [
    [Buffer.from('no'), /not a whole snapshot/],
    [whole.subarray(0, whole.length - 100), /not a whole snapshot/],
    [Buffer.from(whole).fill(0, 2000, 2001), /not a whole snapshot/],
  ] as const) {
    writeFileSync(bad, bytes);
    for (const words2 of [['restore'], ['inspect']]) {
      const ended = await coffer(oldApi, 'operator', 'raft', 'snapshot', ...words2, bad);
      assert.equal(ended.code, 1);
      assert.match(ended.err, words);
    }
  }
  const missing = await coffer(oldApi, 'operator', 'raft', 'snapshot', 'restore', path.join(home, 'none'));
  assert.match(missing.err, /cannot be read \(no such file or folder\)/);
  await oldApi.call('GET', 'secret/data/app/0');
});

const waitFor = async (holds: () => boolean): Promise<void> => {
  for (let turn = 0; turn < 500 && !holds(); turn++) await pause(20);
  assert.ok(holds());
};

/** Asks for a snapshot and takes only the beginning of it. */
const begun = async (api: Api): Promise<Socket> => {
  const { port } = new URL(api.address);
  const socket = connect({ host: '127.0.0.1', port: Number(port) });
  socket.write(
    `GET /v1/sys/storage/raft/snapshot HTTP/1.1\r\nHost: x\r\nX-Vault-Token: ${api.token}\r\nConnection: close\r\n\r\n`,
  );
  const [first] = (await once(socket, 'data')) as [Buffer];
  assert.match(first.toString('latin1'), /^HTTP\/1\.1 200 /);
  socket.pause();
  return socket;
};

test('S13: clients that take nothing hold up nobody, are bounded, and what they held is given back', async () => {
  const text = randomBytes(350_000).toString('base64');
  for (let at = 0; at < 40; at++) await oldApi.call('POST', `secret/data/large/${at}`, { body: { data: { text } } });
  const slow = await Promise.all(Array.from({ length: 4 }, () => begun(oldApi)));
  assert.equal(spools(folders[0]).length, 4);
  const refused = await oldApi.call('GET', 'sys/storage/raft/snapshot', { status: 409 });
  assert.match(refused.errors[0], /^4 snapshots are being made or sent already/);
  await oldApi.call('POST', 'secret/data/app/0', { body: { data: { value: 'meanwhile' } } });
  await oldApi.call('GET', 'secret/data/app/0');
  for (const socket of slow) socket.destroy();
  await waitFor(() => spools(folders[0]).length === 0);
  await ok(oldApi, 'operator', 'raft', 'snapshot', 'save', snapshot);
});

test('HEAD tells of a snapshot and leaves nothing', async () => {
  const answer = await fetch(`${oldApi.address}/v1/sys/storage/raft/snapshot`, {
    method: 'HEAD',
    headers: { 'X-Vault-Token': oldApi.token ?? '' },
  });
  assert.ok(answer.status === 200 || answer.status === 405, `${answer.status}`);
  await waitFor(() => spools(folders[0]).length === 0);
});

test('what a process that died left beside the store is removed at the next start', async () => {
  const left = path.join(folders[0], 'store.db.copy-7.tmp');
  writeFileSync(left, 'left');
  await old.stop('SIGKILL');
  old = await startConfigured({ folder: folders[0], more: auditBlock(folders[0]) });
  oldApi = apiOf(old.address, oldApi.token);
  assert.deepEqual(spools(folders[0]), []);
});

test('a snapshot is an archive that everybody can list, with sums that everybody can check', async () => {
  const folder = path.join(home, 'unpacked');
  mkdirSync(folder);
  execFileSync('tar', ['-xzf', snapshot, '-C', folder]);
  assert.deepEqual(readdirSync(folder).toSorted(), ['SHA256SUMS', 'SHA256SUMS.sealed', 'meta.json', 'state.bin']);
  const checked = execFileSync('sha256sum', ['-c', 'SHA256SUMS'], { cwd: folder }).toString();
  assert.equal(checked, 'meta.json: OK\nstate.bin: OK\n');
});

test('S26: going back to a snapshot does not make the store forget how far its audit files had come', async () => {
  const file = path.join(folders[0], 'audit.log');
  for (const key of oldKeys.slice(0, 2)) await oldApi.call('POST', 'sys/unseal', { body: { key } });
  await ok(oldApi, 'operator', 'raft', 'snapshot', 'save', snapshot);
  const lanes = async (): Promise<Map<string, number>> =>
    new Map(
      (await oldApi.call('GET', 'sys/audit-chain')).data.lanes.map((one: { lane: string; sequence: number }) => [
        one.lane,
        one.sequence,
      ]),
    );
  // A lane that began after the snapshot.
  await oldApi.call('PUT', 'sys/seal', { status: 204 });
  for (const key of oldKeys.slice(0, 2)) await oldApi.call('POST', 'sys/unseal', { body: { key } });
  await oldApi.call('GET', 'secret/data/app/1');
  const earlier = await lanes();
  await ok(oldApi, 'operator', 'raft', 'snapshot', 'restore', snapshot);
  for (const key of oldKeys.slice(0, 2)) await oldApi.call('POST', 'sys/unseal', { body: { key } });
  const later = await lanes();
  for (const [lane, sequence] of earlier) assert.ok((later.get(lane) ?? 0) >= sequence, `${lane}: ${sequence}`);
  assert.match(await ok(oldApi, 'audit', 'verify', file), /\S/);
  const whole = readFileSync(file, 'utf8').trimEnd().split('\n');
  const cut = path.join(home, 'cut.log');
  writeFileSync(cut, `${whole.slice(0, Math.floor(whole.length / 2)).join('\n')}\n`);
  assert.notEqual((await coffer(oldApi, 'audit', 'verify', cut)).code, 0, 'what was cut off is missed');
});
