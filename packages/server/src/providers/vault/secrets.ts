/** The data of one secret, or its metadata, as a JSON object. */
import type { Answer } from '@coffer/client/answer.ts';
import { objectIn } from '@coffer/client/members.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import type { JsonObject } from '@coffer/schema/json/value.ts';
import type { RemoteRef } from '../../contracts/provider.ts';
import { InFlight } from '../in-flight.ts';
import { present } from './absence.ts';
import type { Calls } from './calls.ts';
import { dataPath, locate, metadataPath } from './paths.ts';
import type { VaultSettings } from './settings.ts';

const versionForm = /^[0-9]{1,18}$/;
const toldMetadata = ['created_time', 'current_version', 'delete_version_after'] as const;

const invalid = (message: string): CofferError => new CofferError('invalid_request', message);

const queryOf = ({ version = '', key }: RemoteRef, isVersioned: boolean): ReadonlyMap<string, string> => {
  if (version === '') return new Map();
  if (!isVersioned)
    throw invalid(`remoteRef.version of ${key}: a store of spec.provider.vault.version v1 has no versions`);
  if (!versionForm.test(version)) throw invalid(`remoteRef.version of ${key}: expected a whole number`);
  return new Map([['version', version]]);
};

const shapeFault = (path: string, version: string): CofferError =>
  new CofferError(
    'unreachable',
    `cannot read ${path}: the answer is not that of a key/value mount ${version}; see whether spec.provider.vault.version and server are right, and what stands in between`,
  );

/** What its writer said of a secret, with what the store knows of it. */
const metadataOf = (data: JsonObject): JsonObject => {
  const own = objectIn(data, 'custom_metadata') ?? new Map();
  return new Map([
    ...toldMetadata.flatMap(name => (data.has(name) ? [[name, data.get(name) ?? null] as const] : [])),
    ...own,
  ]);
};

export class Secrets {
  readonly #calls: Calls;
  readonly #settings: VaultSettings;
  readonly #reads = new InFlight<JsonObject | undefined>();

  constructor(calls: Calls, settings: VaultSettings) {
    this.#calls = calls;
    this.#settings = settings;
  }

  async get(ref: RemoteRef): Promise<JsonObject | undefined> {
    return ref.metadataPolicy === 'Fetch' ? this.#metadata(ref) : this.#data(ref);
  }

  #data(ref: RemoteRef): Promise<JsonObject | undefined> {
    const { version } = this.#settings;
    const path = dataPath(version, locate(this.#settings, ref.key));
    const query = queryOf(ref, version === 'v2');
    const dataOf = ({ data }: Answer): JsonObject | undefined =>
      version === 'v1' || data === undefined ? data : objectIn(data, 'data');
    return this.#reads.share(`${path}?${query.get('version') ?? ''}`, async () => {
      const answer = await present(this.#calls, path, { version, query });
      return answer === undefined ? undefined : (dataOf(answer) ?? refuseShape(path, version));
    });
  }

  #metadata(ref: RemoteRef): Promise<JsonObject | undefined> {
    const { version } = this.#settings;
    if (version === 'v1') throw invalid(`remoteRef.metadataPolicy of ${ref.key}: a mount v1 has no metadata`);
    const path = metadataPath(locate(this.#settings, ref.key));
    return this.#reads.share(path, async () => {
      const answer = await present(this.#calls, path, { version });
      return answer === undefined ? undefined : metadataOf(answer.data ?? refuseShape(path, version));
    });
  }
}

const refuseShape = (path: string, version: string): never => {
  throw shapeFault(path, version);
};
