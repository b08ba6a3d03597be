/** The store as its users start it: the command, a configuration file, SQLite in a folder, opened by a key file. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../../run/environment.ts';
import { type Api, must } from './api.ts';
import { type ServerChild, startChild } from './child.ts';

const repositoryLauncher = path.join(root, 'packages/cli/bin/coffer');
const host = '127.0.0.1';

export interface AuditFiles {
  readonly files: number;
  readonly sync?: 'fsync';
}

export interface CofferOptions {
  readonly folder: string;
  readonly core: number | undefined;
  /** One file, none, or so many files. */
  readonly audit: boolean | AuditFiles;
  /** The block; left out: SQLite in the folder. */
  readonly storage?: string | undefined;
  /** The anchor's file; left out, there is none. */
  readonly anchor?: string;
  /** The `coffer` to start; left out, the repository's own. */
  readonly launcher?: string | undefined;
  /** That take requests in; left out, one. */
  readonly threads?: number;
  /** Runs in place of the command: a file, and what it is told behind the configuration. */
  readonly program?: readonly [file: string, ...args: string[]];
}

export interface Coffer extends ServerChild {
  /** As root, once the store is initialised. */
  readonly api: Api;
}

const auditFiles = (audit: boolean | AuditFiles): AuditFiles =>
  typeof audit === 'boolean' ? { files: audit ? 1 : 0 } : audit;

const devices = (folder: string, { files, sync }: AuditFiles): string =>
  Array.from({ length: files }, (_, at) => {
    const name = at === 0 ? 'audit' : `audit-${at + 1}`;
    const more = sync === undefined ? '' : `\n    sync = "${sync}"`;
    return `audit "file" "${name}" {\n  options {\n    file_path = "${folder}/${name}.log"${more}\n  }\n}\n`;
  }).join('');

const sqlite = (folder: string): string => `storage "sqlite" {
  path = "${folder}/store.db"
}`;

const configuration = ({
  folder,
  audit,
  storage,
  threads,
  anchor,
}: CofferOptions): string => `${threads === undefined ? '' : `request_threads = ${threads}`}
${anchor === undefined ? '' : `anchor "file" {\n  path = "${anchor}"\n}`}
${storage ?? sqlite(folder)}
listener "tcp" {
  address     = "${host}:0"
  tls_disable = true
}
seal "static" {
  current_key_id = "bench"
  current_key    = "file://${folder}/seal.key"
}
${devices(folder, auditFiles(audit))}`;

/** As `bin/coffer` does. */
export const runtimeFlags = ['--max-semi-space-size=16'];

const started = ([program, ...args]: readonly string[], file: string): readonly string[] => [
  process.execPath,
  ...runtimeFlags,
  program ?? '',
  file,
  ...args,
];

/** Starts it on that folder: again, where the folder has a store already. */
export const startCoffer = async (options: CofferOptions): Promise<Coffer> => {
  const { folder, core, audit, launcher = repositoryLauncher, program } = options;
  mkdirSync(folder, { recursive: true });
  const key = path.join(folder, 'seal.key');
  if (!existsSync(key)) writeFileSync(key, randomBytes(32).toString('hex'), { mode: 0o600 });
  const file = path.join(folder, audit === false ? 'audit-off.hcl' : 'audit-on.hcl');
  writeFileSync(file, configuration(options));
  const command = program === undefined ? [launcher, 'server', `-config=${file}`] : started(program, file);
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
