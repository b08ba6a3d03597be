/** TLS of a listener, read from files. */
import { readFile } from 'node:fs/promises';
import type { SecureContextOptions, TlsOptions } from 'node:tls';
import { cipherList } from './ciphers.ts';

export type TlsVersion = 'tls12' | 'tls13';

export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
  /** Default `tls12`. */
  readonly minVersion?: TlsVersion;
  /** Default `tls13`. */
  readonly maxVersion?: TlsVersion;
  /** Suites by their IANA names, in order of preference; those of TLS 1.3 are always on. */
  readonly cipherSuites?: readonly string[];
  /** Authorities whose certificates clients may show. */
  readonly clientCaFile?: string;
  /** `ask`: a client may show a certificate; `require`: it must show one that `clientCaFile` signed. Default `off`. */
  readonly clientCertificates?: 'off' | 'ask' | 'require';
}

const versions = { tls12: 'TLSv1.2', tls13: 'TLSv1.3' } as const;

/** Reads the files. Rejects where one cannot be read; the certificate and key are checked by whoever uses them. */
export async function secureContext(files: TlsFiles): Promise<TlsOptions & SecureContextOptions> {
  const [cert, key] = await Promise.all([readFile(files.certFile), readFile(files.keyFile)]);
  const mode = files.clientCertificates ?? 'off';
  return {
    cert,
    key,
    minVersion: versions[files.minVersion ?? 'tls12'],
    maxVersion: versions[files.maxVersion ?? 'tls13'],
    requestCert: mode !== 'off',
    rejectUnauthorized: mode === 'require',
    ...(files.clientCaFile === undefined ? {} : { ca: await readFile(files.clientCaFile) }),
    ...(files.cipherSuites === undefined ? {} : { ciphers: cipherList(files.cipherSuites) }),
  };
}
