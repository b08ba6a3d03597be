/**
 * Tokens at rest: made, found, renewed. A token lives while its record and those of all its ancestors live, so revoking
 * one takes its whole tree at once; `revocation.ts` then clears what is left behind.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Clock } from '../../contracts/clock.ts';
import type { MountStorage } from '../../contracts/engine.ts';
import type { Random } from '../../contracts/random.ts';
import type { Tally } from '../metrics/tally.ts';
import type { Check, Write } from '../../contracts/storage.ts';
import { addressWithin } from '../../platform/net/cidr.ts';
import { Collection } from '../barrier/collection.ts';
import type { BatchTokens } from './batch.ts';
import { batchPrefix, newServiceToken, tokenTextLimit } from './format.ts';
import { tokenShape } from './shape.ts';
import type { Token } from './token.ts';
import { expired, isRoot, spent } from './token.ts';

/** The part of a token that its maker decides. */
export type TokenDraft = Omit<Token, 'accessor' | 'createdAtSeconds' | 'lastRenewedAtSeconds' | 'expiresAtSeconds'>;

export interface MadeToken {
  readonly text: string;
  readonly token: Token;
}

/** Of the core's own records. */
export interface TokenChanges {
  readonly checks: readonly Check[];
  readonly writes: readonly Write[];
}

/** Of the records of tokens. */
export const tokenPrefix = 'token/id/';

export interface PreparedToken {
  readonly made: MadeToken;
  readonly changes: TokenChanges;
}

export interface TokenParts {
  readonly storage: MountStorage;
  readonly clock: Clock;
  readonly random: Random;
  /** The accessor of a token text: a keyed hash. */
  readonly accessorOf: (text: string) => string;
  readonly batch: BatchTokens;
  readonly tally: Tally;
}

type Found = Token | undefined | Promise<Token | undefined>;

export class TokenStore {
  readonly #parts: TokenParts;
  readonly #tokens: Collection<Token>;

  constructor(parts: TokenParts) {
    this.#parts = parts;
    this.#tokens = tokenRecords(parts.storage);
  }

  nowSeconds(): number {
    return Math.floor(this.#parts.clock.now() / 1000);
  }

  /** The live token of this text, or undefined. Does not count as a use. */
  find(text: string): Found {
    if (text.length > tokenTextLimit) return undefined;
    if (text.startsWith(batchPrefix)) return this.#alive(this.#parts.batch.open(text));
    return this.findByAccessor(this.#parts.accessorOf(text));
  }

  findByAccessor(accessor: string): Found {
    const held = this.#tokens.get(accessor);
    return held instanceof Promise ? held.then(found => this.#alive(found?.record)) : this.#alive(held?.record);
  }

  /** The token of a request: alive, within its networks, one use counted. */
  authenticate(text: string, address: string): Found {
    this.#parts.tally.add('token looked up');
    const found = this.find(text);
    return found instanceof Promise ? found.then(token => this.#admit(token, address)) : this.#admit(found, address);
  }

  /** The token of a request that was admitted earlier, as it is now: no use is counted, and a last one is no end. */
  admitted(token: Token): Found {
    if (token.type === 'batch') return this.#underLiving(token);
    const held = this.#tokens.get(token.accessor);
    return held instanceof Promise
      ? held.then(found => this.#underLiving(found?.record))
      : this.#underLiving(held?.record);
  }

  #admit(token: Token | undefined, address: string): Found {
    if (token === undefined) return undefined;
    const bound = token.boundCidrs.length > 0 && !(isRoot(token) && token.expiresAtSeconds === 0);
    if (bound && !token.boundCidrs.some(cidr => addressWithin(address, cidr))) return undefined;
    return token.usesLeft === 0 ? token : this.#countUse(token.accessor);
  }

  #alive(token: Token | undefined): Found {
    return token?.usesLeft === spent ? undefined : this.#underLiving(token);
  }

  /** Where neither it nor any above it has ended. */
  #underLiving(token: Token | undefined): Found {
    const now = this.nowSeconds();
    let at = token;
    while (at !== undefined) {
      if (expired(at, now)) return undefined;
      if (at.parent === '') return token;
      const parent = this.#tokens.get(at.parent);
      if (parent instanceof Promise) return parent.then(found => this.#aliveUnder(token, found?.record));
      at = parent?.record;
    }
    return undefined;
  }

  async #aliveUnder(token: Token | undefined, parent: Token | undefined): Promise<Token | undefined> {
    return parent !== undefined && (await this.#ancestorsLive(parent)) ? token : undefined;
  }

  async #ancestorsLive(from: Token): Promise<boolean> {
    const now = this.nowSeconds();
    let at: Token | undefined = from;
    while (at !== undefined) {
      if (expired(at, now)) return false;
      if (at.parent === '') return true;
      at = (await this.#tokens.get(at.parent))?.record;
    }
    return false;
  }

  async #countUse(accessor: string): Promise<Token | undefined> {
    for (let attempt = 0; attempt < useAttempts; attempt++) {
      const entry = await this.#tokens.get(accessor);
      if (entry === undefined || entry.record.usesLeft === spent) return undefined;
      const left = entry.record.usesLeft - 1;
      const used: Token = { ...entry.record, usesLeft: left === 0 ? spent : left };
      const result = await this.#parts.storage.commit({
        checks: [this.#tokens.check(accessor, entry.revision)],
        writes: [this.#tokens.put(accessor, used)],
      });
      if (result.ok) return used;
    }
    throw new CofferError('conflict', 'the token is used by too many requests at once');
  }

  /**
   * Makes a token and stores it, if its parent still lives. `chosen` is an id its maker picked. Answers undefined where one
   * of `checks` fails, which a batch token does not have.
   */
  async make(draft: TokenDraft, chosen?: string): Promise<MadeToken>;
  async make(draft: TokenDraft, chosen: undefined, checks: readonly Check[]): Promise<MadeToken | undefined>;
  async make(draft: TokenDraft, chosen?: string, checks: readonly Check[] = []): Promise<MadeToken | undefined> {
    if (draft.type === 'batch') {
      const token: Token = { ...this.#dated(draft), accessor: '' };
      const text = shortEnough(this.#parts.batch.seal(token));
      this.#parts.tally.add('batch token made');
      return { token, text };
    }
    const { changes, made } = this.prepare(draft, chosen);
    const result = await this.#parts.storage.commit({ ...changes, checks: [...changes.checks, ...checks] });
    if (result.ok) {
      this.#parts.tally.add('service token made');
      return made;
    }
    if (checks.some(({ key }) => key === result.failed.key)) return undefined;
    if (result.failed.expect === 'absent')
      throw new CofferError('invalid_request', 'cannot create a token with a duplicate ID');
    throw new CofferError('permission_denied', 'permission denied');
  }

  /** A service token and the changes that store it, for who commits them together with others. */
  prepare(draft: TokenDraft, chosen?: string): PreparedToken {
    const text = chosen ?? newServiceToken(this.#parts.random);
    const token: Token = { ...this.#dated(draft), accessor: this.#parts.accessorOf(text) };
    const checks = [
      this.#tokens.check(token.accessor, 'absent'),
      ...(token.parent === '' ? [] : [this.#tokens.check(token.parent, 'present')]),
    ];
    const writes = [this.#tokens.put(token.accessor, token), ...indexWrites(token)];
    return { made: { text, token }, changes: { checks, writes } };
  }

  /** The changes that take a token its last use, if it has one and nobody is first. */
  async spending(accessor: string): Promise<TokenChanges | undefined> {
    const entry = await this.#tokens.get(accessor);
    if (entry === undefined || entry.record.usesLeft === spent) return undefined;
    return {
      checks: [this.#tokens.check(accessor, entry.revision)],
      writes: [this.#tokens.put(accessor, { ...entry.record, usesLeft: spent })],
    };
  }

  #dated(draft: TokenDraft): Omit<Token, 'accessor'> {
    const now = this.nowSeconds();
    const ends = draft.creationTtlSeconds === 0 ? 0 : now + draft.creationTtlSeconds;
    return { ...draft, createdAtSeconds: now, lastRenewedAtSeconds: 0, expiresAtSeconds: ends };
  }

  /** Changes a stored token under its revision. `change` sees the newest record; undefined leaves it. */
  async update(accessor: string, change: (token: Token) => Token | undefined): Promise<Token | undefined> {
    for (let attempt = 0; attempt < useAttempts; attempt++) {
      const entry = await this.#tokens.get(accessor);
      const next = entry === undefined ? undefined : change(entry.record);
      if (entry === undefined || next === undefined) return entry?.record;
      const result = await this.#parts.storage.commit({
        checks: [this.#tokens.check(accessor, entry.revision)],
        writes: [this.#tokens.put(accessor, next), ...movedExpiry(entry.record, next)],
      });
      if (result.ok) return next;
    }
    throw new CofferError('conflict', 'the token is changed by too many requests at once');
  }

  /** Accessors after `after`, in order. */
  async accessors(after: string | undefined, limit: number): Promise<readonly string[]> {
    return this.#tokens.ids({ ...(after === undefined ? {} : { after }), limit });
  }
}

/** A batch token holds its own record: what is too long to be looked up must not be handed out. */
const shortEnough = (text: string): string => {
  if (text.length <= tokenTextLimit) return text;
  throw new CofferError(
    'invalid_request',
    `the batch token would be ${text.length} characters long, at most ${tokenTextLimit} are taken: give it less meta or fewer policies`,
  );
};

/** The records of tokens, by accessor. */
export const tokenRecords = (storage: MountStorage): Collection<Token> =>
  new Collection<Token>(storage, tokenPrefix, tokenShape);

/** A use or an update loses this many races before it gives up. */
const useAttempts = 32;
const bucketSeconds = 60;
const bucketDigits = 10;

/** Where the expiry of a token is indexed: a bucket of one minute. Sorted text is sorted time. */
export const expiryBucket = (atSeconds: number): string =>
  String(Math.floor(atSeconds / bucketSeconds)).padStart(bucketDigits, '0');

const expiryKey = (token: Token): string | undefined =>
  token.expiresAtSeconds === 0 ? undefined : `token/expiry/${expiryBucket(token.expiresAtSeconds)}/${token.accessor}`;

const childKey = (token: Token): string | undefined =>
  token.parent === '' ? undefined : `token/child/${token.parent}/${token.accessor}`;

/** Of an index: format 1, no body. */
export const marker = new Uint8Array([1]);

/** Logins of one mount: they end with it. */
export const mountLoginsPrefix = (mountId: string): string => `token/mount/${mountId}/`;

/** Logins by the path that made them, as `sys/leases/revoke-prefix` names them. */
export const loginPathPrefix = 'token/login/';

/** By what name clients know a login among leases. */
export const loginLeaseId = ({ path, accessor }: Pick<Token, 'path' | 'accessor'>): string => `${path}/h${accessor}`;

const loginKeys = ({ mountId, path, accessor }: Token): readonly string[] =>
  mountId === undefined
    ? []
    : [`${mountLoginsPrefix(mountId)}${accessor}`, loginPathPrefix + loginLeaseId({ path, accessor })];

/** Everywhere a stored token is found beside its record. */
export const indexKeys = (token: Token): readonly string[] => [
  ...[expiryKey(token), childKey(token)].filter(key => key !== undefined),
  ...loginKeys(token),
];

const indexWrites = (token: Token): readonly Write[] => indexKeys(token).map(key => ({ key, value: marker }));

const movedExpiry = (before: Token, after: Token): readonly Write[] => {
  const from = expiryKey(before);
  const to = expiryKey(after);
  if (from === to) return [];
  return [
    ...(from === undefined ? [] : [{ key: from, value: undefined }]),
    ...(to === undefined ? [] : [{ key: to, value: marker }]),
  ];
};
