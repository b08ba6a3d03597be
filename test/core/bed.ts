/** The whole core in memory on a clock that tests turn, asked through the pipeline as HTTP would ask it. */
import type { Openable } from '@coffer/schema/row.ts';
import type { AuditSink } from '../../packages/server/src/contracts/audit.ts';
import type { AnchorSettings } from '../../packages/server/src/core/anchor/anchor.ts';
import type { AuditStanza } from '../../packages/server/src/core/audit/devices.ts';
import type { Clock } from '../../packages/server/src/contracts/clock.ts';
import type { Engine } from '../../packages/server/src/contracts/engine.ts';
import type { Host } from '../../packages/server/src/contracts/host.ts';
import type { Log, Logs } from '../../packages/server/src/contracts/log.ts';
import type { Slow } from '../../packages/server/src/contracts/slow.ts';
import type { SharedStorage, Storage, StorageCopies } from '../../packages/server/src/contracts/storage.ts';
import type { Handle } from '../../packages/server/src/contracts/wire.ts';
import { composeCore } from '../../packages/server/src/compose/core.ts';
import type { CoreParts } from '../../packages/server/src/compose/core-parts.ts';
import { mountSecret } from '../../packages/server/src/compose/server/first-start.ts';
import type { Fronts } from '../../packages/server/src/core/fronts/fronts.ts';
import type { Core } from '../../packages/server/src/core/request/core.ts';
import { withCors } from '../../packages/server/src/core/request/cors.ts';
import { pipeline } from '../../packages/server/src/core/request/pipeline.ts';
import { shamirSeal } from '../../packages/server/src/core/seal/static.ts';
import { resolveEngine } from '../../packages/server/src/engines/registry.ts';
import { openLog } from '../../packages/server/src/platform/log/standard.ts';
import { openMemoryStore } from '../../packages/server/src/platform/memory/store.ts';
import { realRandom } from '../../packages/server/src/platform/random/real.ts';
import { noteCall } from '../coverage/observe.ts';

export class TestClock implements Clock {
  nowMs = Date.UTC(2026, 0, 1);
  #jumpedMs = 0;
  readonly #tasks = new Map<number, { atMs: number; task: () => void }>();
  #next = 0;

  now(): number {
    return this.nowMs;
  }

  monotonic(): number {
    return this.nowMs - this.#jumpedMs;
  }

  /** The wall clock is set; no time has passed. */
  jump(ms: number): void {
    this.nowMs += ms;
    this.#jumpedMs += ms;
  }

  after(delayMs: number, task: () => void): () => void {
    const id = this.#next++;
    this.#tasks.set(id, { atMs: this.monotonic() + delayMs, task });
    return () => void this.#tasks.delete(id);
  }

  /** What waits for its time. */
  get timers(): number {
    return this.#tasks.size;
  }

  /** Turns the clock and lets what is due, and what follows from it, happen. */
  async advance(ms: number): Promise<void> {
    this.nowMs += ms;
    const waiting = Array.from(this.#tasks);
    for (const [id, { atMs, task }] of waiting) {
      if (atMs > this.monotonic()) continue;
      this.#tasks.delete(id);
      task();
    }
    for (let turn = 0; turn < 20; turn++) await new Promise(done => setImmediate(done));
  }
}

export interface Ask {
  readonly token?: string | undefined;
  readonly body?: unknown;
  readonly raw?: string | Uint8Array;
  /** A body that comes later. */
  readonly late?: Promise<Uint8Array>;
  readonly headers?: { readonly [name: string]: string };
  readonly address?: string;
  /** Whether the connection is closed meanwhile. */
  readonly isGone?: () => boolean;
  /** By the listener, to callers without a token. */
  readonly opens?: readonly Openable[];
}

export interface Told {
  readonly status: number;
  readonly text: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
  // oxlint-disable-next-line typescript/no-explicit-any -- answers are looked into freely by tests
  readonly json: any;
}

export interface Bed {
  readonly core: Core;
  readonly clock: TestClock;
  readonly storage: Storage;
  readonly rootToken: string;
  readonly unsealKeys: readonly string[];
  /** Lines of the log and of audit, as written. */
  readonly logged: string[];
  readonly audited: string[];
  ask(method: string, path: string, ask?: Ask): Promise<Told>;
  /** As root. */
  root(method: string, path: string, body?: unknown): Promise<Told>;
}

export interface BedOptions {
  readonly storage?: Storage;
  /** The same storage, where other beds write to it as well. */
  readonly shared?: SharedStorage;
  readonly clock?: TestClock;
  /** Where the storage has none of its own. */
  readonly copies?: StorageCopies;
  readonly anchor?: AnchorSettings;
  readonly audit?: boolean;
  readonly sink?: Partial<AuditSink>;
  /** The devices that the configuration names, by path or whole; `test/` where not given. */
  readonly devices?: readonly (string | AuditStanza)[];
  /** In place of the sink that keeps records in `audited`. */
  readonly openAudit?: CoreParts['openAudit'];
  readonly unauthenticated?: boolean;
  readonly auditPrefixes?: boolean;
  readonly introspection?: boolean;
  /** Leave the store as it is found: not initialised, or sealed. */
  readonly closed?: boolean;
  readonly bodyLimitBytes?: number;
  /** Of records in memory; 0 keeps none. */
  readonly cacheBytes?: number;
  readonly shares?: number;
  readonly threshold?: number;
  /** Beside the registry's. */
  readonly engines?: readonly Engine[];
  readonly slow?: Slow;
  /** Threads that read beside this core. */
  readonly fronts?: Fronts;
}

export const testHost: Host = {
  usage: () => ({ residentBytes: 1000, heapUsedBytes: 500, cpuSeconds: 1.5, startedAtMs: Date.UTC(2026, 0, 1) }),
  facts: async () => ({
    hostname: 'here',
    system: 'linux',
    kernel: '6.1',
    architecture: 'x64',
    uptimeSeconds: 100,
    cpus: [{ model: 'a', mhz: 3000, seconds: { user: 1, nice: 0, system: 2, idle: 3, irq: 0.5 } }],
    memory: { totalBytes: 1000, freeBytes: 250, availableBytes: 500 },
    disks: [{ path: '/data/', totalBytes: 3000, freeBytes: 1000, filesTotal: 10, filesFree: 10 }],
  }),
};

const none = (): never => {
  throw new Error('this storage of a test makes no copies');
};

const copiesOf = (storage: Storage | StorageCopies): StorageCopies =>
  'copy' in storage ? storage : { copy: none, receive: none, replace: none };

const stanzaOf = (device: string | AuditStanza): AuditStanza =>
  typeof device === 'string' ? { type: 'file', path: device, description: '', options: new Map() } : device;

const devicesOf = ({ audit, devices }: BedOptions): readonly AuditStanza[] =>
  audit === false ? [] : (devices ?? ['test/']).map(stanzaOf);

/** Keeps what is written, and lets `sys/monitor` follow it. */
const logInto = (lines: string[], followed: Log): Log => ({
  write: (level, message, fields) => {
    lines.push(`${level} ${message} ${JSON.stringify(fields ?? {})}`);
    followed.write(level, message, fields);
  },
  with: fields => logInto(lines, followed.with(fields)),
});

const logsInto = (lines: string[]): Logs => {
  const { levels, tap, part } = openLog({ level: 'info', format: 'standard', write: () => {} });
  return { levels, tap, part: name => logInto(lines, part(name)) };
};

/** Of a body that is taken piece by piece. */
const pieceBytes = 1000;

/** Of one that has no end of its own, the first piece. */
const whole = async (pieces: AsyncIterable<Uint8Array> | undefined, isEndless: boolean): Promise<Uint8Array> => {
  const all: Uint8Array[] = [];
  for await (const piece of pieces ?? []) {
    all.push(piece);
    if (isEndless) break;
  }
  return Buffer.concat(all);
};

/** Paths of engines that no server has prove nothing. */
const noteOwn: typeof noteCall = call => {
  if (/^\/v1\/(?:sys|auth)\//.test(call.target)) noteCall(call);
};

export const asking =
  (handle: Handle, noted = noteCall) =>
  async (method: string, path: string, ask: Ask = {}): Promise<Told> => {
    const headers = new Map(Object.entries(ask.headers ?? {}));
    if (ask.token !== undefined) headers.set('x-vault-token', ask.token);
    if (method === 'PATCH' && !headers.has('content-type')) headers.set('content-type', 'application/merge-patch+json');
    const given = ask.raw ?? (ask.body === undefined ? '' : JSON.stringify(ask.body));
    const bytes = typeof given === 'string' ? new TextEncoder().encode(given) : given;
    const answer = await handle({
      method,
      rawTarget: `/v1/${path}`,
      headers,
      peer: {
        address: ask.address ?? '127.0.0.1',
        port: 1234,
        secure: false,
        ...(ask.isGone === undefined ? {} : { isGone: ask.isGone }),
      },
      ...(ask.opens === undefined ? {} : { opens: new Set(ask.opens) }),
      body: limitBytes => {
        if (ask.late !== undefined) return ask.late;
        if (bytes.length > limitBytes) throw new Error('the bed does not test limits');
        return bytes;
      },
      pieces: async function* () {
        for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
      },
    });
    noted({ method, target: `/v1/${path}`, status: answer.status });
    const body = answer.body instanceof Uint8Array ? answer.body : await whole(answer.body, answer.cut !== undefined);
    const text = new TextDecoder().decode(body);
    const json: unknown = text.startsWith('{') ? JSON.parse(text) : undefined;
    return { status: answer.status, text, json, body, headers: new Map(answer.headers) };
  };

/** What a bed keeps of what it is told. */
interface Kept {
  readonly storage: Storage;
  readonly clock: TestClock;
  readonly logged: string[];
  readonly audited: string[];
}

/** What the core of a bed is put together from. */
export const partsOf = (options: BedOptions, { storage, clock, logged, audited }: Kept): CoreParts => {
  const sink: AuditSink = {
    path: 'test/',
    type: 'file',
    write: async records => void audited.push(...records),
    reopen: async () => undefined,
    close: async () => undefined,
    ...options.sink,
  };
  return {
    storage,
    shared: options.shared,
    fronts: options.fronts,
    anchor: options.anchor,
    copies: copiesOf(options.copies ?? storage),
    clock,
    random: realRandom(),
    logs: logsInto(logged),
    host: testHost,
    fatal: reason => {
      throw new Error(`fatal: ${reason}`);
    },
    cacheBytes: options.cacheBytes ?? 16_777_216,
    ttl: { defaultLeaseSeconds: 2_764_800, maxLeaseSeconds: 2_764_800 },
    bodyLimitBytes: options.bodyLimitBytes ?? 1_048_576,
    settings: {
      clusterName: 'test',
      apiAddress: 'https://coffer.test:8200',
      storageType: 'inmem',
      unauthenticatedRekey: options.unauthenticated ?? false,
      unauthenticatedGenerateRoot: options.unauthenticated ?? false,
      auditByApi: true,
      auditPrefixes: options.auditPrefixes ?? false,
      introspection: options.introspection ?? false,
    },
    configuration: {
      parts: ['log_level'],
      shown: () => ({ log_level: 'info', storage: { type: 'inmem' } }),
      reload: async () => undefined,
    },
    seal: shamirSeal,
    rootTokenId: undefined,
    audit: devicesOf(options),
    ...(options.slow === undefined ? {} : { slow: options.slow }),
    openAudit: options.openAudit ?? (async () => sink),
    resolveEngine: (type, given) => options.engines?.find(engine => engine.type === type) ?? resolveEngine(type, given),
  };
};

export const openBed = async (options: BedOptions = {}): Promise<Bed> => {
  const clock = options.clock ?? new TestClock();
  const storage = options.storage ?? openMemoryStore();
  const logged: string[] = [];
  const audited: string[] = [];
  const core = composeCore(partsOf(options, { storage, clock, logged, audited }));
  const ask = asking(withCors(pipeline(core), core.cors), options.engines === undefined ? noteCall : noteOwn);
  const made = options.closed === true ? { rootToken: '', keysBase64: [] } : await open(core, options);
  return {
    core,
    clock,
    storage,
    rootToken: made.rootToken,
    unsealKeys: made.keysBase64,
    logged,
    audited,
    ask,
    root: (method, path, body) => ask(method, path, { token: made.rootToken, body }),
  };
};

const open = async (core: Core, { shares = 1, threshold = 1 }: BedOptions) => {
  const made = await core.seal.initialize({ secretShares: shares, secretThreshold: threshold });
  for (const key of made.keysBase64.slice(0, threshold)) await core.seal.submitKey(key);
  await mountSecret(core, '2');
  return made;
};
