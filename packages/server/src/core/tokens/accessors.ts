/**
 * The accessor of a token: HMAC-SHA-256 (RFC 2104) of its text under a salt of the store, as base62. It names the token's
 * record, so one record serves both look-ups, and nobody gets from it to the token.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { MountStorage } from '../../contracts/engine.ts';
import type { Random } from '../../contracts/random.ts';
import { base62Letters } from '../base62.ts';
import { ownSecret } from './own-secret.ts';
import { HmacKey } from '../../platform/crypto/hash.ts';

const saltName = 'token/salt';
const saltBytes = 32;
const accessorLength = 24;
/** Texts whose accessor is kept, because most requests come with one of few tokens: so many, none longer. */
const recentLimit = 1024;
const recentLength = 128;

export class TokenAccessors {
  readonly #storage: MountStorage;
  readonly #random: Random;
  #key: HmacKey | undefined;
  /** Forgotten with the key when the store is sealed. */
  readonly #recent = new Map<string, string>();
  #last = { text: '', accessor: '' };

  constructor(storage: MountStorage, random: Random) {
    this.#storage = storage;
    this.#random = random;
  }

  /** Reads the salt, or makes one the first time. What was loaded before is good until then. */
  async load(): Promise<void> {
    const salt = await ownSecret(this.#storage, saltName, () => this.#random.bytes(saltBytes));
    this.unload();
    this.#key = new HmacKey(salt);
  }

  unload(): void {
    this.#key = undefined;
    this.#recent.clear();
    this.#last = { text: '', accessor: '' };
  }

  of(text: string): string {
    if (text === this.#last.text && text !== '') return this.#last.accessor;
    const accessor = this.#recent.get(text) ?? this.#remembered(text);
    this.#last = { text, accessor };
    return accessor;
  }

  #remembered(text: string): string {
    const made = this.#make(text);
    if (text.length > recentLength) return made;
    if (this.#recent.size >= recentLimit) this.#recent.clear();
    this.#recent.set(text, made);
    return made;
  }

  /** Letters are a little skewed towards the first ones, which costs less than one of some 142 bits. */
  #make(text: string): string {
    if (this.#key === undefined) throw new CofferError('sealed', 'Vault is sealed');
    const bytes = this.#key.bytes(text);
    let accessor = '';
    for (let at = 0; at < accessorLength; at++) accessor += base62Letters[(bytes[at] ?? 0) % 62];
    return accessor;
  }
}
