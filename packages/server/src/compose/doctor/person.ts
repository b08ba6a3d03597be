/**
 * The token of whoever asks, from the environment or the file of `coffer login`. A manifest names the address of a store,
 * and whoever writes manifests must not get the token by that: it is sent only to the address that the environment names,
 * and only where the environment's own authorities vouch for it.
 */
import { type Coffer, createClient } from '@coffer/client/client.ts';
import { setting } from '@coffer/client/environment.ts';
import { readTokenFile } from '@coffer/client/node.ts';
import type { Runtime } from '@coffer/client/runtime.ts';
import { Secret } from '@coffer/schema/secret.ts';
import type { VaultSettings } from '../../providers/vault/settings.ts';

export type PersonAt = (settings: VaultSettings) => Coffer | undefined;

const originOf = (address: string): string | undefined => {
  try {
    return new URL(address).origin;
  } catch {
    return undefined;
  }
};

const tokenOf = async (environment: ReadonlyMap<string, string>): Promise<Secret | undefined> => {
  const env = (name: string): string | undefined => environment.get(name);
  const given = setting(env, 'TOKEN');
  if (given !== undefined) return Secret.of(given);
  return readTokenFile(setting(env, 'TOKEN_PATH') ?? `${environment.get('HOME') ?? ''}/.vault-token`);
};

/** `runtime`: with `personTls` of the same environment. */
export const personOf = async (environment: ReadonlyMap<string, string>, runtime: Runtime): Promise<PersonAt> => {
  const address = setting(name => environment.get(name), 'ADDR');
  const origin = address === undefined ? undefined : originOf(address);
  const token = origin === undefined ? undefined : await tokenOf(environment);
  return ({ server, namespace, timeoutSeconds, retries }) =>
    token === undefined || originOf(server) !== origin
      ? undefined
      : createClient({ address: server, token, namespace, timeoutSeconds, retries, runtime });
};
