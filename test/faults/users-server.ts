/** Starts the server of `users-main.ts` on a folder, again and again, and reads which of its users there are. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Api, apiOf } from '../peers/calls.ts';
import { listening, startLimitMs } from '../peers/listening.ts';

const program = path.join(import.meta.dirname, 'users-main.ts');
const unsealPauseMs = 10;

export interface UsersServer {
  readonly api: Api;
  said(): string;
  kill(signal: NodeJS.Signals): Promise<number | string>;
}

/** `+user` was made, `-user` taken back. */
export const usersIn = (text: string): ReadonlySet<string> => {
  const users = new Set<string>();
  for (const line of text.split('\n')) {
    if (line.startsWith('+')) users.add(line.slice(1));
    if (line.startsWith('-')) users.delete(line.slice(1));
  }
  return users;
};

export interface Place {
  readonly folder: string;
  /** `audit` stanzas. */
  readonly audit?: string;
  readonly env?: NodeJS.ProcessEnv;
}

const usersFile = (folder: string): string => path.join(folder, 'users');

export const livingUsers = (folder: string): ReadonlySet<string> =>
  existsSync(usersFile(folder)) ? usersIn(readFileSync(usersFile(folder), 'utf8')) : new Set();

const configure = ({ folder, audit = '' }: Place): string => {
  mkdirSync(path.join(folder, 'data'), { recursive: true });
  const key = path.join(folder, 'seal.key');
  if (!existsSync(key)) writeFileSync(key, randomBytes(32), { mode: 0o600 });
  const file = path.join(folder, 'coffer.hcl');
  writeFileSync(
    file,
    `listener "tcp" {
  address = "127.0.0.1:0"
  tls_disable = true
}
storage "sqlite" {
  path = "${folder}/data/store.db"
}
seal "static" {
  current_key_id = "test"
  current_key = "file://${key}"
}
${audit}`,
  );
  return file;
};

export const startUsersServer = async (place: Place): Promise<UsersServer> => {
  const { folder, env } = place;
  const child = spawn(process.execPath, [program, configure(place), usersFile(folder)], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { address, said, ended } = await listening(child, /listening on (http:\/\/[^\s,]+)/);
  return {
    api: apiOf(address),
    said,
    kill: signal => {
      child.kill(signal);
      return ended;
    },
  };
};

/** A new store: initialised, with both mounts, and a policy for who uses them. */
export const prepare = async (api: Api): Promise<void> => {
  const made = await api.call('PUT', 'sys/init', { body: { recovery_shares: 1, recovery_threshold: 1 } });
  api.token = made.root_token;
  await unsealed(api);
  await api.call('POST', 'sys/mounts/kept', { body: { type: 'kv', options: { version: '2' } }, status: 204 });
  await api.call('POST', 'sys/mounts/users', { body: { type: 'test-users' }, status: 204 });
  const policy = 'path "*" { capabilities = ["create", "read", "update", "delete", "list"] }';
  await api.call('PUT', 'sys/policies/acl/users', { body: { policy }, status: 204 });
};

export const unsealed = async ({ address }: Api): Promise<void> => {
  const endMs = performance.now() + startLimitMs;
  for (;;) {
    const { status } = await fetch(`${address}/v1/sys/health`);
    if (status === 200) return;
    if (performance.now() > endMs) throw new Error(`still ${status}`);
    await pause(unsealPauseMs);
  }
};
