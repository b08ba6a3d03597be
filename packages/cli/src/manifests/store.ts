/**
 * Secrets in a versioned mount. A write says which version it replaces, of values and of metadata, so that a change made by
 * somebody else in between is never overwritten.
 */
import { absent } from '@coffer/client/absent.ts';
import type { Answer } from '@coffer/client/answer.ts';
import type { Coffer } from '@coffer/client/client.ts';
import { ServerError } from '@coffer/client/errors.ts';
import { kvPath } from '@coffer/client/kv.ts';
import { numberIn, objectIn, textIn } from '@coffer/client/members.ts';
import type { Mount } from '@coffer/client/mounts.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import type { JsonObject } from '@coffer/schema/json/value.ts';
import type { Out } from '@coffer/schema/out.ts';
import { type Change, changesValues, type Stored } from './change.ts';
import { type Entries, entriesOf, factsOf, isOwnEntry } from './custom-metadata.ts';
import type { Kept } from './record.ts';

const none: JsonObject = new Map();

const customIn = (metadata: JsonObject): Entries => {
  const custom = objectIn(metadata, 'custom_metadata') ?? none;
  return new Map([...custom.keys()].map(name => [name, textIn(custom, name)]));
};

const storedOf = (answer: Answer | undefined): Stored => {
  const metadata = objectIn(answer?.data ?? none, 'metadata') ?? none;
  return {
    version: numberIn(metadata, 'version'),
    data: objectIn(answer?.data ?? none, 'data'),
    facts: factsOf(customIn(metadata)),
  };
};

export class SecretStore {
  readonly #client: Coffer;
  readonly #mount: Mount;

  constructor(client: Coffer, mount: Mount) {
    this.#client = client;
    this.#mount = mount;
  }

  get mount(): string {
    return this.#mount.path;
  }

  async read(path: string): Promise<Stored> {
    const asked = this.#client.request({ method: 'GET', path: kvPath(this.#mount, 'data', path) });
    return storedOf(await absent(asked));
  }

  /** Names below a folder, sub-folders with a `/`. */
  list(folder: string): Promise<readonly string[]> {
    return this.#client.list(kvPath(this.#mount, 'metadata', folder));
  }

  /** Throws `conflict` where somebody else was faster. */
  async write(path: string, record: Kept, plan: { readonly stored: Stored; readonly change: Change }): Promise<void> {
    const entries = entriesOf(record.facts);
    if (changesValues(plan.change)) await this.#writeValues(path, record, plan.stored.version);
    if (plan.change.facts || plan.change.action === 'create') await this.#writeEntries(path, entries);
  }

  async #writeValues(path: string, record: Kept, cas: number): Promise<void> {
    const place = kvPath(this.#mount, 'data', path);
    try {
      await this.#client.request({ method: 'PUT', path: place, body: { data: record.values, options: { cas } } });
    } catch (error) {
      if (!isRefused(error) || (await this.read(path)).version === cas) throw error;
      throw overtaken(error);
    }
  }

  async #writeEntries(path: string, entries: Entries): Promise<void> {
    const place = kvPath(this.#mount, 'metadata', path);
    const metadata = await this.#metadata(place);
    const others = [...customIn(metadata)].filter(([name]) => !isOwnEntry(name));
    const body = new Map<string, Out>([['custom_metadata', new Map([...others, ...entries])]]);
    const version = metadata.get(metadataVersion);
    if (version !== undefined) body.set('metadata_cas', version);
    try {
      await this.#client.request({ method: 'PUT', path: place, body });
    } catch (error) {
      if (!isRefused(error) || sameNumber(await this.#metadata(place), metadata)) throw error;
      throw overtaken(error);
    }
  }

  async #metadata(place: string): Promise<JsonObject> {
    return (await absent(this.#client.request({ method: 'GET', path: place })))?.data ?? none;
  }
}

const metadataVersion = 'current_metadata_version';

const sameNumber = (left: JsonObject, right: JsonObject): boolean =>
  numberIn(left, metadataVersion) === numberIn(right, metadataVersion);

/** The API has no status of its own for a lost race: only another version tells it from other refusals. */
const isRefused = (error: unknown): boolean => error instanceof ServerError && error.status === 400;

const overtaken = (cause: unknown): CofferError =>
  new CofferError('conflict', 'changed by somebody else at the same moment; run the import again', { cause });
