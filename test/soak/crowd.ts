/**
 * Many at once who make and take away mounts, keys, tokens, policies and devices of one store, and seal, open and rekey it in
 * between, on a storage and devices that take their time. Everything comes from one seed. A watchdog in virtual time and in
 * turns of the event loop sees to it that each request is answered.
 */
import assert from 'node:assert/strict';
import type { AuditSink } from '../../packages/server/src/contracts/audit.ts';
import type {
  Commit,
  CommitResult,
  RangeEntry,
  RangeOptions,
  Storage,
  Stored,
} from '../../packages/server/src/contracts/storage.ts';
import { type MemoryStorage, openMemoryStore } from '../../packages/server/src/platform/memory/store.ts';
import type { Told } from '../core/bed.ts';
import { bedWithUsers, type LeaseBed } from '../core/leases/engine.ts';
import { type Dice, seededDice } from '../fuzz/http-dice.ts';

const clients = 12;
const actsOfOne = 20;
const namesLimit = 6;
/** Of the event loop, for one crowd; each is some virtual time. */
const turnsLimit = 20_000;
const turnMs = 50;
/** Longest that one request may take, in virtual time. */
const answerLimitMs = 120_000;

const turn = (): Promise<void> => new Promise(done => setImmediate(done));

/** Takes as many turns as the dice say. */
const dawdle = async (dice: Dice): Promise<void> => {
  for (let left = dice.below(4); left > 0; left--) await turn();
};

class LazyStorage implements Storage {
  readonly #storage: MemoryStorage = openMemoryStore();
  readonly #dice: Dice;

  constructor(dice: Dice) {
    this.#dice = dice;
  }

  async get(key: string): Promise<Stored | undefined> {
    await dawdle(this.#dice);
    return this.#storage.get(key);
  }

  async range(prefix: string, options?: RangeOptions): Promise<readonly RangeEntry[]> {
    await dawdle(this.#dice);
    return this.#storage.range(prefix, options);
  }

  async commit(commit: Commit): Promise<CommitResult> {
    await dawdle(this.#dice);
    const result = await this.#storage.commit(commit);
    await dawdle(this.#dice);
    return result;
  }

  changes(since: number, signal: AbortSignal): ReturnType<Storage['changes']> {
    return this.#storage.changes(since, signal);
  }
}

const lazySink = (dice: Dice, path: string): AuditSink => ({
  path,
  type: 'file',
  write: () => dawdle(dice),
  reopen: async () => {
    await dawdle(dice);
    return undefined;
  },
  close: () => dawdle(dice),
});

type Act = () => Promise<unknown>;

export class Crowd {
  readonly bed: LeaseBed;
  readonly statuses = new Map<number, number>();
  /** Answers that nothing explains. */
  readonly odd: string[] = [];
  readonly #dice: Dice;
  /** Under way, and since when. */
  readonly #asked = new Map<object, { readonly what: string; readonly sinceMs: number }>();
  #tokens: string[] = [];
  #leases: string[] = [];
  /** Unseal keys, newest first. */
  #keys: string[];

  private constructor(bed: LeaseBed, dice: Dice) {
    this.bed = bed;
    this.#dice = dice;
    this.#keys = [...bed.unsealKeys];
  }

  static async gather(seed: number): Promise<Crowd> {
    const dice = seededDice(seed);
    const bed = await bedWithUsers({
      storage: new LazyStorage(dice),
      openAudit: async ({ path }) => {
        await dawdle(dice);
        return lazySink(dice, path);
      },
    });
    return new Crowd(bed, dice);
  }

  #name(): string {
    return `n${this.#dice.below(namesLimit)}`;
  }

  async #ask(line: string, body?: unknown, token = this.bed.rootToken): Promise<Told> {
    const { bed } = this;
    const [method = '', path = ''] = line.split(' ');
    const mark = {};
    this.#asked.set(mark, { what: line, sinceMs: bed.clock.monotonic() });
    const told = await bed.ask(method, path, { token, body });
    this.#asked.delete(mark);
    this.statuses.set(told.status, (this.statuses.get(told.status) ?? 0) + 1);
    if (told.status >= 500 && told.status !== 503 && !isExplained(told)) this.odd.push(`${line}: ${told.text}`);
    return told;
  }

  readonly #acts: { readonly [name: string]: Act } = {
    mount: () => this.#ask(`POST sys/mounts/${this.#name()}`, { type: this.#dice.pick(['kv', 'kv', 'test-users']) }),
    unmount: () => this.#ask(`DELETE sys/mounts/${this.#name()}`),
    method: () => this.#ask(`POST sys/auth/${this.#name()}`, { type: 'kubernetes' }),
    noMethod: () => this.#ask(`DELETE sys/auth/${this.#name()}`),
    tune: () => this.#ask(`POST sys/mounts/${this.#name()}/tune`, { description: this.#name() }),
    upgrade: () => this.#ask(`POST sys/mounts/${this.#name()}/tune`, { options: { version: '2' } }),
    move: () => this.#ask('POST sys/remount', { from: this.#name(), to: this.#name() }),
    write: () => this.#ask(`POST ${this.#name()}/a`, { k: 'v' }),
    writeVersion: () => this.#ask(`POST secret/data/${this.#name()}`, { data: { k: 'v' } }),
    read: () => this.#ask(`GET secret/data/${this.#name()}`, undefined, this.#token()),
    list: () => this.#ask(`LIST ${this.#name()}`),
    token: async () => {
      const told = await this.#ask('POST auth/token/create', { ttl: '1h' }, this.#token());
      if (told.status === 200) this.#tokens.push(told.json.auth.client_token);
    },
    revoke: () => this.#ask('POST auth/token/revoke', { token: this.#tokens.shift() ?? 'none' }),
    revokeSelf: () => this.#ask('POST auth/token/revoke-self', {}, this.#tokens.pop() ?? 'none'),
    lease: async () => {
      const told = await this.#ask(`GET ${this.#dice.pick(['users', this.#name()])}/creds/a?ttl=1m`);
      if (told.status === 200) this.#leases.push(told.json.lease_id);
    },
    revokeLease: () => this.#ask('POST sys/leases/revoke', { lease_id: this.#leases.shift() ?? 'none', sync: true }),
    revokePrefix: () => this.#ask(`POST sys/leases/revoke-prefix/${this.#name()}`, { sync: true }),
    policy: () => this.#ask(`PUT sys/policies/acl/${this.#name()}`, { policy: 'path "a" { capabilities = ["read"] }' }),
    noPolicy: () => this.#ask(`DELETE sys/policies/acl/${this.#name()}`),
    device: () => this.#ask(`PUT sys/audit/${this.#name()}`, { type: 'file', options: { file_path: '/var/log/n' } }),
    noDevice: () => this.#ask(`DELETE sys/audit/${this.#name()}`),
    rotate: () => this.#ask('POST sys/rotate', {}),
    rekey: () => this.#rekey(),
    cancelRekey: () => this.#ask('DELETE sys/rotate/root/init'),
    seal: () => this.#ask('PUT sys/seal', {}),
    unseal: () => this.open(),
    health: () => this.#ask('GET sys/health'),
  };

  #token(): string {
    return this.#tokens.length === 0 ? this.bed.rootToken : this.#dice.pick(this.#tokens);
  }

  async #rekey(): Promise<void> {
    const begun = await this.#ask('POST sys/rotate/root/init', { secret_shares: 1, secret_threshold: 1 });
    const nonce = begun.status === 200 ? begun.json.data.nonce : undefined;
    if (nonce === undefined) return;
    const done = await this.#ask('POST sys/rotate/root/update', { nonce, key: this.#keys[0] });
    if (done.status === 200 && done.json.data.complete === true)
      this.#keys = [...done.json.data.keys_base64, ...this.#keys];
  }

  /** Tries the newest key first; two who open at once are both right. */
  async open(): Promise<void> {
    for (const key of this.#keys) {
      const told = await this.#ask('PUT sys/unseal', { key });
      if (told.status === 200 && told.json.sealed === false) return;
    }
  }

  async #live(): Promise<void> {
    const acts = Object.entries(this.#acts);
    for (let left = actsOfOne; left > 0; left--) {
      const [name, act] = this.#dice.pick(acts);
      // A sealed store answers everything alike.
      if (this.bed.core.seal.sealed && name !== 'unseal' && this.#dice.chance(2)) await this.open();
      await act();
    }
  }

  /** Lets time pass until all have been answered, or fails. */
  async #watched(all: Promise<unknown>): Promise<void> {
    const state = { isOver: false };
    const over = all.finally(() => (state.isOver = true));
    for (let turns = 0; !state.isOver; turns++) {
      const { clock } = this.bed;
      const late = [...this.#asked.values()].filter(({ sinceMs }) => clock.monotonic() - sinceMs > answerLimitMs);
      const waits = turns > turnsLimit ? [...this.#asked.values()] : late;
      if (waits.length > 0 || turns > turnsLimit)
        assert.fail(`not answered: ${waits.map(({ what }) => what).join(', ') || 'nothing, and still not through'}`);
      await clock.advance(turnMs);
    }
    await over;
  }

  async live(): Promise<void> {
    await this.#watched(Promise.all(Array.from({ length: clients }, () => this.#live())));
  }

  /** One after the other, each kind of change once more: whoever still held a lock would hold it up. */
  async proveFree(): Promise<void> {
    await this.#watched(this.#prove());
  }

  async #prove(): Promise<void> {
    await this.open();
    assert.equal(this.bed.core.seal.sealed, false, 'the store opens again');
    const expects = async (status: number, line: string, body?: unknown): Promise<void> => {
      const told = await this.#ask(line, body);
      assert.equal(told.status, status, `${line}: ${told.text}`);
    };
    await expects(204, 'POST sys/mounts/last', { type: 'kv' });
    await expects(204, 'POST sys/mounts/last/tune', { description: 'd' });
    await expects(200, 'POST sys/remount', { from: 'last', to: 'later' });
    await expects(204, 'DELETE sys/mounts/later');
    await expects(204, 'PUT sys/audit/last', { type: 'file', options: { file_path: '/var/log/last' } });
    await expects(204, 'DELETE sys/audit/last');
    await expects(204, 'PUT sys/policies/acl/last', { policy: 'path "a" { capabilities = ["read"] }' });
    await expects(204, 'DELETE sys/policies/acl/last');
    await expects(200, 'POST auth/token/create', { ttl: '1m' });
    await expects(200, 'GET users/creds/a');
    await expects(204, 'POST sys/rotate', {});
    await this.#ask('DELETE sys/rotate/root/init');
    await expects(204, 'PUT sys/seal', {});
    await this.open();
    assert.equal(this.bed.core.seal.sealed, false);
  }
}

/** Sealed in the middle of it: the record of the answer could not be written any more. */
const isExplained = ({ text }: Told): boolean => /audit device|outcome|sealed/i.test(text);
