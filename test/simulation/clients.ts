/** Clients: each does one thing after the other, through any node, and writes down what it did and was told. */
import type { Ask, Told } from '../core/bed.ts';
import type { Cluster } from './cluster.ts';
import type { Event, History } from './history.ts';
import { lentType } from './lending.ts';
import type { Node } from './node.ts';
import type { World } from './world.ts';

const keys = ['a', 'b', 'c'] as const;
const wayMs = { fastest: 1, slowest: 8 } as const;
const patienceMs = 8_000;
const thinkMs = 120;
/** Of requests that are sent once more, as a proxy may, and of those that get lost, in a hundred. */
const twicePercent = 3;
const lostPercent = 3;
const indexedPercent = 50;

/** Undefined: no answer came. */
type Answer = Told | undefined;

/** Nothing was done. */
const isRefused = ({ status }: Told): boolean => status === 503 || status === 412;

/**
 * What a caller learns must be on record first. Of wrapping, answers do not tell which request they answer: what is kept back
 * tells none, and what is opened that of long ago.
 */
const isUnrecorded = ({ device }: Node, { status, json }: Told): boolean =>
  status === 200 && !device.has(json.request_id);

interface Call {
  readonly node: Node;
  readonly method: string;
  readonly path: string;
  readonly ask: Ask;
  /** It arrives once more, later; what that does nobody is told. */
  readonly isTwice: boolean;
}

interface Timed {
  readonly node: string;
  readonly calledMs: number;
  readonly returnedMs: number;
}

interface Answered {
  readonly told: Answer;
  readonly isTwice: boolean;
  readonly at: Timed;
}

/** What all clients share: tokens that any of them may use. */
export class Clients {
  readonly #world: World;
  readonly #cluster: Cluster;
  readonly events: Event[] = [];
  readonly limits = new Map<string, number>();
  readonly wrapped = new Map<string, string>();
  readonly #tokens: string[] = [];
  readonly #leases: string[] = [];
  #kept: ReadonlySet<string> = new Set();
  #values = 0;
  #left: number;
  running = 0;
  /** Answers that nobody should get. */
  readonly surprises: string[] = [];

  constructor(world: World, cluster: Cluster, operations: number) {
    this.#world = world;
    this.#cluster = cluster;
    this.#left = operations;
  }

  get history(): History {
    const { events, limits, wrapped } = this;
    return { events, limits, wrapped, kept: this.#kept, ...this.#cluster.lending };
  }

  start(client: string): void {
    this.running++;
    void this.#live(client)
      .catch((cause: unknown) => void this.surprises.push(cause instanceof Error ? cause.message : String(cause)))
      .finally(() => {
        this.running--;
      });
  }

  async #live(client: string): Promise<void> {
    const { chance } = this.#world;
    const seen = { index: '', versions: new Map<string, number>() };
    while (this.#left-- > 0) {
      await this.#world.sleep(chance.below(thinkMs));
      const act = chance.below(100);
      if (act < 8) await this.#lend(client);
      else if (act < 10) await this.#endLease(client);
      else if (act < 42) await this.#write(client, seen);
      else if (act < 75) await this.#read(client, seen);
      else if (act < 80) await this.#make();
      else if (act < 92) await this.#use(client);
      else if (act < 95) await this.#revoke(client);
      else if (act < 97) await this.#wrap();
      else await this.#unwrap(client);
    }
  }

  /** There and back, unless something gets lost; a lost answer is waited for in vain. */
  async #call({ node, method, path, ask, isTwice }: Call): Promise<Answer> {
    const { chance } = this.#world;
    const delay = (): number => chance.between(wayMs.fastest, wayMs.slowest);
    const { promise, resolve } = Promise.withResolvers<Answer>();
    const given = { token: this.#cluster.rootToken, ...ask };
    const send = (isCopy: boolean): void => {
      this.#world.after(delay() * (isCopy ? 5 : 1), () =>
        node.machine.act(() => {
          void node.ask(method, path, given).then(told => {
            if (!path.startsWith('sys/wrapping/') && isUnrecorded(node, told))
              this.surprises.push(`${node.name} answered ${method} ${path} without a record`);
            if (!isCopy && !chance.hits(lostPercent)) this.#world.after(delay(), () => resolve(told));
          });
        }),
      );
    };
    this.#world.after(patienceMs, () => resolve(undefined));
    if (!chance.hits(lostPercent)) send(false);
    if (isTwice) send(true);
    return promise;
  }

  async #timed(client: string, call: Pick<Call, 'method' | 'path' | 'ask'>): Promise<Answered> {
    const node = this.#world.chance.one(this.#cluster.nodes);
    const calledMs = this.#world.nowMs;
    const isTwice = this.#world.chance.hits(twicePercent);
    const told = await this.#call({ node, isTwice, ...call });
    const returnedMs = told === undefined ? Infinity : this.#world.nowMs;
    this.#world.tell(
      `${client} ${call.method} ${call.path} at ${node.name} since ${calledMs}: ${told?.status ?? 'no answer'}`,
    );
    return { told, isTwice, at: { node: node.name, calledMs, returnedMs } };
  }

  #note(event: Event): void {
    this.events.push(event);
  }

  async #write(client: string, seen: Seen): Promise<void> {
    const { chance } = this.#world;
    const key = chance.one(keys);
    const value = `v${this.#values++}`;
    const cas = chance.hits(60) ? (seen.versions.get(key) ?? 0) : undefined;
    const body = { data: { value }, ...(cas === undefined ? {} : { options: { cas } }) };
    const { told, at, isTwice } = await this.#timed(client, { method: 'POST', path: `kv/data/${key}`, ask: { body } });
    const event = { client, ...at, kind: 'write', key, value, cas } as const;
    if (isTwice) this.#note({ ...event, returnedMs: Infinity, version: undefined });
    if (told !== undefined && isRefused(told)) return;
    if (told === undefined || told.status === 500)
      return this.#note({ ...event, returnedMs: Infinity, version: undefined });
    const version: number | undefined = told.status === 200 ? told.json.data.version : undefined;
    if (version === undefined && told.status !== 400)
      throw new Error(`a write was answered ${told.status} ${told.text}`);
    this.#note({ ...event, version });
    if (version !== undefined) this.#learn(seen, told, { key, version });
  }

  #learn(seen: Seen, told: Told, { key, version }: { readonly key: string; readonly version: number }): void {
    seen.versions.set(key, version);
    seen.index = told.headers.get('X-Vault-Index') ?? seen.index;
  }

  async #read(client: string, seen: Seen): Promise<void> {
    const { chance } = this.#world;
    const key = chance.one(keys);
    const indexed = seen.index !== '' && chance.hits(indexedPercent);
    const ask = indexed ? { headers: { 'x-vault-index': seen.index } } : {};
    const { told, at } = await this.#timed(client, { method: 'GET', path: `kv/data/${key}`, ask });
    if (told === undefined || (told.status !== 200 && told.status !== 404)) return;
    const version: number = told.status === 200 ? told.json.data.metadata.version : 0;
    const value: string = told.status === 200 ? told.json.data.data.value : '';
    this.#note({ client, ...at, kind: 'read', key, version, value, indexed });
    this.#learn(seen, told, { key, version });
  }

  async #make(): Promise<void> {
    const uses = this.#world.chance.hits(50) ? this.#world.chance.between(1, 4) : 0;
    const body = { policies: ['default'], num_uses: uses, ttl: '1h' };
    const { told } = await this.#timed('maker', { method: 'POST', path: 'auth/token/create', ask: { body } });
    if (told?.status !== 200) return;
    const token: string = told.json.auth.client_token;
    this.#tokens.push(token);
    if (uses > 0) this.limits.set(token, uses);
  }

  async #use(client: string): Promise<void> {
    if (this.#tokens.length === 0) return;
    const token = this.#world.chance.one(this.#tokens);
    const { told, at } = await this.#timed(client, { method: 'GET', path: 'auth/token/lookup-self', ask: { token } });
    if (told === undefined || told.status === 503 || told.status === 500) return;
    this.#note({ client, ...at, kind: 'use', token, admitted: told.status === 200 });
  }

  async #revoke(client: string): Promise<void> {
    if (this.#tokens.length === 0) return;
    const token = this.#world.chance.one(this.#tokens);
    const { told, at } = await this.#timed(client, {
      method: 'POST',
      path: 'auth/token/revoke',
      ask: { body: { token } },
    });
    if (told?.status === 204) this.#note({ client, ...at, kind: 'revoke', token });
  }

  async #lend(client: string): Promise<void> {
    const { told, at } = await this.#timed(client, { method: 'GET', path: `${lentType}/thing`, ask: {} });
    if (told?.status !== 200) return;
    const { lease_id: lease, data } = told.json;
    this.#leases.push(lease);
    this.#note({ client, ...at, kind: 'lend', thing: data.thing, lease });
  }

  async #endLease(client: string): Promise<void> {
    if (this.#leases.length === 0) return;
    const lease = this.#world.chance.one(this.#leases);
    const ask = { body: { lease_id: lease } };
    const { at } = await this.#timed(client, { method: 'POST', path: 'sys/leases/revoke', ask });
    this.#note({ client, ...at, kind: 'end lease', lease });
  }

  async #wrap(): Promise<void> {
    const value = `w${this.#values++}`;
    const ask = { body: { value }, headers: { 'x-vault-wrap-ttl': '600' } };
    const { told } = await this.#timed('wrapper', { method: 'POST', path: 'sys/wrapping/wrap', ask });
    if (told?.status === 200) this.wrapped.set(told.json.wrap_info.token, value);
  }

  async #unwrap(client: string): Promise<void> {
    const [token] = [...this.wrapped.keys()].slice(-1);
    if (token === undefined) return;
    const { told, at } = await this.#timed(client, { method: 'POST', path: 'sys/wrapping/unwrap', ask: { token } });
    if (told === undefined) return;
    const value: string | undefined = told.status === 200 ? told.json.data.value : undefined;
    this.#note({ client, ...at, kind: 'unwrap', token, value });
  }

  /** All is well again: every node knows what is so. */
  async readAll(): Promise<void> {
    this.#kept = await this.#cluster.keptThings();
    for (const node of this.#cluster.nodes)
      for (const key of keys) {
        const calledMs = this.#world.nowMs;
        const told = await node.ask('GET', `kv/data/${key}`, { token: this.#cluster.rootToken });
        if (told.status !== 200 && told.status !== 404)
          throw new Error(`${node.name} does not serve although all is well: ${told.status} ${told.text}`);
        const [version, value]: [number, string] =
          told.status === 200 ? [told.json.data.metadata.version, told.json.data.data.value] : [0, ''];
        const at = { client: 'last', node: node.name, calledMs, returnedMs: this.#world.nowMs };
        this.#note({ ...at, kind: 'read', key, version, value, indexed: false });
      }
  }
}

interface Seen {
  index: string;
  readonly versions: Map<string, number>;
}
