/** The way to the server: certificates read from files, then a transport that uses them. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { nodeTransport, type TlsOptions } from '@coffer/client/node.ts';
import { type Runtime, systemRuntime } from '@coffer/client/runtime.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import type { TlsPaths } from '../io.ts';
import { reasonOf } from './reason.ts';

const authorityFilesLimit = 1000;

const readPem = async (file: string): Promise<string> => {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new CofferError('usage', `${file}: cannot be read (${reasonOf(error)})`, { cause: error });
  }
};

const readFolder = async (folder: string): Promise<string[]> => {
  const names = (await readdir(folder)).filter(name => /\.(?:pem|crt|cer)$/.test(name)).toSorted();
  return Promise.all(names.slice(0, authorityFilesLimit).map(name => readPem(path.join(folder, name))));
};

const authoritiesOf = async (paths: TlsPaths): Promise<string[]> => [
  ...(paths.caBytes === undefined ? [] : [paths.caBytes]),
  ...(paths.caCert === undefined ? [] : [await readPem(paths.caCert)]),
  ...(paths.caPath === undefined ? [] : await readFolder(paths.caPath)),
];

const tlsOf = async (paths: TlsPaths): Promise<TlsOptions> => {
  const authorities = await authoritiesOf(paths);
  return {
    ...(authorities.length === 0 ? {} : { authorities }),
    ...(paths.clientCert === undefined ? {} : { certificate: await readPem(paths.clientCert) }),
    ...(paths.clientKey === undefined ? {} : { key: await readPem(paths.clientKey) }),
    ...(paths.serverName === undefined ? {} : { serverName: paths.serverName }),
    skipVerify: paths.skipVerify,
  };
};

export const connect = async (paths: TlsPaths): Promise<Runtime> => systemRuntime(nodeTransport(await tlsOf(paths)));
