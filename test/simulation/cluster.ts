/** The nodes of a world over one storage: made, opened, crashed and started anew. */
import { openMemoryStore } from '@coffer/server/platform/memory/store.ts';
import type { Device } from './device.ts';
import { lentType, newLending } from './lending.ts';
import { type Node, startNode } from './node.ts';
import type { Way } from './way.ts';
import { epochMs, type World } from './world.ts';

const names = ['one', 'two', 'three'] as const;
/** Few, so that who is away for long has to read everything anew. */
const historyLimit = 60;
const retryMs = 200;
const openLimitMs = 60_000;

export interface ClusterOptions {
  /** What ways do wrong, for tests of the simulation itself. */
  readonly bend?: ((way: Way) => Way) | undefined;
  /** The same of audit devices. */
  readonly bendDevice?: ((device: Device) => Device) | undefined;
}

export class Cluster {
  readonly #world: World;
  readonly #storage;
  readonly #options: ClusterOptions;
  readonly nodes: Node[] = [];
  readonly lending = newLending();
  rootToken = '';
  #keys: readonly string[] = [];

  constructor(world: World, options: ClusterOptions = {}) {
    this.#world = world;
    this.#options = options;
    this.#storage = openMemoryStore({ historyLimit, now: () => epochMs + world.nowMs });
  }

  #start(name: string): Node {
    const { bend, bendDevice } = this.#options;
    return startNode({
      world: this.#world,
      storage: this.#storage,
      name,
      lending: this.lending,
      ...(bend === undefined ? {} : { bend }),
      ...(bendDevice === undefined ? {} : { bendDevice }),
    });
  }

  /** All nodes serve one store with a KV mount. */
  async open(): Promise<void> {
    for (const name of names) this.nodes.push(this.#start(name));
    const [first] = this.nodes as [Node];
    const made = await this.#done(first.core.seal.initialize({ secretShares: 1, secretThreshold: 1 }));
    this.rootToken = made.rootToken;
    this.#keys = made.keysBase64;
    for (const node of this.nodes) await this.#done(this.#unseal(node));
    await this.#mount('kv', { type: 'kv', options: { version: '2' } });
    await this.#mount(lentType, { type: lentType });
  }

  async #mount(path: string, body: object): Promise<void> {
    const [first] = this.nodes as [Node];
    const told = await this.#done(first.ask('POST', `sys/mounts/${path}`, { token: this.rootToken, body }));
    if (told.status !== 204) throw new Error(`the simulation cannot begin: ${told.status} ${told.text}`);
  }

  /** Lets the world go on until it is done. */
  async #done<T>(work: Promise<T>): Promise<T> {
    const ended = { is: false };
    const end = (): void => void (ended.is = true);
    work.then(end, end);
    if (!(await this.#world.run(openLimitMs, () => ended.is))) throw new Error('the simulation stands still');
    return work;
  }

  async #unseal(node: Node): Promise<void> {
    while (node.core.seal.sealed && this.nodes.includes(node)) {
      try {
        for (const key of this.#keys) await node.core.seal.submitKey(key);
      } catch (cause) {
        this.#world.tell(`${node.name} unseal: ${String(cause)}`);
        await this.#world.sleep(retryMs);
      }
    }
  }

  /** What the leases that are still in the store are about. */
  async keptThings(): Promise<ReadonlySet<string>> {
    const [node] = this.nodes;
    const found = (await node?.core.storage.range('lease/id/')) ?? [];
    const text = new TextDecoder();
    return new Set(found.flatMap(({ entry }) => thingsIn(text.decode(entry?.value))));
  }

  /** Gone in the middle of whatever it does; back after a while, as a new process that knows nothing. */
  crash(node: Node, awayMs: number): void {
    const at = this.nodes.indexOf(node);
    if (at < 0) return;
    node.machine.die();
    const next = this.#start(node.name);
    this.nodes[at] = next;
    this.#world.after(awayMs, () => void this.#unseal(next));
  }

  /** Sealed by word on another node, or by itself: who watches opens it again. */
  watch(): void {
    for (const node of this.nodes) if (node.core.seal.sealed) void this.#unseal(node);
  }
}

const thingsIn = (record: string): readonly string[] => {
  const at = record.indexOf('"thing"');
  return at < 0 ? [] : (/[0-9a-f-]{36}/.exec(record.slice(at))?.slice(0, 1) ?? []);
};
