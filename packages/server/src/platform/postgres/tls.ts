/** What `sslmode` and the files beside it mean for Node's TLS. Files are read for each connection: they may be replaced. */
import { readFile } from 'node:fs/promises';
import type { PeerCertificate } from 'node:tls';
import { CofferError } from '@coffer/schema/errors.ts';
import type { Target } from './target.ts';

export interface TlsOptions {
  readonly rejectUnauthorized: boolean;
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly checkServerIdentity?: (host: string, certificate: PeerCertificate) => Error | undefined;
}

const fileOf = async (parameter: string, path: string): Promise<Buffer> => {
  try {
    return await readFile(path);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown failure';
    throw new CofferError('storage_failed', `The file that ${parameter} names cannot be read (${code}).`, { cause });
  }
};

export const tlsOf = async (target: Target): Promise<TlsOptions | false> => {
  const { tls, rootCertificates: roots, certificate, key } = target;
  if (tls === 'disable') return false;
  return {
    rejectUnauthorized: tls !== 'require',
    ...(roots === undefined || roots === 'system' ? {} : { ca: await fileOf('sslrootcert', roots) }),
    ...(certificate === undefined ? {} : { cert: await fileOf('sslcert', certificate) }),
    ...(key === undefined ? {} : { key: await fileOf('sslkey', key) }),
    // Who signed it is checked, not whom it names.
    ...(tls === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}),
  };
};
