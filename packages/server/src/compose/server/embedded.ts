/**
 * The configurations that need no file: the embedded default (SQLite in one folder, opened by a key file beside it) and
 * development (in memory).
 */
import { CofferError } from '@coffer/schema/errors.ts';
import { workingFolder } from '../../platform/process/process.ts';
import type { Configuration, ListenerSettings, SealSettings } from '../configuration/configuration.ts';

export const systemLeaseSeconds = 2_764_800;

interface Local {
  readonly listen: string;
  readonly logLevel: Configuration['logLevel'];
  readonly logFormat: Configuration['logFormat'];
}

export interface EmbeddedOptions extends Local {
  /** Absolute path of the folder. */
  readonly folder: string;
  /** Default 1. */
  readonly requestThreads?: number | undefined;
}

const listener = (listen: string): ListenerSettings => ({
  address: hostAndPort(listen),
  tls: undefined,
  maxRequestBytes: undefined,
  maxRequestSeconds: 90,
  timeouts: {
    headerReadSeconds: undefined,
    requestReadSeconds: undefined,
    writeStallSeconds: undefined,
    idleSeconds: undefined,
  },
  responseHeaders: new Map(),
  forwarded: undefined,
  opens: new Set(),
  unauthenticatedRekey: false,
  unauthenticatedGenerateRoot: false,
});

const hostAndPort = (text: string): { readonly host: string; readonly port: number } => {
  const [, host = '', port = ''] = /^\[?([^\]]*?)\]?:(\d{1,5})$/.exec(text) ?? [];
  if (port === '' || Number(port) > 65_535) throw new CofferError('usage', `"${text}" is no HOST:PORT to listen on`);
  return { host, port: Number(port) };
};

const base = (options: Local): Omit<Configuration, 'storage' | 'seal' | 'audit' | 'requestThreads'> => ({
  listeners: [listener(options.listen)],
  apiAddress: undefined,
  clusterName: undefined,
  defaultLeaseSeconds: systemLeaseSeconds,
  maxLeaseSeconds: systemLeaseSeconds,
  logLevel: options.logLevel,
  logFormat: options.logFormat,
  drainSeconds: undefined,
  anchor: undefined,
  auditByApi: false,
  auditPrefixes: false,
  introspection: false,
});

const defaultFolder = 'coffer-data';

/** Absolute path of the folder that is named, or else of the usual one. */
export const embeddedFolder = (given = defaultFolder): string =>
  given.startsWith('/') ? given : `${workingFolder()}/${given}`;

export const sealKeyFile = (folder: string): string => `${folder}/seal.key`;
export const rootTokenFile = (folder: string): string => `${folder}/root-token`;
export const recoveryKeyFile = (folder: string): string => `${folder}/recovery-key`;
/** There while the first start is not finished. */
export const settingUpFile = (folder: string): string => `${folder}/setting-up`;
export const auditFile = (folder: string): string => `${folder}/audit.log`;

export const embeddedConfiguration = (options: EmbeddedOptions): Configuration => ({
  ...base(options),
  requestThreads: options.requestThreads ?? 1,
  storage: { type: 'sqlite', path: `${options.folder}/coffer.db` },
  seal: {
    type: 'static',
    current: { id: 'embedded-1', key: { file: sealKeyFile(options.folder) } },
    previous: undefined,
  },
  audit: [
    {
      type: 'file',
      path: 'file/',
      description: 'the embedded default',
      options: new Map([['file_path', auditFile(options.folder)]]),
    },
  ],
});

/** Everything is forgotten at the end. */
export const devConfiguration = (options: Local): Configuration => {
  const seal: SealSettings = { type: 'shamir' };
  return { ...base(options), requestThreads: 1, storage: { type: 'inmem' }, seal, audit: [], auditByApi: true };
};
