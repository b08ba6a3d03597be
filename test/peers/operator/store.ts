/** A real store that operators read from: durable, on a port of its own, so that it can go away and come back. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Api, apiOf, initialise } from '../calls.ts';
import { freePort } from '../cluster/processes.ts';
import { newFolder, type ServerProcess, startServer } from '../server.ts';

export interface Store {
  readonly address: string;
  /** As root. */
  readonly api: Api;
  /** Undefined while it is stopped. */
  pid(): number | undefined;
  /** The process goes away; what is in it stays. */
  stop(): Promise<void>;
  /** At the same address, unsealed. */
  start(): Promise<void>;
}

const configuration = (folder: string, port: number): string => `listener "tcp" {
  address = "127.0.0.1:${port}"
  tls_disable = true
}
storage "sqlite" {
  path = "${folder}/store.db"
}
`;

const seals = new WeakMap<Store, string>();

export const unseal = async (store: Store): Promise<void> => {
  await store.api.call('POST', 'sys/unseal', { body: { key: seals.get(store) } });
};

export const seal = async (store: Store): Promise<void> => {
  await store.api.call('POST', 'sys/seal', { status: 204 });
};

/** `secret/` is mounted. */
export const startStore = async (): Promise<Store> => {
  const folder = newFolder();
  const port = await freePort();
  const file = path.join(folder, 'coffer.hcl');
  writeFileSync(file, configuration(folder, port));
  let running: ServerProcess | undefined;
  const begin = async (): Promise<void> => {
    running = await startServer({ args: [`-config=${file}`], folder, ready: /listening on (http:\/\/[^\s,]+)/ });
  };
  await begin();
  const api = apiOf(`http://127.0.0.1:${port}`);
  const { keys } = await initialise(api);
  await api.call('POST', 'sys/mounts/secret', { body: { type: 'kv', options: { version: '2' } }, status: 204 });
  const store: Store = {
    address: api.address,
    api,
    pid: () => running?.pid,
    stop: async () => {
      await running?.stop();
      running = undefined;
    },
    start: async () => {
      await begin();
      await unseal(store);
    },
  };
  seals.set(store, keys[0] ?? '');
  return store;
};
