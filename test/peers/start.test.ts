/** Starting: the first time, after a first time that was cut off, and where it cannot be. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { root } from '../run/environment.ts';
import { newFolder, startServer } from './server.ts';

const ready = /running at (http:\/\/\S+)[\s\S]*docs\/production/;

const start = (folder: string, listen = '127.0.0.1:0') =>
  startServer({ args: ['-embedded', `-data=${path.join(folder, 'data')}`, `-listen=${listen}`], folder, ready });

const status = async (address: string, target: string, token: string): Promise<number> =>
  (await fetch(`${address}/v1/${target}`, { headers: { 'x-vault-token': token } })).status;

/** Whether this is the recovery key in force: it makes a root token. */
const provesItself = async (address: string, token: string, key: string): Promise<boolean> => {
  const ask = async (target: string, body: object) => {
    const init = { method: 'POST', headers: { 'x-vault-token': token }, body: JSON.stringify(body) };
    return (await (await fetch(`${address}/v1/sys/generate-root-token/${target}`, init)).json()) as {
      readonly data: { readonly nonce: string; readonly complete?: boolean };
    };
  };
  const { nonce } = (await ask('attempt', {})).data;
  return (await ask('update', { key, nonce })).data.complete === true;
};

test('the embedded default keeps its files to its owner and opens again by itself', async () => {
  const folder = newFolder();
  const first = await start(folder);
  const data = path.join(folder, 'data');
  const token = readFileSync(path.join(data, 'root-token'), 'utf8');
  assert.equal(await status(first.address, 'secret/config', token), 200);
  assert.equal(await first.stop(), 0);
  for (const name of readdirSync(data)) assert.equal(statSync(path.join(data, name)).mode & 0o077, 0, name);
  assert.equal(readdirSync(data).includes('setting-up'), false);
  const second = await start(folder);
  assert.doesNotMatch(second.said(), /new store/);
  assert.equal(await status(second.address, 'secret/config', token), 200);
  assert.equal(await second.stop(), 0);
});

test('F1: a first start that was cut off after the store was made is finished by the next one', async () => {
  const folder = newFolder();
  // The recovery key cannot be written where a folder stands: the start ends between two of its steps.
  mkdirSync(path.join(folder, 'data', 'recovery-key', 'x'), { recursive: true });
  await assert.rejects(start(folder), /recovery-key cannot be written/);
  rmdirSync(path.join(folder, 'data', 'recovery-key', 'x'));
  rmdirSync(path.join(folder, 'data', 'recovery-key'));
  const server = await start(folder);
  const token = readFileSync(path.join(folder, 'data', 'root-token'), 'utf8');
  assert.equal(await status(server.address, 'auth/token/lookup-self', token), 200);
  assert.equal(await status(server.address, 'secret/config', token), 200);
  const key = readFileSync(path.join(folder, 'data', 'recovery-key'), 'utf8').trim();
  assert.equal(await provesItself(server.address, token, key), true);
  assert.equal(await server.stop(), 0);
});

test('F1: a store that lost its database is not begun anew, with and without what remembers it', async () => {
  const folder = newFolder();
  const data = path.join(folder, 'data');
  assert.equal(await (await start(folder)).stop(), 0);
  truncateSync(path.join(data, 'coffer.db'), 0);
  await assert.rejects(start(folder), /coffer\.db is empty, but there was one here: put its file back from a backup/);
  for (const name of ['coffer.db', 'coffer.db.lock']) rmSync(path.join(data, name));
  await assert.rejects(start(folder), /was set up before: put coffer\.db back from a backup/);
  rmSync(data, { recursive: true });
  assert.equal(await (await start(folder)).stop(), 0);
});

test('an address that is taken is said, and the store is left alone', async () => {
  const blocker = createServer();
  await new Promise<void>(done => blocker.listen(0, '127.0.0.1', done));
  const { port } = blocker.address() as { port: number };
  const folder = newFolder();
  await assert.rejects(
    start(folder, `127.0.0.1:${port}`),
    /cannot listen on 127\.0\.0\.1:\d+: another program listens there/,
  );
  await new Promise(done => blocker.close(done));
  const server = await start(folder);
  assert.equal(await server.stop(), 0);
});

test('a folder that no file system can hold is said at once', async () => {
  const args = ['-embedded', '-data=/proc/nope/deep', '-listen=127.0.0.1:0'];
  await assert.rejects(startServer({ args, ready }), /\/proc\/nope\/deep cannot be written: ENOENT/);
});

test('configurations that exclude each other are refused before anything is made', async () => {
  const folder = newFolder();
  for (const args of [
    ['-embedded', '-config=x.hcl'],
    ['-dev', '-config=x.hcl'],
    ['-dev', '-embedded'],
  ])
    await assert.rejects(
      startServer({ args: [...args, `-data=${folder}/data`], folder, ready }),
      / and -\w+ exclude each other/,
    );
  assert.equal(existsSync(path.join(folder, 'data')), false);
});

test('a signal to `npm start` ends the server too: its port and its store are free again', async () => {
  const folder = newFolder();
  const args = ['start', '--', '-listen=127.0.0.1:0', `-data=${path.join(folder, 'data')}`];
  const child = spawn('npm', args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  // Closed once nobody holds the pipe any more: neither npm nor what it started.
  const closed = new Promise<void>(done => child.once('close', () => done()));
  const address = await new Promise<string>(done => {
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const found = ready.exec(said)?.[1];
      if (found !== undefined) done(found);
    });
  });
  child.kill('SIGTERM');
  await closed;
  assert.match(said, /shutdown triggered/);
  await assert.rejects(fetch(`${address}/v1/sys/health`));
});
