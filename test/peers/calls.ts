/** Calls of a real server over HTTP, each with the status it must have, and the servers to call. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { newFolder, type ServerProcess, startServer } from './server.ts';

export interface CallOptions {
  readonly body?: unknown;
  readonly token?: string | undefined;
  readonly headers?: { readonly [name: string]: string };
  /** Default 200. */
  readonly status?: number;
}

// oxlint-disable-next-line typescript/no-explicit-any -- answers are looked into freely by tests
export type Answer = any;

export interface Api {
  token: string | undefined;
  readonly address: string;
  /** The JSON of the answer; undefined where there is none. */
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
}

export const apiOf = (address: string, token?: string): Api => {
  const api: Api = {
    address,
    token,
    call: async (method, target, { body, token: other, headers, status = 200 } = {}) => {
      const used = other ?? api.token;
      const answer = await fetch(`${address}/v1/${target}`, {
        method,
        headers: {
          ...(used === undefined || used === '' ? {} : { 'X-Vault-Token': used }),
          ...(method === 'PATCH' ? { 'Content-Type': 'application/merge-patch+json' } : {}),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      assert.equal(answer.status, status, `${method} ${target}: ${text}`);
      if (status === 204) assert.equal(text, '');
      return text.startsWith('{') ? JSON.parse(text) : undefined;
    },
  };
  return api;
};

export const envelopeMembers = [
  'auth',
  'data',
  'lease_duration',
  'lease_id',
  'mount_type',
  'renewable',
  'request_id',
  'warnings',
  'wrap_info',
];

/** Every member of the envelope is there, whatever is in it; more only where `data` is copied to the top. */
export const assertEnvelope = (answer: Answer): void => {
  const missing = envelopeMembers.filter(name => !Object.hasOwn(answer, name));
  assert.deepEqual(missing, []);
  assert.match(answer.request_id, /^[0-9a-f-]{36}$/);
  assert.deepEqual([answer.lease_id, answer.renewable], ['', false]);
};

export interface Configured {
  /** Blocks beside listener and storage. */
  readonly more?: string;
  /** Lines inside the listener. */
  readonly listener?: string;
  readonly folder?: string;
  /** Left out: SQLite in the folder. */
  readonly storage?: string;
}

export const configurationFile = (configured: Configured): string => {
  const { more = '', listener = '', folder = newFolder() } = configured;
  const { storage = `storage "sqlite" {\n  path = "${folder}/store.db"\n}` } = configured;
  const file = path.join(folder, 'coffer.hcl');
  writeFileSync(
    file,
    `listener "tcp" {
  address = "127.0.0.1:0"
  tls_disable = true
  ${listener}
}
${storage}
${more}
`,
  );
  return file;
};

export const startConfigured = (configured: Configured = {}): Promise<ServerProcess> => {
  const folder = configured.folder ?? newFolder();
  const file = configurationFile({ ...configured, folder });
  return startServer({ args: [`-config=${file}`], folder, ready: /listening on (http:\/\/[^\s,]+)/ });
};

export const auditBlock = (folder: string): string =>
  `audit "file" "main" {\n  options {\n    file_path = "${folder}/audit.log"\n  }\n}\n`;

export const staticSeal = (): string =>
  `seal "static" {\n  current_key_id = "one"\n  current_key = "${randomBytes(32).toString('base64')}"\n}\n`;

export interface Opened {
  readonly keys: readonly string[];
  readonly rootToken: string;
}

/** Initialises with these shares and unseals; the api goes on as root. */
export const initialise = async (api: Api, shares = 1, threshold = 1): Promise<Opened> => {
  const made = await api.call('POST', 'sys/init', { body: { secret_shares: shares, secret_threshold: threshold } });
  for (const key of made.keys_base64.slice(0, threshold)) await api.call('POST', 'sys/unseal', { body: { key } });
  api.token = made.root_token;
  return { keys: made.keys_base64, rootToken: made.root_token };
};
