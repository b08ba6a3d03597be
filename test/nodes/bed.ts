/**
 * Three whole nodes in one process over one storage in memory, each with a clock and a link of its own: a link can be slow,
 * or cut, for the questions a node asks and for what it follows. The clocks turn together, or one alone.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type {
  ChangeOrGap,
  Commit,
  CommitResult,
  Moment,
  RangeEntry,
  RangeOptions,
  SharedStorage,
  Storage,
  Stored,
} from '../../packages/server/src/contracts/storage.ts';
import { type MemoryStorage, openMemoryStore } from '../../packages/server/src/platform/memory/store.ts';
import { asking, type Ask, type Bed, openBed, TestClock, type Told } from '../core/bed.ts';
import { withCors } from '../../packages/server/src/core/request/cors.ts';
import { pipeline } from '../../packages/server/src/core/request/pipeline.ts';

/** The way from one node to the storage. */
export class Way implements Storage, SharedStorage {
  readonly #storage: MemoryStorage;
  /** Questions for the newest revision get no answer. */
  asksFail = false;
  /** Nothing gets through. */
  isCut = false;
  /** What is written is told so many turns of the event loop late. */
  lagTurns = 0;
  /** What is written is not told. */
  isDeaf = false;
  readonly #waiting: (() => void)[] = [];

  constructor(storage: MemoryStorage) {
    this.#storage = storage;
  }

  async #open(): Promise<MemoryStorage> {
    if (this.isCut) throw new CofferError('storage_failed', 'The way to the storage is cut.');
    return this.#storage;
  }

  async get(key: string): Promise<Stored | undefined> {
    return (await this.#open()).get(key);
  }

  async range(prefix: string, options?: RangeOptions): Promise<readonly RangeEntry[]> {
    return (await this.#open()).range(prefix, options);
  }

  async commit(commit: Commit): Promise<CommitResult> {
    return (await this.#open()).commit(commit);
  }

  async *changes(since: number, signal: AbortSignal): AsyncIterable<ChangeOrGap> {
    for await (const change of this.#storage.changes(since, signal)) {
      for (let turn = 0; turn < this.lagTurns; turn++) await new Promise(resolve => setImmediate(resolve));
      while (this.isDeaf || this.isCut) await new Promise<void>(resolve => void this.#waiting.push(resolve));
      yield change;
    }
  }

  async moment(): Promise<Moment> {
    if (this.asksFail) throw new Error('no answer');
    return (await this.#open()).moment();
  }

  hear(): void {
    this.isDeaf = false;
    this.isCut = false;
    for (const go of this.#waiting.splice(0)) go();
  }
}

export interface Node extends Bed {
  readonly way: Way;
}

export interface Cluster {
  readonly storage: MemoryStorage;
  /** The storage's own. */
  readonly clock: TestClock;
  readonly nodes: readonly [Node, Node, Node];
  readonly rootToken: string;
  readonly unsealKeys: readonly string[];
  /** Turns all clocks until it is done. */
  turning<T>(work: Promise<T>): Promise<T>;
  /** Turns all clocks, in steps. */
  advance(ms: number): Promise<void>;
  /** One more node, open. */
  join(): Promise<Node>;
  close(): Promise<void>;
}

const stepMs = 100;

const until = async (done: () => boolean, clocks: readonly TestClock[]): Promise<void> => {
  while (!done()) for (const clock of clocks) await clock.advance(stepMs);
};

const openNode = async (storage: MemoryStorage, keys: readonly string[]): Promise<Node> => {
  const way = new Way(storage);
  const clock = new TestClock();
  const bed = await openBed({ storage: way, shared: way, copies: storage, clock, closed: true, unauthenticated: true });
  for (const key of keys) {
    let done = false;
    const opening = bed.core.seal.submitKey(key).finally(() => (done = true));
    await until(() => done, [clock]);
    await opening;
  }
  return { ...bed, way };
};

export const openCluster = async (): Promise<Cluster> => {
  const clock = new TestClock();
  const storage = openMemoryStore({ now: () => clock.now() });
  const first = await openNode(storage, []);
  const made = await first.core.seal.initialize({ secretShares: 1, secretThreshold: 1 });
  for (const key of made.keysBase64) await first.core.seal.submitKey(key);
  const [second, third] = [await openNode(storage, made.keysBase64), await openNode(storage, made.keysBase64)];
  const all = [first, second, third].map(
    (node): Node => ({
      ...node,
      rootToken: made.rootToken,
      unsealKeys: made.keysBase64,
      root: (method, path, body) => node.ask(method, path, { token: made.rootToken, body }),
    }),
  );
  const advance = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= stepMs)
      for (const one of [{ clock }, ...all]) await one.clock.advance(Math.min(stepMs, left));
  };
  return {
    storage,
    clock,
    nodes: all as unknown as Cluster['nodes'],
    rootToken: made.rootToken,
    unsealKeys: made.keysBase64,
    advance,
    turning: async work => {
      const ended = { done: false };
      const end = (): void => void (ended.done = true);
      work.then(end, end);
      while (!ended.done) await advance(stepMs);
      return work;
    },
    join: async () => {
      const node = await openNode(storage, made.keysBase64);
      const joined = { ...node, root: all[0]?.root ?? node.root };
      all.push(joined);
      return joined;
    },
    close: async () => {
      for (const { core } of all) await core.seal.seal();
      await storage.close();
    },
  };
};

/** What a node answers while its clock turns: who waits for something must not wait for ever. */
export const askTurning = async (node: Node, path: string, ask: Ask = {}): Promise<Told> => {
  let done = false;
  const asked = asking(withCors(pipeline(node.core), node.core.cors))('GET', path, ask).finally(() => (done = true));
  await until(() => done, [node.clock]);
  return asked;
};
