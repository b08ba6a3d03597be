/**
 * A mixed load on a server that may die: secrets, tokens and their children, leases, wrapped answers. Keeps what was
 * acknowledged; what was asked and not acknowledged may be there or not, and is no longer counted on.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Api } from '../peers/calls.ts';
import { livingUsers } from './users-server.ts';

export interface Lease {
  readonly user: string;
  readonly owner: string;
}

/** What the server has said yes to. */
export class Acknowledged {
  readonly secrets = new Map<string, string>();
  /** Living token → its parent. */
  readonly tokens = new Map<string, string>();
  readonly deadTokens = new Set<string>();
  readonly leases = new Map<string, Lease>();
  /** Users whose lease is over. */
  readonly goneUsers = new Set<string>();
  /** Wrapping token → what it holds. */
  readonly wraps = new Map<string, string>();
  readonly opened = new Set<string>();
  /** Requests that were answered with a refusal of the store's own: status → how many. */
  readonly refused = new Map<number, number>();
  yes = 0;
}

interface Answered {
  readonly ok: boolean;
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- answers are looked into freely by tests
  readonly json: any;
}

/** The server is gone. */
class Gone extends Error {}

export interface MixedLoad {
  readonly known: Acknowledged;
  /** Resolves when all workers have stopped: told to, or without a server. */
  stop(): Promise<void>;
  readonly done: Promise<void>;
}

const workers = 8;
const pauseAfterRefusalMs = 5;
const requestLimitMs = 60_000;
/** What the store may answer when its disk or its audit fails; everything else is a mistake. */
const refusals: ReadonlySet<number> = new Set([500, 507]);

class Worker {
  readonly #api: Api;
  readonly #known: Acknowledged;
  readonly #acts: readonly (() => Promise<void>)[];
  /** Objects that another act of this or another worker is at. */
  readonly #busy: Set<string>;

  constructor(api: Api, known: Acknowledged, busy: Set<string>) {
    this.#api = api;
    this.#known = known;
    this.#busy = busy;
    this.#acts = [
      () => this.#write(),
      () => this.#write(),
      () => this.#makeToken(),
      () => this.#makeToken(),
      () => this.#renewToken(),
      () => this.#revokeToken(),
      () => this.#issue(),
      () => this.#issue(),
      () => this.#renewLease(),
      () => this.#revokeLease(),
      () => this.#wrap(),
      () => this.#wrap(),
      () => this.#open(),
    ];
  }

  async work(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) await this.#acts[randomBelow(this.#acts.length)]?.();
    } catch (cause) {
      if (!(cause instanceof Gone)) throw cause;
    }
  }

  async #ask(
    line: `${string} ${string}`,
    token: string,
    more: { body?: object; wrap?: string } = {},
  ): Promise<Answered> {
    const [method = '', target = ''] = line.split(' ');
    let answer: Response;
    let text: string;
    try {
      answer = await fetch(`${this.#api.address}/v1/${target}`, {
        method,
        headers: { 'X-Vault-Token': token, ...(more.wrap === undefined ? {} : { 'X-Vault-Wrap-TTL': more.wrap }) },
        signal: AbortSignal.timeout(requestLimitMs),
        ...(more.body === undefined ? {} : { body: JSON.stringify(more.body) }),
      });
      text = await answer.text();
    } catch (cause) {
      if (cause instanceof DOMException) throw new Error(`${line} had no answer`, { cause });
      throw new Gone();
    }
    const { status, ok } = answer;
    if (ok) this.#known.yes++;
    else {
      assert.ok(refusals.has(status), `${line}: ${status} ${text}`);
      this.#known.refused.set(status, (this.#known.refused.get(status) ?? 0) + 1);
      await pause(pauseAfterRefusalMs);
    }
    return { ok, status, json: text === '' ? undefined : JSON.parse(text) };
  }

  get #root(): string {
    return this.#api.token ?? '';
  }

  /** One of these that nobody is at. Whatever the outcome, until it is known it is not counted on. */
  async #with(from: Iterable<string>, work: (name: string) => Promise<void>): Promise<void> {
    const free = [...from].filter(name => !this.#busy.has(name));
    const name = free[randomBelow(free.length)];
    if (name === undefined) return;
    this.#busy.add(name);
    try {
      await work(name);
    } finally {
      this.#busy.delete(name);
    }
  }

  async #write(): Promise<void> {
    const name = randomBytes(8).toString('hex');
    const value = randomBytes(200).toString('hex');
    const { ok } = await this.#ask(`POST kept/data/${name}`, this.#root, { body: { data: { value } } });
    if (ok) this.#known.secrets.set(name, value);
  }

  async #makeToken(): Promise<void> {
    const { tokens } = this.#known;
    const parents = [...tokens.keys()].filter(token => !this.#busy.has(token));
    const parent = randomBelow(2) === 0 ? parents[randomBelow(parents.length)] : undefined;
    const make = async (maker: string): Promise<void> => {
      const body = { policies: ['users'], ttl: '10h', explicit_max_ttl: '90h' };
      const { ok, json } = await this.#ask('POST auth/token/create', maker, { body });
      if (ok) tokens.set(json.auth.client_token, maker);
    };
    if (parent === undefined) await make(this.#root);
    else await this.#with([parent], make);
  }

  async #renewToken(): Promise<void> {
    await this.#with(this.#known.tokens.keys(), async token => {
      const { ok, json } = await this.#ask('POST auth/token/renew-self', token, { body: { increment: '20h' } });
      if (ok) assert.ok(json.auth.lease_duration > 70_000);
    });
  }

  /** A token with all below it. */
  #tree(root: string): readonly string[] {
    const found = [root];
    for (const at of found)
      for (const [token, parent] of this.#known.tokens) if (parent === at && !found.includes(token)) found.push(token);
    return found;
  }

  /** The tree, and the ids of its leases. */
  #withAll(root: string): readonly string[] {
    const tree = this.#tree(root);
    const owned = [...this.#known.leases].filter(([, { owner }]) => tree.includes(owner));
    return [...tree, ...owned.map(([id]) => id)];
  }

  async #revokeToken(): Promise<void> {
    const { tokens, deadTokens, leases, goneUsers } = this.#known;
    const quiet = [...tokens.keys()].filter(token => this.#withAll(token).every(one => !this.#busy.has(one)));
    await this.#with(quiet, async token => {
      const tree = this.#tree(token);
      const owned = [...leases].filter(([, { owner }]) => tree.includes(owner));
      const all = this.#withAll(token);
      // Not counted on while it is asked: it may be done although nobody hears of it.
      for (const one of tree) tokens.delete(one);
      for (const [id] of owned) leases.delete(id);
      for (const one of all) this.#busy.add(one);
      const { ok } = await this.#ask('POST auth/token/revoke', this.#root, { body: { token } }).finally(() => {
        for (const one of all) this.#busy.delete(one);
      });
      if (!ok) return;
      for (const one of tree) deadTokens.add(one);
      for (const [, { user }] of owned) goneUsers.add(user);
    });
  }

  async #issue(): Promise<void> {
    await this.#with(this.#known.tokens.keys(), async owner => {
      const { ok, json } = await this.#ask('GET users/creds/app?ttl=10h', owner);
      if (ok) this.#known.leases.set(json.lease_id, { user: json.data.username, owner });
    });
  }

  async #renewLease(): Promise<void> {
    await this.#with(this.#known.leases.keys(), async id => {
      const body = { lease_id: id, increment: '20h' };
      const { ok, json } = await this.#ask('PUT sys/leases/renew', this.#root, { body });
      if (ok) assert.ok(json.lease_duration > 70_000);
    });
  }

  async #revokeLease(): Promise<void> {
    const { leases, goneUsers } = this.#known;
    await this.#with(leases.keys(), async id => {
      const user = leases.get(id)?.user ?? '';
      leases.delete(id);
      const { ok } = await this.#ask('PUT sys/leases/revoke', this.#root, { body: { lease_id: id, sync: true } });
      if (ok) goneUsers.add(user);
    });
  }

  async #wrap(): Promise<void> {
    const value = randomBytes(20).toString('hex');
    const { ok, json } = await this.#ask('POST sys/wrapping/wrap', this.#root, { body: { value }, wrap: '10h' });
    if (ok) this.#known.wraps.set(json.wrap_info.token, value);
  }

  async #open(): Promise<void> {
    const { wraps, opened } = this.#known;
    await this.#with(wraps.keys(), async token => {
      const value = wraps.get(token);
      wraps.delete(token);
      const { ok, json } = await this.#ask('POST sys/wrapping/unwrap', token);
      if (!ok) return;
      assert.equal(json.data.value, value);
      opened.add(token);
    });
  }
}

const randomBelow = (limit: number): number => Math.floor(Math.random() * limit);

export const startMixedLoad = (api: Api, known: Acknowledged): MixedLoad => {
  const over = new AbortController();
  const busy = new Set<string>();
  const all = Array.from({ length: workers }, () => new Worker(api, known, busy).work(over.signal));
  const done = Promise.all(all).then(() => undefined);
  // Told to whoever awaits it.
  done.catch(() => undefined);
  return {
    known,
    done,
    stop: () => {
      over.abort();
      return done;
    },
  };
};

const clearingLimitMs = 30_000;
const clearingPauseMs = 50;

/** Holds the store, as it is now, against all that was acknowledged. */
export const verifyMixed = async (api: Api, known: Acknowledged, folder: string): Promise<void> => {
  for (const [name, value] of known.secrets)
    assert.equal((await api.call('GET', `kept/data/${name}`)).data.data.value, value, `secret ${name} is lost`);
  const lookup = (token: string, status: number) => api.call('GET', 'auth/token/lookup-self', { token, status });
  for (const token of known.tokens.keys()) await lookup(token, 200);
  for (const token of known.deadTokens) await lookup(token, 403);
  for (const id of known.leases.keys()) await api.call('PUT', 'sys/leases/lookup', { body: { lease_id: id } });
  for (const token of known.wraps.keys()) await api.call('PUT', 'sys/wrapping/lookup', { body: { token } });
  for (const token of known.opened) await api.call('POST', 'sys/wrapping/unwrap', { body: { token }, status: 400 });
  const users = livingUsers(folder);
  for (const { user } of known.leases.values()) assert.ok(users.has(user), `${user} has a lease, and is gone`);
  // What was acknowledged is on its way: the next server goes on with it.
  const endMs = performance.now() + clearingLimitMs;
  for (;;) {
    const living = livingUsers(folder);
    const left = [...known.goneUsers].filter(user => living.has(user));
    if (left.length === 0) return;
    assert.ok(performance.now() < endMs, `${left.length} users of ended leases live on`);
    await pause(clearingPauseMs);
  }
};

/** Every wrapped answer that nobody has opened is still whole, and opens once. Uses them up. */
export const openWraps = async (api: Api, known: Acknowledged): Promise<void> => {
  for (const [token, value] of known.wraps) {
    const { data } = await api.call('POST', 'sys/wrapping/unwrap', { body: { token } });
    assert.equal(data.value, value);
    await api.call('POST', 'sys/wrapping/unwrap', { body: { token }, status: 400 });
  }
};
