/** `coffer monitor` against a real server. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type Api, apiOf, initialise } from './calls.ts';
import { type Started, startCoffer } from './coffer.ts';
import { newFolder, type ServerProcess, startFreshServer } from './server.ts';

let server: ServerProcess;
let api: Api;
let keys: readonly string[] = [];
const home = newFolder();

before(async () => {
  server = await startFreshServer();
  api = apiOf(server.address);
  ({ keys } = await initialise(api));
  writeFileSync(path.join(server.folder, 'coffer.hcl'), 'no configuration {');
});

after(() => server.stop());

/** The configuration cannot be read any more: each SIGHUP has a line in the log. */
const speak = (): void => void process.kill(server.pid, 'SIGHUP');
const line = /the configuration cannot be read/;

/** Resolves once it has told a line. */
const following = async (...args: string[]): Promise<Started> => {
  const env = { HOME: home, COFFER_ADDR: server.address, COFFER_TOKEN: api.token ?? '' };
  const started = startCoffer(['monitor', ...args], { env, cwd: home });
  for (let turn = 0; turn < 300 && !line.test(started.said()); turn++) {
    speak();
    await pause(100);
  }
  assert.match(started.said(), line);
  return started;
};

test('it follows the log from the moment it begins, and ends with code 0 when the store is sealed', async () => {
  const started = await following('-log-level=error', '-log-format=json');
  await api.call('PUT', 'sys/seal', { status: 204 });
  const { code, out, err } = await started.ended;
  assert.equal(code, 0, err);
  assert.match(out, /==> the log is not followed any more: the store was sealed\n$/);
  await api.call('POST', 'sys/unseal', { body: { key: keys[0] } });
});

test('a level that there is not, and a token without the right, are refused', async () => {
  const env = { HOME: home, COFFER_ADDR: server.address, COFFER_TOKEN: api.token ?? '' };
  const bad = await startCoffer(['monitor', '-log-level=loud'], { env, cwd: home }).ended;
  assert.equal(bad.code, 2);
  assert.match(bad.err, /invalid level provided/);
  const none = await startCoffer(['monitor'], { env: { ...env, COFFER_TOKEN: 'none' }, cwd: home }).ended;
  assert.match(none.err, /permission denied/);
});

test('an interrupt ends it', async () => {
  const started = await following();
  started.kill('SIGINT');
  assert.equal((await started.ended).code, 'SIGINT');
});
