/**
 * Whether nothing is stored at a path. A 404 is not enough: a mount of the other version answers one as well, and so do a
 * proxy and a server without the mount. Nothing is there only where the version says that it was deleted, or where the
 * server also confirms that a key/value mount of the expected version serves this path.
 */
import type { Answer } from '@coffer/client/answer.ts';
import { ServerError } from '@coffer/client/errors.ts';
import { objectIn, textIn } from '@coffer/client/members.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import type { JsonObject } from '@coffer/schema/json/value.ts';
import type { Calls } from './calls.ts';
import type { VaultSettings } from './settings.ts';

type Version = VaultSettings['version'];

/** Engines whose 404 means that the key is not there. */
const keyed: ReadonlySet<string> = new Set(['kv', 'generic', 'cubbyhole']);

const isDeletedVersion = (data: JsonObject | undefined): boolean =>
  data !== undefined && data.get('data') === null && objectIn(data, 'metadata') !== undefined;

const saysNothing = ({ errors, answer }: ServerError): boolean =>
  errors.length === 0 && answer.data === undefined && answer.warnings.length === 0;

/** The server may name the mount below the namespace that the path begins with. */
const mountFault = (data: JsonObject, path: string, version: Version): string | undefined => {
  const mount = textIn(data, 'path');
  const type = textIn(data, 'type');
  if (mount === '' || !`/${path}`.includes(`/${mount}`)) return 'the server does not say which mount serves this path';
  if (!keyed.has(type)) return `the mount ${mount} is of type ${type}, not key/value`;
  const isVersioned = textIn(objectIn(data, 'options') ?? new Map(), 'version') === '2';
  if (isVersioned === (version === 'v2')) return undefined;
  const is = isVersioned ? 'v2' : 'v1';
  return `the mount ${mount} is ${is}, and the store is set up for ${version}: set spec.provider.vault.version to ${is}`;
};

const proveMount = async (calls: Calls, path: string, version: Version): Promise<void> => {
  const answer = await calls.get(`sys/internal/ui/mounts/${path}`).catch(async (error: unknown) => {
    throw unproven(await calls.explained(error, 'ask which mount serves it'), path);
  });
  const fault = mountFault(answer.data ?? new Map(), path, version);
  if (fault !== undefined) throw new CofferError('no_mount', `cannot read ${path}: ${fault}`);
};

const unproven = (error: unknown, path: string): unknown =>
  error instanceof CofferError
    ? new CofferError(error.code, `cannot make sure that nothing is stored at ${path}: ${error.publicMessage}`)
    : error;

/** The answer of a read; `undefined` only where it is proven that nothing is there. */
export const present = async (calls: Calls, path: string, asked: Asked): Promise<Answer | undefined> => {
  try {
    const answer = await calls.get(path, asked.query);
    return asked.version === 'v2' && isDeletedVersion(answer.data) ? undefined : answer;
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    if (asked.version === 'v2' && isDeletedVersion(error.answer.data)) return undefined;
    if (!saysNothing(error)) throw await calls.explained(error, `read ${path}`);
    await proveMount(calls, path, asked.version);
    return undefined;
  }
};

export interface Asked {
  readonly version: Version;
  readonly query?: ReadonlyMap<string, string>;
}
