/** What engines are tested on: records of one mount in memory, with faults, and calls that go the way requests go. */
import { CofferError } from '@coffer/schema/errors.ts';
import { argumentsOf } from '@coffer/schema/fields/arguments.ts';
import { scanJson } from '@coffer/schema/json/scan.ts';
import { writeJson } from '@coffer/schema/json/write.ts';
import { Reply, type Row, type Verb } from '@coffer/schema/row.ts';
import type {
  Caller,
  Capabilities,
  Engine,
  Entry,
  KeyRange,
  MountCommit,
  MountStorage,
} from '@coffer/server/contracts/engine.ts';
import type { ChangeEvent, CommitResult, RangeOptions } from '@coffer/server/contracts/storage.ts';
import { RowTable } from '@coffer/server/core/mounts/row-table.ts';
import { openMemoryStore } from '@coffer/server/platform/memory/store.ts';
import { slow } from '@coffer/server/platform/crypto/slow.ts';
import { jwts } from '@coffer/server/platform/jose/jwts.ts';
import { readYamlText } from '@coffer/server/platform/yaml/read.ts';
import { realRandom } from '@coffer/server/platform/random/real.ts';
import { TestClock } from './seal-bed.ts';

/** A commit is cut off before or after it was applied. */
export class CutOff extends Error {}

export interface Cut {
  /** Which commit from now on, from 0. */
  readonly commit: number;
  readonly when: 'before' | 'after';
}

/** Decoded forms live as long as the record, as behind the real cache; everything may also be asked for asynchronously. */
export class MemoryMount implements MountStorage {
  readonly #store = openMemoryStore();
  readonly #entries = new Map<string, Entry>();
  readonly events: ChangeEvent[] = [];
  commits = 0;
  gets = 0;
  ranges = 0;
  rangedKeys = 0;
  slow = false;
  cut: Cut | undefined;
  /** Runs before each commit: what others do meanwhile. */
  meanwhile: (() => Promise<void>) | undefined;

  /** Runs before a record is read: what others do between two reads. */
  onGet: ((key: string) => Promise<void>) | undefined;

  get(key: string): Entry | undefined | Promise<Entry | undefined> {
    this.gets += 1;
    const others = this.onGet?.(key);
    if (others !== undefined) return others.then(() => this.#entry(key));
    const entry = this.#entry(key);
    return this.slow ? Promise.resolve(entry) : entry;
  }

  #entry(key: string): Entry | undefined {
    const stored = this.#store.get(key);
    if (stored instanceof Promise) throw new TypeError('the memory store answers at once');
    if (stored === undefined) return undefined;
    const known = this.#entries.get(key);
    if (known?.revision === stored.revision) return known;
    const entry: Entry = { ...stored, memo: undefined };
    this.#entries.set(key, entry);
    return entry;
  }

  async range(prefix: string, options: RangeOptions = {}): Promise<readonly KeyRange[]> {
    const found = await this.#store.range(prefix, options);
    this.ranges += 1;
    this.rangedKeys += found.length;
    return found.map(({ key, revision }) => ({
      key,
      revision,
      entry: options.values === false ? undefined : this.#entry(key),
    }));
  }

  async commit({ checks = [], writes, events = [] }: MountCommit): Promise<CommitResult> {
    const others = this.meanwhile;
    this.meanwhile = undefined;
    await others?.();
    const cut = this.cut?.commit === this.commits ? this.cut : undefined;
    this.commits += 1;
    if (cut?.when === 'before') throw new CutOff();
    const id = String(this.commits).padStart(32, '0');
    const result = await this.#store.commit({ id, checks, writes, events });
    if (result.ok) this.events.push(...events);
    if (cut !== undefined) throw new CutOff();
    return result;
  }

  /** Everything there is, as text. */
  async dump(): Promise<ReadonlyMap<string, string>> {
    const found = await this.#store.range('');
    return new Map(found.map(({ key, value }) => [key, Buffer.from(value).toString('latin1')]));
  }
}

export interface Called {
  readonly status: number;
  readonly data: unknown;
  /** Exactly as it would be sent. */
  readonly text: string;
  readonly warnings: readonly string[];
  readonly leaseSeconds: number | undefined;
  readonly error: string | undefined;
}

export interface Request {
  readonly body?: unknown;
  /** As text, where `body` would lose something. */
  readonly json?: string;
  readonly query?: { readonly [name: string]: string };
}

export const serviceCaller: Caller = {
  tokenId: 'accessor1',
  tokenType: 'service',
  displayName: 'token',
  entityId: '',
};

/** What engines do about leases is tested through the whole pipeline: `test/core/leases.test.ts`. */
const noLeases: Capabilities['leases'] = {
  issue: () => Promise.reject(new TypeError('this bed gives no leases')),
};

export class EngineBed {
  readonly storage = new MemoryMount();
  readonly clock = new TestClock();
  readonly engine: Engine;
  readonly #table: RowTable;
  caller: Caller = serviceCaller;
  pod: Capabilities['pod'] = async () => undefined;
  /** The world outside is not there, unless a test says so. */
  http: Capabilities['http'] = () => Promise.reject(new CofferError('unreachable', 'this bed has no world outside'));

  constructor(engine: Engine) {
    this.engine = engine;
    this.#table = new RowTable(engine.rows);
  }

  /** Exactly what the engine declares, and nothing else. */
  context(): unknown {
    const all: Capabilities = {
      storage: this.storage,
      clock: this.clock,
      random: realRandom(),
      mountInfo: {
        path: 'secret/',
        accessor: 'kv_1',
        options: new Map(),
        defaultLeaseSeconds: 2_764_800,
        maxLeaseSeconds: 2_764_800,
        bodyLimitBytes: 1_048_576,
      },
      caller: this.caller,
      leases: noLeases,
      http: this.http,
      jwt: jwts,
      yaml: readYamlText,
      pod: this.pod,
      slow,
    };
    return Object.fromEntries(this.engine.needs.map(need => [need, all[need]]));
  }

  find(
    verb: Verb,
    path: string,
  ): { readonly row: Row<never>; readonly params: ReadonlyMap<string, string> } | undefined {
    const found = this.#table.match(verb, path);
    return 'row' in found ? found : undefined;
  }

  /** Whether a write would be an update, and so ask for that capability. */
  async exists(path: string, body: unknown = {}): Promise<boolean | undefined> {
    const found = this.find('write', path);
    if (found?.row.exists === undefined) return undefined;
    return found.row.exists(this.context() as never, argumentsFor(found, { body }) as never);
  }

  /** Refusals become answers; anything else thrown is a bug and goes through. */
  async call(verb: Verb, path: string, request: Request = {}): Promise<Called> {
    try {
      const found = this.find(verb, path);
      if (found === undefined) return { ...silence, status: 404, error: 'unsupported path' };
      const args = argumentsFor(found, request);
      return answered(verb, await found.row.run(this.context() as never, args as never));
    } catch (error) {
      if (!(error instanceof CofferError)) throw error;
      return { ...silence, status: error.facts.http, error: error.publicMessage };
    }
  }
}

const silence: Omit<Called, 'status'> = {
  data: undefined,
  text: '',
  warnings: [],
  leaseSeconds: undefined,
  error: undefined,
};

const argumentsFor = (
  { row, params }: { readonly row: Row<never>; readonly params: ReadonlyMap<string, string> },
  { body, json, query }: Request,
): unknown => {
  const text = json ?? (body === undefined || row.body !== 'json' ? undefined : JSON.stringify(body));
  const raw = text === undefined ? undefined : scanJson(new TextEncoder().encode(text));
  return argumentsOf(row, {
    params,
    members: raw?.type === 'object' ? raw.members() : undefined,
    query: query === undefined ? undefined : new Map(Object.entries(query)),
    body: raw?.type === 'object' ? raw : undefined,
  }).args;
};

const answered = (verb: Verb, value: unknown): Called => {
  const reply = value instanceof Reply ? value : new Reply(value as Reply['data']);
  const { status, warnings = [], leaseDurationSeconds: leaseSeconds } = reply.extras;
  const reads = verb === 'read' || verb === 'list' || verb === 'scan';
  if (reply.data === undefined) {
    const without = warnings.length > 0 ? 200 : reads ? 404 : 204;
    return { ...silence, status: status ?? without, warnings };
  }
  const text = new TextDecoder().decode(writeJson(reply.data));
  return { status: status ?? 200, data: JSON.parse(text) as unknown, text, warnings, leaseSeconds, error: undefined };
};
