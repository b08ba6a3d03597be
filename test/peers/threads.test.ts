/** `request_threads`: whichever thread a connection meets, it is the same store as with one. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { type Api, apiOf, auditBlock, configurationFile, initialise, startConfigured } from './calls.ts';
import { runCoffer, startCoffer } from './coffer.ts';
import { type Answered, type Connections, connectionsTo } from './many-connections.ts';
import { newFolder, type ServerProcess } from './server.ts';

const threads = 'request_threads = 3\n';
const folder = newFolder();
const site = (text: string): string => `custom_response_headers {\n "default" = { "X-Site" = ["${text}"] }\n }`;
let server: ServerProcess;
let api: Api;
let keys: readonly string[];
let connections: Connections;

before(async () => {
  server = await startConfigured({ folder, more: threads + auditBlock(folder), listener: site('one') });
  api = apiOf(server.address);
  ({ keys } = await initialise(api));
  connections = connectionsTo(server.address);
  await api.call('POST', 'sys/mounts/secret', { body: { type: 'kv', options: { version: '2' } }, status: 204 });
  await api.call('POST', 'secret/data/a', { body: { data: { n: 0 } } });
});

after(async () => {
  connections.close();
  await server.stop();
});

const statuses = (answers: readonly Answered[]): readonly number[] => [...new Set(answers.map(({ status }) => status))];
const everywhere = async (method: string, target: string, token = api.token): Promise<readonly number[]> =>
  statuses(await connections.everywhere(method, target, token));

test('of 60,000 reads after acknowledged writes none is stale', async () => {
  const rounds = 3_750;
  let reads = 0;
  let stale = 0;
  const body = (n: number) => ({ token: api.token ?? '', body: { data: { n } } });
  for (let round = 0; round < rounds; round++) {
    const target = `secret/data/k${round % 50}`;
    // Whichever thread took the write in.
    assert.equal((await connections.through(round, `POST ${target}`, body(round))).status, 200);
    for (const { status, text } of await connections.everywhere('GET', target, api.token)) {
      assert.equal(status, 200);
      reads++;
      if (JSON.parse(text).data.data.n !== round) stale++;
    }
  }
  assert.deepEqual({ reads, stale }, { reads: 60_000, stale: 0 });
});

test('a token that is revoked is dead on every connection, and so is what it may no longer do', async () => {
  const policy = (name: string) => `path "${name}/data/*" { capabilities = ["read"] }`;
  for (let round = 0; round < 20; round++) {
    await api.call('POST', 'sys/policies/acl/reader', { body: { policy: policy('secret') }, status: 204 });
    const { auth } = await api.call('POST', 'auth/token/create', { body: { policies: ['reader'] } });
    assert.deepEqual(await everywhere('GET', 'secret/data/a', auth.client_token), [200]);
    await api.call('POST', 'sys/policies/acl/reader', { body: { policy: policy('other') }, status: 204 });
    assert.deepEqual(await everywhere('GET', 'secret/data/a', auth.client_token), [403]);
    await api.call('POST', 'sys/policies/acl/reader', { body: { policy: policy('secret') }, status: 204 });
    assert.deepEqual(await everywhere('GET', 'secret/data/a', auth.client_token), [200]);
    await api.call('POST', 'auth/token/revoke', { body: { token: auth.client_token }, status: 204 });
    assert.deepEqual(await everywhere('GET', 'secret/data/a', auth.client_token), [403]);
  }
});

test('a token with so many uses has so many, over all connections', async () => {
  const { auth } = await api.call('POST', 'auth/token/create', { body: { policies: ['root'], num_uses: 5 } });
  const answers = await connections.everywhere('GET', 'secret/data/a', auth.client_token);
  assert.equal(answers.filter(({ status }) => status === 200).length, 5);
});

test('mounts are there and gone everywhere', async () => {
  for (let round = 0; round < 10; round++) {
    await api.call('POST', 'sys/mounts/come', { body: { type: 'kv' }, status: 204 });
    await api.call('POST', 'come/a', { body: { x: '1' }, status: 204 });
    assert.deepEqual(await everywhere('GET', 'come/a'), [200]);
    await api.call('DELETE', 'sys/mounts/come', { status: 204 });
    assert.deepEqual(await everywhere('GET', 'come/a'), [404]);
  }
});

test('the root token of a sealed store opens nothing anywhere, and everything once it is open', async () => {
  for (let round = 0; round < 3; round++) {
    await connections.through(round, 'PUT sys/seal', { token: api.token ?? '' });
    assert.deepEqual(await everywhere('GET', 'secret/data/a'), [503]);
    const told = await connections.through(round, 'POST sys/unseal', { body: { key: keys[0] } });
    assert.equal(JSON.parse(told.text).sealed, false);
    assert.deepEqual(await everywhere('GET', 'secret/data/a'), [200]);
  }
});

test('shares of the unseal key may be handed in over any connection', async () => {
  const other = newFolder();
  const shared = await startConfigured({ folder: other, more: threads });
  const own = apiOf(shared.address);
  const body = { secret_shares: 5, secret_threshold: 3 };
  const made = await own.call('POST', 'sys/init', { body });
  const to = connectionsTo(shared.address);
  for (const [index, key] of made.keys_base64.slice(0, 3).entries()) {
    const told = await to.through(index * 5, 'POST sys/unseal', { body: { key } });
    assert.equal(JSON.parse(told.text).progress, (index + 1) % 3);
  }
  assert.deepEqual(statuses(await to.everywhere('LIST', 'auth/token/accessors', made.root_token)), [200]);
  to.close();
  assert.equal(await shared.stop(), 0);
});

const wasCutOff = (said: string): boolean => said.includes('the store was sealed');

test('what goes on for long goes on through any thread, and ends with the store', async () => {
  const env = { HOME: folder, COFFER_ADDR: server.address, COFFER_TOKEN: api.token ?? '' };
  const events = Array.from({ length: 6 }, () => startCoffer(['events', 'subscribe', 'kv*/*'], { env, cwd: folder }));
  const monitors = Array.from({ length: 6 }, () => startCoffer(['monitor'], { env, cwd: folder }));
  const areTold = (): boolean =>
    events.every(one => one.said().includes('data/told')) && monitors.every(one => one.said().includes('[ERROR]'));
  writeFileSync(path.join(folder, 'coffer.hcl'), 'no configuration {');
  for (let turn = 0; turn < 600 && !areTold(); turn++) {
    await api.call('POST', 'secret/data/told', { body: { data: { turn } } });
    process.kill(server.pid, 'SIGHUP');
    await new Promise(done => setTimeout(done, 50));
  }
  for (const one of events) assert.match(one.said(), /data\/told/);
  for (const one of monitors) assert.match(one.said(), /the configuration cannot be read/);
  await api.call('PUT', 'sys/seal', { status: 204 });
  for (const one of monitors) assert.equal((await one.ended).code, 0, one.said());
  // They come back once it is open.
  for (let turn = 0; turn < 200 && !events.every(one => wasCutOff(one.said())); turn++)
    await new Promise(done => setTimeout(done, 50));
  for (const one of events) assert.ok(wasCutOff(one.said()), one.said());
  for (const one of events) one.kill('SIGTERM');
  await Promise.all(events.map(one => one.ended));
  await api.call('POST', 'sys/unseal', { body: { key: keys[0] } });
});

test('a snapshot is taken and put back over any connection', async () => {
  const file = path.join(folder, 'a.snap');
  const env = { HOME: folder, COFFER_ADDR: server.address, COFFER_TOKEN: api.token ?? '' };
  const run = (...args: string[]) => runCoffer(args, { env, cwd: folder });
  await api.call('POST', 'secret/data/a', { body: { data: { n: 'kept' } } });
  const saved = await run('operator', 'raft', 'snapshot', 'save', file);
  assert.equal(saved.code, 0, saved.err);
  await api.call('POST', 'secret/data/a', { body: { data: { n: 'lost' } } });
  const restored = await run('operator', 'raft', 'snapshot', 'restore', file);
  assert.equal(restored.code, 0, restored.err);
  for (let turn = 0; turn < 100; turn++) {
    const { sealed } = await api.call('GET', 'sys/seal-status');
    if (sealed === false) break;
    await api.call('POST', 'sys/unseal', { body: { key: keys[0] } });
  }
  for (const { text } of await connections.everywhere('GET', 'secret/data/a', api.token))
    assert.equal(JSON.parse(text).data.data.n, 'kept');
});

test('response headers of a changed configuration are those of every thread', async () => {
  configurationFile({ folder, more: threads + auditBlock(folder), listener: site('two') });
  process.kill(server.pid, 'SIGHUP');
  const sites = async (): Promise<readonly unknown[]> => [
    ...new Set(
      (await connections.everywhere('GET', 'secret/data/a', api.token)).map(({ headers }) => headers['x-site']),
    ),
  ];
  for (let turn = 0; turn < 200 && (await sites()).join() !== 'two'; turn++)
    await new Promise(done => setTimeout(done, 25));
  assert.deepEqual(await sites(), ['two']);
});

test('requests are counted wherever they were answered', async () => {
  const count = async (): Promise<number> => {
    const text = await (
      await fetch(`${server.address}/v1/sys/metrics?format=prometheus`, {
        headers: { 'X-Vault-Token': api.token ?? '' },
      })
    ).text();
    const [, value = '0'] = /^vault_token_lookup_count(?:\{[^}]*\})? (\d+)/m.exec(text) ?? [];
    return Number(value);
  };
  const first = await count();
  for (let round = 0; round < 10; round++) await everywhere('GET', 'secret/data/a');
  for (let turn = 0; turn < 100 && (await count()) - first < 160; turn++)
    await new Promise(done => setTimeout(done, 50));
  assert.ok((await count()) - first >= 160);
});

test('every request is on record twice, in one chain', async () => {
  await connections.everywhere('GET', 'secret/data/a?mark=here', api.token);
  const lines = readFileSync(path.join(folder, 'audit.log'), 'utf8')
    .split('\n')
    .filter(line => line.includes('"path":"secret/data/a"'))
    .map(line => JSON.parse(line));
  const requests = lines.filter(({ type }) => type === 'request').map(({ request }) => request.id);
  const responses = lines.filter(({ type }) => type === 'response').map(({ request }) => request.id);
  assert.equal(new Set(requests).size, requests.length);
  assert.deepEqual(new Set(requests), new Set(responses));
  assert.equal(requests.length, responses.length);
  const env = { HOME: folder, COFFER_ADDR: server.address, COFFER_TOKEN: api.token ?? '' };
  const verified = await runCoffer(['audit', 'verify', path.join(folder, 'audit.log')], { env, cwd: folder });
  assert.equal(verified.code, 0, verified.out + verified.err);
});

test('another server does not get a part of its connections by mistake', async () => {
  const { port } = new URL(server.address);
  for (const more of [threads, '']) {
    const other = newFolder();
    const file = configurationFile({ folder: other, more });
    writeFileSync(file, readFileSync(file, 'utf8').replace('127.0.0.1:0', `127.0.0.1:${port}`));
    const { code, err } = await runCoffer(['server', `-config=${file}`], { env: { HOME: other }, cwd: other });
    assert.equal(code, 1);
    assert.match(err, /another program listens there/);
  }
});

test('requests that are under way when it is told to end are answered', async () => {
  const own = newFolder();
  const ending = await startConfigured({ folder: own, more: threads });
  const its = apiOf(ending.address);
  await initialise(its);
  const to = connectionsTo(ending.address, 12);
  const refused: unknown[] = [];
  const enough = Promise.withResolvers<void>();
  let answered = 0;
  let isEnding = false;
  const asking = Array.from({ length: 12 }, async (_, index) => {
    for (;;) {
      try {
        const { status } = await to.through(index, 'LIST auth/token/accessors', { token: its.token ?? '' });
        if (status !== 200) refused.push(status);
        else if (++answered === 500) enough.resolve();
      } catch (cause) {
        if (!isEnding) refused.push(cause);
        return;
      }
    }
  });
  await enough.promise;
  isEnding = true;
  assert.equal(await ending.stop(), 0);
  await Promise.all(asking);
  assert.deepEqual(refused, []);
  to.close();
});
