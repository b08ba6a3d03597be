/** How whoever asks knows the store: from the environment, as every command does. */
import { setting } from '@coffer/client/environment.ts';
import type { TlsOptions } from '@coffer/client/node.ts';
import { readWhole } from '../../platform/files/read.ts';

const pemLimitBytes = 1_048_576;

const pemIn = async (path: string | undefined): Promise<string | undefined> =>
  path === undefined ? undefined : new TextDecoder().decode(await readWhole(path, pemLimitBytes));

const truths: ReadonlySet<string> = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);

/** Throws `usage` where a file that is named cannot be read. */
export const personTls = async (environment: ReadonlyMap<string, string>): Promise<TlsOptions> => {
  const named = (name: string): string | undefined => setting(full => environment.get(full), name);
  const [authority, certificate, key] = await Promise.all(
    ['CACERT', 'CLIENT_CERT', 'CLIENT_KEY'].map(name => pemIn(named(name))),
  );
  const authorities = [named('CACERT_BYTES'), authority].filter(pem => pem !== undefined);
  const serverName = named('TLS_SERVER_NAME');
  return {
    ...(authorities.length === 0 ? {} : { authorities }),
    ...(certificate === undefined ? {} : { certificate }),
    ...(key === undefined ? {} : { key }),
    ...(serverName === undefined ? {} : { serverName }),
    skipVerify: truths.has(named('SKIP_VERIFY') ?? ''),
  };
};
