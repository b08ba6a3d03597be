/** A server with a seal of its own, killed under write load: what it acknowledged is held against what it then has. */
import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type ServerProcess, startServer } from '../peers/server.ts';

const writers = 8;
const leastWrites = 20;
const writingMs = 250;
const unsealLimitMs = 30_000;

const sqliteIn = (folder: string): string => `storage "sqlite" {
  path = "${folder}/store.db"
}`;

export const configure = (folder: string, storage = sqliteIn(folder)): string => {
  const file = path.join(folder, 'coffer.hcl');
  writeFileSync(path.join(folder, 'seal.key'), randomBytes(32), { mode: 0o600 });
  writeFileSync(
    file,
    `listener "tcp" {
  address = "127.0.0.1:0"
  tls_disable = true
}
${storage}
seal "static" {
  current_key_id = "test"
  current_key = "file://${folder}/seal.key"
}
anchor "file" {
  path = "${folder}/anchor"
  max_lag = "100ms"
}
`,
  );
  return file;
};

const start = (folder: string): Promise<ServerProcess> =>
  startServer({
    args: [`-config=${path.join(folder, 'coffer.hcl')}`],
    folder,
    ready: /listening on (http:\/\/[^\s,]+)/,
  });

interface Api {
  readonly address: string;
  readonly token: string;
}

/** `operation`: method and path below `/v1/`. */
const ask = async (api: Api, operation: `${string} ${string}`, body?: object): Promise<Response> =>
  fetch(`${api.address}/v1/${operation.slice(operation.indexOf(' ') + 1)}`, {
    method: operation.slice(0, operation.indexOf(' ')),
    headers: { 'X-Vault-Token': api.token },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

const did = async (answer: Promise<Response>): Promise<unknown> => {
  const response = await answer;
  const text = await response.text();
  assert.ok(response.ok, `${response.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
};

const initialise = async (address: string): Promise<string> => {
  const made = await did(ask({ address, token: '' }, 'PUT sys/init', { recovery_shares: 1, recovery_threshold: 1 }));
  const token = (made as { root_token: string }).root_token;
  await unsealed(address);
  await did(ask({ address, token }, 'POST sys/mounts/kept', { type: 'kv', options: { version: '2' } }));
  return token;
};

const unsealed = async (address: string): Promise<void> => {
  const endMs = performance.now() + unsealLimitMs;
  for (;;) {
    const { status } = await fetch(`${address}/v1/sys/health`);
    if (status === 200) return;
    assert.ok(performance.now() < endMs, `still ${status}`);
    await pause(10);
  }
};

/** Writes until the server is gone. `acknowledged`: secret → value of each write that was answered with success. */
const writeOn = async (api: Api, acknowledged: Map<string, string>): Promise<void> => {
  for (;;) {
    const name = randomBytes(8).toString('hex');
    const value = randomBytes(300).toString('hex');
    try {
      const response = await ask(api, `POST kept/data/${name}`, { data: { value } });
      if (response.ok) acknowledged.set(name, value);
      else assert.fail(`a write was answered with ${response.status}: ${await response.text()}`);
      await response.arrayBuffer();
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      return;
    }
  }
};

const readBack = async (api: Api, acknowledged: ReadonlyMap<string, string>): Promise<void> => {
  for (const [name, value] of acknowledged) {
    const { data } = (await did(ask(api, `GET kept/data/${name}`))) as { data: { data: { value: string } } };
    assert.equal(data.data.value, value, `the acknowledged secret ${name} is lost`);
  }
};

const killUnderLoad = async (server: ServerProcess, api: Api): Promise<Map<string, string>> => {
  const acknowledged = new Map<string, string>();
  const writing = Promise.all(Array.from({ length: writers }, () => writeOn(api, acknowledged)));
  while (acknowledged.size < leastWrites) await Promise.race([writing, pause(5)]);
  await pause(randomInt(writingMs));
  assert.equal(await server.stop('SIGKILL'), 'SIGKILL');
  await writing;
  return acknowledged;
};

/** Kills it `rounds` times, and answers how many writes were acknowledged: none is lost. */
export const survive = async (
  folder: string,
  rounds: number,
  keep: (server: ServerProcess) => void,
): Promise<number> => {
  let server = await start(folder);
  keep(server);
  const token = await initialise(server.address);
  let written = 0;
  for (let round = 0; round < rounds; round++) {
    const acknowledged = await killUnderLoad(server, { address: server.address, token });
    server = await start(folder);
    keep(server);
    await unsealed(server.address);
    await readBack({ address: server.address, token }, acknowledged);
    written += acknowledged.size;
  }
  const listed = (await did(ask({ address: server.address, token }, 'GET kept/metadata/?list=true'))) as {
    data: { keys: string[] };
  };
  assert.ok(listed.data.keys.length >= written);
  return written;
};
