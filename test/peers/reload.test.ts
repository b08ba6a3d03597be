/** SIGHUP: what of a changed configuration is taken while the server runs, and what stays where it cannot be taken. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { type Api, apiOf, configurationFile, initialise, startConfigured, staticSeal } from './calls.ts';
import { newFolder, type ServerProcess } from './server.ts';

const started: ServerProcess[] = [];
after(async () => {
  for (const server of started) await server.stop();
});

interface Bed {
  readonly folder: string;
  readonly server: ServerProcess;
  readonly api: Api;
}

const start = async (more: (folder: string) => string, listener = ''): Promise<Bed> => {
  const folder = newFolder();
  const server = await startConfigured({ folder, more: more(folder), listener });
  started.push(server);
  const api = apiOf(server.address);
  await initialise(api);
  return { folder, server, api };
};

const signalled = async (server: ServerProcess, holds: () => Promise<boolean> | boolean): Promise<void> => {
  process.kill(server.pid, 'SIGHUP');
  for (let turn = 0; turn < 200; turn++) {
    if (await holds()) return;
    await new Promise(done => setTimeout(done, 25));
  }
  throw new Error(`the reload did not do what was waited for:\n${server.said()}`);
};

const device = (name: string, file: string): string =>
  `audit "file" "${name}" {\n  options {\n    file_path = "${file}"\n  }\n}\n`;
const headers = (text: string): string => `custom_response_headers {\n "default" = { "X-Site" = ["${text}"] }\n }`;
const site = async ({ server }: Bed): Promise<string | null> =>
  (await fetch(`${server.address}/v1/sys/health`)).headers.get('x-site');

test('response headers and the level of the log are those of the configuration as it is now', async () => {
  const bed = await start(() => 'log_level = "error"', headers('one'));
  assert.equal(await site(bed), 'one');
  configurationFile({ folder: bed.folder, more: 'log_level = "info"', listener: headers('two') });
  await signalled(bed.server, async () => (await site(bed)) === 'two');
  configurationFile({ folder: bed.folder, more: 'log_level = "info"' });
  await signalled(bed.server, async () => (await site(bed)) === null);
});

test('audit devices that were added are opened, those that are gone are closed and can be removed', async () => {
  const bed = await start(folder => device('one', path.join(folder, 'one.log')));
  const { api, folder, server } = bed;
  const two = path.join(folder, 'two.log');
  configurationFile({ folder, more: device('two', two) });
  const told = await api.call('DELETE', 'sys/audit/one', { status: 400 });
  assert.match(told.errors[0], /comes from the configuration; remove it there and reload/);
  await signalled(server, async () => !Object.hasOwn((await api.call('GET', 'sys/audit')).data, 'one/'));
  assert.deepEqual(Object.keys((await api.call('GET', 'sys/audit')).data), ['two/']);
  await api.call('GET', 'cubbyhole/after', { status: 404 });
  const has = (file: string): boolean => readFileSync(file, 'utf8').includes('cubbyhole/after');
  assert.deepEqual([has(two), has(path.join(folder, 'one.log'))], [true, false]);
});

test('a reload that would leave no audit device open leaves those that are', async () => {
  const bed = await start(folder => device('one', path.join(folder, 'one.log')));
  const { api, folder, server } = bed;
  configurationFile({ folder, more: device('two', path.join(folder, 'none', 'two.log')) });
  await signalled(server, () => server.said().includes('the reload failed in part'));
  assert.deepEqual(Object.keys((await api.call('GET', 'sys/audit')).data), ['one/']);
  assert.match(server.said(), /audit device cannot be opened.*two\/.*ENOENT/);
});

test('a configuration with a mistake changes nothing, and audit files are opened anew all the same', async () => {
  const bed = await start(folder => device('one', path.join(folder, 'one.log')), headers('one'));
  const { folder, server } = bed;
  const file = path.join(folder, 'one.log');
  writeFileSync(path.join(folder, 'coffer.hcl'), 'listener "tcp" {');
  renameSync(file, `${file}.1`);
  await signalled(server, () => existsSync(file));
  assert.match(server.said(), /the configuration cannot be read; what was in force stays in force/);
  assert.equal(await site(bed), 'one');
});

test('parts are reloaded by the API one by one, and what cannot be is answered', async () => {
  const bed = await start(
    folder => `log_level = "error"\n${device('one', path.join(folder, 'one.log'))}`,
    headers('one'),
  );
  const { api, folder } = bed;
  const shown = async () => (await api.call('GET', 'sys/config/state/sanitized')).data;
  assert.equal((await shown()).log_level, 'error');
  configurationFile({
    folder,
    more: `log_level = "info"\n${device('two', path.join(folder, 'two.log'))}`,
    listener: headers('two'),
  });
  const reload = (part: string, status = 204) => api.call('POST', `sys/config/reload/${part}`, { status });
  await reload('log_level');
  assert.equal(await site(bed), 'one');
  assert.deepEqual((await shown()).audit, [{ type: 'file', path: 'one/' }]);
  await reload('audit');
  assert.ok(existsSync(path.join(folder, 'two.log')));
  await reload('listener');
  assert.equal(await site(bed), 'two');
  const { log_level, audit } = await shown();
  assert.deepEqual([log_level, audit], ['info', [{ type: 'file', path: 'two/' }]]);
  assert.match(
    (await reload('license', 400)).errors[0],
    /^unknown subsystem: expected one of audit, listener, log_level$/,
  );
  writeFileSync(path.join(folder, 'coffer.hcl'), 'listener "tcp" {');
  assert.match((await reload('listener', 400)).errors[0], /coffer\.hcl/);
  assert.equal(await site(bed), 'two');
});

test('the configuration is shown without keys, paths and headers', async () => {
  const folder = newFolder();
  const more = `api_addr = "https://coffer.test"\n${staticSeal()}`;
  const server = await startConfigured({ folder, more, listener: headers('hidden') });
  started.push(server);
  const api = apiOf(server.address);
  api.token = (await api.call('POST', 'sys/init', { body: {} })).root_token;
  const { data } = await api.call('GET', 'sys/config/state/sanitized');
  assert.deepEqual(data.seals, [{ type: 'static', disabled: false }]);
  assert.deepEqual(data.storage, { type: 'sqlite' });
  assert.deepEqual([data.api_addr, data.max_lease_ttl], ['https://coffer.test', 2_764_800]);
  assert.deepEqual([data.listeners[0].type, data.listeners[0].config.tls_disable], ['tcp', true]);
  const text = JSON.stringify(data);
  for (const hidden of ['hidden', folder, 'current_key']) assert.ok(!text.includes(hidden), hidden);
  await api.call('GET', 'sys/config/state/sanitized', { token: 'none', status: 403 });
  await api.call('POST', 'sys/config/reload/audit', { token: 'none', status: 403 });
});
