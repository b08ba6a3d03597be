/**
 * Reads secrets for a process, from mounts with and without versions. Refusals say what to do; what is not text comes back
 * as the bytes that were imported.
 */
import { absent } from '@coffer/client/absent.ts';
import type { Answer } from '@coffer/client/answer.ts';
import type { Coffer } from '@coffer/client/client.ts';
import { kvData, kvPath } from '@coffer/client/kv.ts';
import { numberIn, objectIn, textIn } from '@coffer/client/members.ts';
import type { Mount } from '@coffer/client/mounts.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import type { JsonObject } from '@coffer/schema/json/value.ts';
import { Secret } from '@coffer/schema/secret.ts';
import { type Facts, factsOf } from '../manifests/custom-metadata.ts';
import { bytesOf } from '../manifests/record.ts';

export interface Fetched {
  readonly values: ReadonlyMap<string, Secret>;
  /** 0 where the mount keeps none. */
  readonly version: number;
}

interface Place {
  readonly mount: Mount;
  readonly rest: string;
}

const none: JsonObject = new Map();

const factsIn = (metadata: JsonObject): Facts => {
  const custom = objectIn(metadata, 'custom_metadata') ?? none;
  return factsOf(new Map([...custom.keys()].map(name => [name, textIn(custom, name)])));
};

const advice = (path: string, error: CofferError): CofferError => {
  const told = (message: string): CofferError => new CofferError(error.code, message, { cause: error });
  if (error.code === 'permission_denied') {
    return told(`${path}: permission denied: the token is not valid, or its policies give no "read" on this path`);
  }
  if (error.code === 'sealed') return told('the store is sealed or not ready; "coffer operator unseal" opens it');
  return error;
};

const nothingHere = ({ kvVersion }: Mount, rest: string): string =>
  `nothing is stored here${kvVersion === 2 && rest.startsWith('data/') ? ': paths are written without "data/"' : ''}`;

export class Reader {
  readonly #client: Coffer;
  /** Paths whose metadata this token may not read: their data is read instead. */
  readonly #dataOnly = new Set<string>();

  constructor(client: Coffer) {
    this.#client = client;
  }

  /** Throws where there is nothing, also where the newest version is deleted. */
  async read(path: string): Promise<Fetched> {
    const { mount, rest } = await this.#place(path);
    const place = kvPath(mount, 'data', rest);
    const answer = await this.#get(place, path);
    const data = answer === undefined ? undefined : kvData(mount, answer);
    if (answer === undefined || data === undefined) {
      const why = answer === undefined ? nothingHere(mount, rest) : 'the newest version is deleted';
      throw new CofferError('not_found', `${path}: ${why}`);
    }
    const metadata = mount.kvVersion === 2 ? (objectIn(answer.data ?? none, 'metadata') ?? none) : none;
    const facts = factsIn(metadata);
    const values = new Map([...data].map(([key, value]) => [key, Secret.of(bytesOf(value, key, facts))]));
    return { values, version: numberIn(metadata, 'version') };
  }

  /** Whether it may have changed since that version: asks for the metadata, which holds no values. */
  async mayHaveChanged(path: string, version: number): Promise<boolean> {
    const { mount, rest } = await this.#place(path);
    if (mount.kvVersion !== 2 || this.#dataOnly.has(path)) return true;
    try {
      const answer = await absent(this.#client.request({ method: 'GET', path: kvPath(mount, 'metadata', rest) }));
      return numberIn(answer?.data ?? none, 'current_version') !== version;
    } catch (error) {
      if (!(error instanceof CofferError) || error.code !== 'permission_denied') throw error;
      this.#dataOnly.add(path);
      return true;
    }
  }

  async #place(path: string): Promise<Place> {
    try {
      const mount = await this.#client.mountOf(path);
      return { mount, rest: path.slice(mount.path.length) };
    } catch (error) {
      throw error instanceof CofferError ? advice(path, error) : error;
    }
  }

  async #get(place: string, path: string): Promise<Answer | undefined> {
    try {
      return await absent(this.#client.request({ method: 'GET', path: place }));
    } catch (error) {
      throw error instanceof CofferError ? advice(path, error) : error;
    }
  }
}
