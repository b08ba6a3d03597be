/**
 * Request headers that audit records show, hashed or in clear. In force is what is stored: a change takes effect once it is
 * durable. What carries credentials is never shown in clear, whatever was set.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { MountStorage } from '../../contracts/engine.ts';
import type { Write } from '../../contracts/storage.ts';
import { isFieldName } from '../../platform/net/field.ts';
import { Collection } from '../barrier/collection.ts';
import { plainShape } from '../barrier/plain-shape.ts';
import type { Exchange } from '../request/exchange.ts';
import { shownToken } from '../request/shown-token.ts';
import { Turns } from '../turns.ts';
import type { AuditHasher } from './hashing.ts';
import { inert } from './inert.ts';
import { spelt } from './spelt.ts';

export const headersLimit = 32;
const nameCharacters = 128;
/** Of a value in clear; more is cut off. Of a hashed one all counts, within what a head may hold. */
const valueCharacters = 1024;

/** Headers that carry credentials, by words in their names. */
const secretNames =
  /authori[sz]ation|authentication$|(?:^|-)auth$|cookie|token|secret|passw|credential|session|jwt|assertion|signature|(?:api|auth|access|private)-?key|^x-vault-mfa$/;
/** Tokens of this store, of its kin, and JWTs, wherever they stand. */
const secretValues = /\b(?:cof[sbr]|hv[sbr]|[sbr])\.[\w-]{20,}|\beyJ[\w-]+\.[\w-]+\./;

export interface AuditedHeader {
  /** Lower case. */
  readonly name: string;
  readonly hmac: boolean;
}

type Stored = Pick<AuditedHeader, 'hmac'>;

const refused = (message: string): CofferError => new CofferError('invalid_request', message);

/** Names the record. Throws `invalid_request` for what is no name of a header. */
const headerId = (header: string): string => {
  const id = header.toLowerCase();
  if (id.length > nameCharacters || !isFieldName(id)) throw refused('expected the name of a header');
  return id;
};

export class AuditedHeaders {
  readonly #storage: MountStorage;
  readonly #records: Collection<Stored>;
  readonly #turns = new Turns();
  #current: readonly AuditedHeader[] | undefined;
  /** Counts openings and closings: what was changed before one is not put in force after it. */
  #openings = 0;

  constructor(storage: MountStorage) {
    this.#storage = storage;
    this.#records = new Collection<Stored>(storage, 'audit/header/', plainShape('audited header'));
  }

  /** In the order of their names; undefined where there are none. For every record: cheap. */
  get current(): readonly AuditedHeader[] | undefined {
    return this.#current;
  }

  async load(): Promise<void> {
    const opening = ++this.#openings;
    const found = await this.#stored();
    if (opening === this.#openings) this.#current = found;
  }

  unload(): void {
    this.#openings++;
    this.#current = undefined;
  }

  /** In force is what is stored by now: another node may have changed it. */
  follow(): Promise<void> {
    return this.#turns.take(() => this.#renew(this.#openings));
  }

  find(header: string): AuditedHeader | undefined {
    const name = header.toLowerCase();
    return this.#current?.find(one => one.name === name);
  }

  /** Throws `invalid_request` for a name that is none, credentials in clear, and one header too many. */
  put(header: string, hmac: boolean): Promise<void> {
    const id = headerId(header);
    if (!hmac && secretNames.test(id)) throw refused('this header carries credentials: set hmac to true');
    return this.#turns.take(async () => {
      const known = this.#current ?? [];
      if (known.length >= headersLimit && known.every(({ name }) => name !== id))
        throw refused(`at most ${headersLimit} headers can be audited`);
      await this.#change(this.#records.put(id, { hmac }));
    });
  }

  remove(header: string): Promise<void> {
    const id = headerId(header);
    return this.#turns.take(() => this.#change(this.#records.remove(id)));
  }

  async #change(write: Write): Promise<void> {
    const before = this.#openings;
    await this.#storage.commit({ writes: [write] });
    await this.#renew(before);
  }

  async #renew(before: number): Promise<void> {
    const found = await this.#stored();
    if (before === this.#openings) this.#current = found;
  }

  async #stored(): Promise<readonly AuditedHeader[] | undefined> {
    const all = (await this.#records.list()).map(({ id, record }) => ({ name: id, hmac: record.hmac }));
    return all.length === 0 ? undefined : all;
  }
}

const holdsSecret = (name: string, value: string, shown: string | undefined): boolean =>
  secretNames.test(name) || secretValues.test(value) || (shown !== undefined && shown !== '' && value.includes(shown));

/** The member `headers` of a record's request, with its comma; '' where the request has none of them. */
export const headersText = (hasher: AuditHasher, audited: readonly AuditedHeader[], { wire }: Exchange): string => {
  const token = shownToken(wire.headers);
  const members = audited.flatMap(({ name, hmac }) => {
    const given = wire.headers.get(name);
    if (given === undefined) return [];
    const value = spelt(given);
    // Credentials are hashed also where the device shows all else.
    if (holdsSecret(name, value, token)) return [`${inert(name)}:["${hasher.hash(value)}"]`];
    return [`${inert(name)}:[${hmac ? hasher.shown(value) : inert(value.slice(0, valueCharacters))}]`];
  });
  return members.length === 0 ? '' : `,"headers":{${members.join(',')}}`;
};
