/**
 * What happens in a store in the course of time, from seeded dice: what people and programs do, and what goes wrong for them.
 * `rest` ends all of it that can be ended, so that two rests must look alike.
 */
import assert from 'node:assert/strict';
import { type Dice, seededDice } from '../fuzz/http-dice.ts';
import { askStream, type Follower, follow } from '../core/events/follower.ts';
import { allowUsers, bedWithUsers, type LeaseBed, tokenOf } from '../core/leases/engine.ts';
import { rememberedMoves } from '../../packages/server/src/core/mounts/moves.ts';
import { openMemoryStore } from '../../packages/server/src/platform/memory/store.ts';

const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;
const hoursOfWeek = 168;
const stepHours = 4;
const actsInStep = 10;
const namesLimit = 40;

/** As many commits as the memory store remembers: it is full before anything is counted. */
const historyLimit = 200;

/** What is open, and is closed at rest. */
interface Open {
  readonly tokens: string[];
  readonly leases: string[];
  readonly mounts: string[];
  readonly followers: Follower[];
  readonly devices: string[];
  readonly wraps: string[];
}

type Act = () => Promise<unknown>;

export interface Course {
  readonly seed: number;
  /** Now and then the store is sealed and opened again, which forgets much by itself. */
  readonly seals: boolean;
}

export class Life {
  readonly bed: LeaseBed;
  readonly dice: Dice;
  readonly #open: Open = { tokens: [], leases: [], mounts: [], followers: [], devices: [], wraps: [] };
  readonly #acts: readonly (readonly [name: string, act: Act])[];
  readonly #seals: boolean;
  #names = 0;

  constructor(bed: LeaseBed, { seed, seals }: Course) {
    this.bed = bed;
    this.dice = seededDice(seed);
    this.#seals = seals;
    this.#acts = Object.entries(this.#all).filter(([name]) => seals || name !== 'reopen');
  }

  #name(): string {
    return `n${this.#names++ % namesLimit}`;
  }

  #take<T>(from: T[]): T | undefined {
    return from.splice(this.dice.below(from.length), 1)[0];
  }

  readonly #all: { readonly [name: string]: Act } = {
    makeToken: async () => {
      const { dice } = this;
      const kind = dice.pick([{}, { type: 'batch' }, { period: '6h' }, { num_uses: 3 }, { renewable: false }]);
      const parent = dice.chance(2) ? this.#open.tokens.at(-1) : undefined;
      const body = { policies: ['users'], ttl: `${1 + dice.below(48)}h`, ...kind };
      const told = await this.bed.ask('POST', 'auth/token/create', { token: parent ?? this.bed.rootToken, body });
      if (told.status === 200) this.#open.tokens.push(told.json.auth.client_token);
    },
    renewToken: () => this.bed.ask('POST', 'auth/token/renew-self', { token: this.#token(), body: {} }),
    revokeToken: async () => {
      const token = this.#take(this.#open.tokens);
      if (token !== undefined) await this.bed.root('POST', 'auth/token/revoke', { token });
    },
    issueLease: async () => {
      const { id } = await this.bed.issue(this.#token(), `?ttl=${1 + this.dice.below(30)}h`);
      if (id !== '') this.#open.leases.push(id);
    },
    refusedLease: () => this.bed.issue(this.bed.rootToken, '?fail=true'),
    renewLease: () =>
      this.bed.root('POST', 'sys/leases/renew', { lease_id: this.dice.pick(this.#open.leases) ?? 'none' }),
    revokeLease: () =>
      this.bed.root('POST', 'sys/leases/revoke', { lease_id: this.#take(this.#open.leases) ?? 'none' }),
    worldFails: async () => {
      this.bed.world.failing = !this.bed.world.failing;
    },
    makeMount: async () => {
      const path = this.#name();
      const body = this.dice.pick([{ type: 'kv' }, { type: 'kv', options: { version: '2' } }, { type: 'test-users' }]);
      const { status } = await this.bed.root('POST', `sys/mounts/${path}`, body);
      if (status !== 204) return;
      this.#open.mounts.push(path);
      await this.bed.root('POST', `${path}/a`, { k: 'v' });
      await this.bed.root('GET', `${path}/creds/x`);
    },
    dropMount: () => this.bed.root('DELETE', `sys/mounts/${this.#take(this.#open.mounts) ?? 'none'}`),
    moveMount: async () => {
      const [from, to] = [this.#take(this.#open.mounts), this.#name()];
      if (from === undefined) return;
      const { status } = await this.bed.root('POST', 'sys/remount', { from, to });
      this.#open.mounts.push(status === 200 ? to : from);
    },
    makePolicy: () =>
      this.bed.root('PUT', `sys/policies/acl/${this.#name()}`, {
        policy: `path "secret/*" { capabilities = ["read"] }`,
      }),
    dropPolicy: () => this.bed.root('DELETE', `sys/policies/acl/${this.#name()}`),
    wrap: async () => {
      const headers = { 'x-vault-wrap-ttl': `${1 + this.dice.below(10)}h` };
      const told = await this.bed.ask('GET', 'sys/mounts', { token: this.bed.rootToken, headers });
      this.#open.wraps.push(told.json.wrap_info.token);
    },
    unwrap: () =>
      this.bed.ask('POST', 'sys/wrapping/unwrap', { token: this.#take(this.#open.wraps) ?? 'none', body: {} }),
    writeKv: () => this.bed.root('POST', `secret/data/${this.#name()}`, { data: { at: this.dice.below(1000) } }),
    readKv: () => this.bed.ask('GET', `secret/data/${this.#name()}`, { token: this.#token() }),
    dropKv: () => this.bed.root('DELETE', `secret/metadata/${this.#name()}`),
    follow: async () => {
      this.#open.followers.push(await follow(this.bed, '*'));
    },
    followerLeaves: () => this.#take(this.#open.followers)?.leave() ?? Promise.resolve(),
    /** Asked for, and gone before its first moment. */
    followerGone: async () => {
      const { body } = await askStream(this.bed, '*');
      if (body !== undefined && !(body instanceof Uint8Array)) await body[Symbol.asyncIterator]().return?.();
    },
    makeDevice: async () => {
      const path = this.#name();
      const { status } = await this.bed.root('PUT', `sys/audit/${path}`, {
        type: 'file',
        options: { file_path: `/var/log/${path}` },
      });
      if (status === 204) this.#open.devices.push(path);
    },
    dropDevice: () => this.bed.root('DELETE', `sys/audit/${this.#take(this.#open.devices) ?? 'none'}`),
    strangers: async () => {
      const token = `hvs.${this.bed.core.random.uuid()}`;
      for (const path of ['secret/data/a', 'sys/mounts', `no/${this.#name()}`])
        await this.bed.ask('GET', path, { token });
      await this.bed.ask('GET', 'secret/data/a');
      await this.bed.ask('POST', 'auth/cluster/login', { body: { role: this.#name(), jwt: 'a.b.c' } });
      await this.bed.ask('POST', 'sys/unseal', { body: { key: 'no key' } });
      await this.bed.ask('POST', 'sys/wrapping/unwrap', { token, body: {} });
    },
    lost: async () => {
      const name = this.bed.core.random.uuid();
      for (const path of [`secret/data/${name}`, `${name}/a`, `sys/leases/lookup/${name}`, `auth/${name}/login`])
        await this.bed.root('GET', path);
      await this.bed.root('POST', 'sys/leases/revoke-prefix/no/such');
      await this.bed.ask('PUT', 'secret/data/a', { token: this.bed.rootToken, raw: '{"data":' });
    },
    metrics: () => this.bed.root('GET', 'sys/metrics'),
    abandonedRekey: async () => {
      await this.bed.ask('POST', 'sys/rotate/root/init', {
        token: this.bed.rootToken,
        body: { secret_shares: 1, secret_threshold: 1 },
      });
      if (this.dice.chance(2)) await this.bed.ask('DELETE', 'sys/rotate/root/init', { token: this.bed.rootToken });
      await this.bed.ask('PUT', 'sys/generate-root/attempt', { token: this.bed.rootToken, body: {} });
    },
    reopen: async () => {
      this.#open.followers.length = 0;
      await this.bed.core.seal.seal();
      await this.bed.root('GET', 'secret/data/a');
      await this.bed.core.seal.submitKey(this.bed.unsealKeys[0] ?? '');
    },
  };

  #token(): string {
    const { tokens } = this.#open;
    return tokens.length === 0 ? this.bed.rootToken : this.dice.pick(tokens);
  }

  async week(): Promise<void> {
    for (let hour = 0; hour < hoursOfWeek; hour += stepHours) {
      for (let left = actsInStep; left > 0; left--) {
        const [name, act] = this.dice.pick(this.#acts);
        await act().catch((cause: unknown) => assert.fail(`${name}: ${String(cause)}`));
      }
      await this.bed.clock.advance(stepHours * hourMs);
      this.bed.audited.length = 0;
      this.bed.logged.length = 0;
    }
  }

  /** Ends what is open, and lets time pass until what ends by time has ended. */
  async rest(): Promise<void> {
    const { bed } = this;
    bed.world.failing = false;
    for (const follower of this.#open.followers.splice(0)) await follower.leave();
    for (const path of this.#open.mounts.splice(0)) await bed.root('DELETE', `sys/mounts/${path}`);
    for (const path of this.#open.devices.splice(0)) await bed.root('DELETE', `sys/audit/${path}`);
    for (const name of (await bed.root('GET', 'sys/policies/acl?list=true')).json.data.keys)
      if (/^n\d+$/.test(name)) await bed.root('DELETE', `sys/policies/acl/${name}`);
    for (let name = 0; name < namesLimit; name++) await bed.root('DELETE', `secret/metadata/n${name}`);
    await bed.root('DELETE', 'sys/rotate/root/init');
    await bed.root('DELETE', 'sys/generate-root/attempt');
    for (let day = 0; day < 40; day++) await bed.clock.advance(dayMs);
    await bed.root('POST', 'sys/leases/revoke-prefix/users', {});
    if (this.#seals) await this.#all['reopen']?.();
    for (let second = 0; second < 60; second++) await bed.clock.advance(1000);
    this.#open.tokens.length = 0;
    this.#open.leases.length = 0;
    this.#open.wraps.length = 0;
    bed.world.revoked.length = 0;
    bed.audited.length = 0;
    bed.logged.length = 0;
  }
}

export const beginLife = async (course: Course): Promise<Life> => {
  // What is in the cache differs from rest to rest, where no sealing empties it.
  const bed = await bedWithUsers({
    storage: openMemoryStore({ historyLimit }),
    ...(course.seals ? {} : { cacheBytes: 0 }),
  });
  await allowUsers(bed);
  await bed.root('POST', 'sys/auth/cluster', { type: 'kubernetes' });
  await bed.root('POST', 'secret/config', { max_versions: 3 });
  await tokenOf(bed);
  await fillWhatIsKept(bed);
  return new Life(bed, course);
};

/** The last moves of mounts are remembered, and the salts of devices that are gone: both are full before anything is counted. */
const fillWhatIsKept = async (bed: LeaseBed): Promise<void> => {
  await bed.root('POST', 'sys/mounts/from', { type: 'kv' });
  for (let move = 0; move < rememberedMoves; move++) {
    const [from, to] = move % 2 === 0 ? ['from', 'to'] : ['to', 'from'];
    await bed.root('POST', 'sys/remount', { from, to });
  }
  await bed.root('DELETE', 'sys/mounts/from');
  for (let name = 0; name < namesLimit; name++) {
    await bed.root('PUT', `sys/audit/n${name}`, { type: 'file', options: { file_path: '/var/log/n' } });
    await bed.root('DELETE', `sys/audit/n${name}`);
  }
};

/** Names of the records that are left, the changing parts of them left out. */
export const recordsByKind = async ({ bed }: Life): Promise<ReadonlyMap<string, number>> => {
  const kinds = new Map<string, number>();
  let after: string | undefined;
  for (;;) {
    const from = after === undefined ? {} : { after };
    const some = await bed.storage.range('', { ...from, limit: 1000, values: false });
    for (const { key } of some) {
      const kind = key
        .split('/')
        .slice(0, 5)
        .join('/')
        .replaceAll(/[\da-f]{8,}[\da-f-]*/g, '…');
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }
    after = some.at(-1)?.key;
    if (some.length < 1000) return kinds;
  }
};
