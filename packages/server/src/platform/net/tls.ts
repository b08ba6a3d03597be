/** TLS of a listener, read from files. */
import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureContextOptions, type TlsOptions } from 'node:tls';
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

/** What the files hold, as last put to use. */
export class Certificates {
  readonly #files: TlsFiles;
  #inUse: readonly Buffer[] = [];

  constructor(files: TlsFiles) {
    this.#files = files;
  }

  /** The options of a listener. Throws where a file cannot be read or certificate and key do not belong together. */
  async load(): Promise<TlsOptions & SecureContextOptions> {
    const contents = await this.#read();
    const options = contextOptions(this.#files, contents);
    createSecureContext(options);
    this.#inUse = contents;
    const mode = this.#files.clientCertificates ?? 'off';
    return { ...options, requestCert: mode !== 'off', rejectUnauthorized: mode === 'require' };
  }

  /** Whether the files hold something else than what is in use. */
  async haveChanged(): Promise<boolean> {
    const contents = await this.#read();
    return contents.some((content, index) => this.#inUse[index]?.equals(content) !== true);
  }

  #read(): Promise<Buffer[]> {
    const { certFile, keyFile, clientCaFile } = this.#files;
    const paths = clientCaFile === undefined ? [certFile, keyFile] : [certFile, keyFile, clientCaFile];
    return Promise.all(paths.map(path => readFile(path)));
  }
}

function contextOptions(files: TlsFiles, [cert, key, ca]: readonly Buffer[]): SecureContextOptions {
  return {
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(ca === undefined ? {} : { ca }),
    ...(files.cipherSuites === undefined ? {} : { ciphers: cipherList(files.cipherSuites) }),
    minVersion: versions[files.minVersion ?? 'tls12'],
    maxVersion: versions[files.maxVersion ?? 'tls13'],
  };
}
