/** The store as its users start it: the command, a configuration file, SQLite in a folder, opened by a key file. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../../run/environment.ts';
import { type Api, must } from './api.ts';
import { type ServerChild, startChild } from './child.ts';

const launcher = path.join(root, 'packages/cli/bin/coffer');
const slowProgram = path.join(import.meta.dirname, 'slow-main.ts');
const host = '127.0.0.1';

export interface CofferOptions {
  readonly folder: string;
  readonly core: number | undefined;
  readonly audit: boolean;
  /** Added to each fsync. */
  readonly fsyncDelayMs?: number;
}

export interface Coffer extends ServerChild {
  /** As root, once the store is initialised. */
  readonly api: Api;
}

const configuration = (folder: string, audit: boolean): string => `
storage "sqlite" {
  path = "${folder}/store.db"
}
listener "tcp" {
  address     = "${host}:0"
  tls_disable = true
}
seal "static" {
  current_key_id = "bench"
  current_key    = "file://${folder}/seal.key"
}
${audit ? `audit "file" "bench" {\n  options {\n    file_path = "${folder}/audit.log"\n  }\n}\n` : ''}`;

/** Starts it on that folder: again, where the folder has a store already. */
export const startCoffer = async ({ folder, core, audit, fsyncDelayMs }: CofferOptions): Promise<Coffer> => {
  mkdirSync(folder, { recursive: true });
  const key = path.join(folder, 'seal.key');
  if (!existsSync(key)) writeFileSync(key, randomBytes(32).toString('hex'), { mode: 0o600 });
  const file = path.join(folder, audit ? 'audit-on.hcl' : 'audit-off.hcl');
  writeFileSync(file, configuration(folder, audit));
  const command =
    fsyncDelayMs === undefined
      ? [launcher, 'server', `-config=${file}`]
      : [process.execPath, slowProgram, file, `${fsyncDelayMs}`];
  const child = await startChild({ command, core, folder });
  return { ...child, api: { host, port: child.port, token: '' } };
};

interface Initialised {
  readonly root_token: string;
}

/** A new store is initialised; it opens by itself. */
export const initialise = async (coffer: Coffer): Promise<Api> => {
  const made = (await must(coffer.api, 'PUT /v1/sys/init', {
    recovery_shares: 1,
    recovery_threshold: 1,
  })) as Initialised;
  return { ...coffer.api, token: made.root_token };
};
