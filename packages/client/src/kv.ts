/**
 * Key/value secrets of one mount. Asks once whether the mount keeps versions and then speaks its form, so that callers
 * write `kv('secret').get('app')` for both. What only versioned mounts have is refused by name on the others.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Json, JsonObject } from '@coffer/schema/json/value.ts';
import { toPlain } from '@coffer/schema/json/text.ts';
import type { Out } from '@coffer/schema/out.ts';
import type { Secret } from '@coffer/schema/secret.ts';
import { type Answer, secretOf } from './answer.ts';
import { absent, namesOf } from './absent.ts';
import { objectIn } from './members.ts';
import type { Mount } from './mounts.ts';
import { cleanPath, type Query } from './path.ts';
import type { Request } from './request.ts';

/** What key/value secrets need of a client. */
export interface KvClient {
  request(request: Request): Promise<Answer>;
  mountOf(path: string): Promise<Mount>;
}

export type KvFolder = 'data' | 'metadata' | 'delete' | 'undelete' | 'destroy' | 'subkeys';

export interface PutOptions {
  /** Only if this is the newest version; 0: only if there is none. */
  readonly cas?: number;
}

/** `folder` and path below a versioned mount. */
export const kvPath = (mount: Mount, folder: KvFolder, path: string): string =>
  mount.kvVersion === 2 ? `${mount.path}${folder}/${path}` : `${mount.path}${path}`;

/** The data of either version; `undefined` where the version is deleted. */
export const kvData = (mount: Mount, answer: Answer): JsonObject | undefined =>
  mount.kvVersion === 2 ? objectIn(answer.data ?? new Map(), 'data') : answer.data;

const needsVersions = (mount: Mount, what: string): void => {
  if (mount.kvVersion === 2) return;
  throw new CofferError('usage', `${what}: the mount ${mount.path} keeps no versions`);
};

/** Paths are below the mount. Every call rejects with `ServerError` for a refusal, `CofferError` where no answer came. */
export class Kv {
  readonly #client: KvClient;
  readonly #mount: string;

  constructor(client: KvClient, mount: string) {
    this.#client = client;
    this.#mount = `${cleanPath(mount).replace(/\/{1,9}$/, '')}/`;
  }

  /** The data of a secret, numbers with all their digits, or `undefined`. */
  async get(path: string, version?: number): Promise<JsonObject | undefined> {
    const mount = await this.#client.mountOf(this.#mount);
    const query: Query = version === undefined ? new Map() : new Map([['version', String(version)]]);
    const answer = await absent(this.#client.request({ method: 'GET', path: kvPath(mount, 'data', path), query }));
    return answer === undefined ? undefined : kvData(mount, answer);
  }

  /** The data as plain values: handy, but they print. */
  async getPlain(path: string): Promise<{ readonly [name: string]: unknown } | undefined> {
    const data = await this.get(path);
    return data === undefined ? undefined : (toPlain(data) as { readonly [name: string]: unknown });
  }

  /** One value, as a secret that does not print. Throws `not_found` where there is none. */
  async secret(path: string, name: string): Promise<Secret> {
    const value: Json | undefined = (await this.get(path))?.get(name);
    if (value === undefined || value === null) {
      throw new CofferError('not_found', `nothing is stored at ${this.#mount}${path} under "${name}"`);
    }
    return secretOf(value);
  }

  /**
   * Writes a secret whole: members that are not in `data` are gone from it. Rejects with `usage` for `cas` where the mount
   * keeps no versions; the answer's data names the new version where it does.
   */
  async put(
    path: string,
    data: { readonly [name: string]: Out } | ReadonlyMap<string, Out>,
    options: PutOptions = {},
  ): Promise<Answer> {
    const mount = await this.#client.mountOf(this.#mount);
    if (options.cas !== undefined) needsVersions(mount, 'cas');
    const chosen = options.cas === undefined ? {} : { cas: options.cas };
    const body = mount.kvVersion === 2 ? { data, options: chosen } : data;
    return this.#client.request({ method: 'PUT', path: kvPath(mount, 'data', path), body });
  }

  /** Changes some members and keeps the others; `null` removes one. */
  async patch(path: string, data: { readonly [name: string]: Out } | ReadonlyMap<string, Out>): Promise<Answer> {
    const mount = await this.#client.mountOf(this.#mount);
    needsVersions(mount, 'patch');
    return this.#client.request({ method: 'PATCH', path: kvPath(mount, 'data', path), body: { data } });
  }

  /** Versioned mounts keep the deleted version until it is destroyed. */
  async delete(path: string): Promise<void> {
    const mount = await this.#client.mountOf(this.#mount);
    await this.#client.request({ method: 'DELETE', path: kvPath(mount, 'data', path) });
  }

  /** Names below a folder of the mount, folders with a `/` at their end; none where there is nothing. */
  async list(path = ''): Promise<readonly string[]> {
    const mount = await this.#client.mountOf(this.#mount);
    return namesOf(await absent(this.#client.request({ method: 'LIST', path: kvPath(mount, 'metadata', path) })));
  }

  /** Brings deleted versions back. Rejects with `usage` where the mount keeps no versions. */
  async undelete(path: string, versions: readonly number[]): Promise<void> {
    await this.#versions('undelete', path, versions);
  }

  /** The values of these versions are gone for good. */
  async destroy(path: string, versions: readonly number[]): Promise<void> {
    await this.#versions('destroy', path, versions);
  }

  async #versions(folder: 'undelete' | 'destroy', path: string, versions: readonly number[]): Promise<void> {
    const mount = await this.#client.mountOf(this.#mount);
    needsVersions(mount, folder);
    await this.#client.request({ method: 'PUT', path: kvPath(mount, folder, path), body: { versions } });
  }
}
