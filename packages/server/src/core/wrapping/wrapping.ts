/**
 * Answers kept back behind tokens that open them once. An answer lies as `response` in the cubbyhole of its wrapping
 * token and is written in the same commit as the token; it goes with the token, by use, revocation or expiry.
 */
import type { CommitResult } from '../../contracts/storage.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import { writeJson } from '@coffer/schema/json/write.ts';
import { JsonNumber } from '@coffer/schema/json/value.ts';
import { RawJson } from '@coffer/schema/json/raw.ts';
import { Secret } from '@coffer/schema/secret.ts';
import { orphanDraft } from '../tokens/orphan.ts';
import { wrappingPolicyName } from '../policies/builtin.ts';
import type { TokenChanges, TokenDraft, TokenStore } from '../tokens/store.ts';
import type { Token } from '../tokens/token.ts';
import type { WrapJwt } from './jwt.ts';
import { isWrapping, type Wrapped } from './wrapped.ts';

/** Where wrapped answers lie: the cubbyholes of their tokens. */
export interface WrappedPlace {
  /** One commit of the core's own changes and the record of the token's cubbyhole. */
  commit(own: TokenChanges, kept: { readonly accessor: string; readonly record: RawJson }): Promise<CommitResult>;
  read(accessor: string): Promise<RawJson | undefined>;
}

export interface WrappingParts {
  readonly tokens: TokenStore;
  readonly place: WrappedPlace;
  readonly jwt: WrapJwt;
}

export interface KeptAnswer {
  readonly status: number;
  /** The whole envelope. */
  readonly body: RawJson;
}

export interface ToWrap {
  readonly ttlSeconds: number;
  readonly format: 'plain' | 'jwt';
  /** The request path that made the answer. */
  readonly path: string;
  readonly answer: KeptAnswer;
  readonly wrappedAccessor: string;
}

export class Wrapping {
  readonly #parts: WrappingParts;

  constructor(parts: WrappingParts) {
    this.#parts = parts;
  }

  async wrap({ ttlSeconds, format, path, answer, wrappedAccessor }: ToWrap): Promise<Wrapped> {
    const { tokens, jwt, place } = this.#parts;
    const { made, changes } = tokens.prepare(draftOf(path, ttlSeconds));
    const shown = format === 'jwt' ? await jwt.around(made, wrappedAccessor) : made.text;
    const { ok } = await place.commit(changes, { accessor: made.token.accessor, record: recordOf(answer) });
    if (!ok) throw new CofferError('conflict', 'the answer could not be wrapped; try again');
    return { made, shown, wrappedAccessor };
  }

  /** The living wrapping token of this text. Does not use it up. */
  async find(text: string): Promise<Token | undefined> {
    const token = await this.#parts.tokens.find(await this.innerText(text));
    return token !== undefined && isWrapping(token) ? token : undefined;
  }

  /** What the token holds. Whoever reads it has spent the token first. */
  async answerOf({ accessor }: Token): Promise<KeptAnswer | undefined> {
    const record = await this.#parts.place.read(accessor);
    return record === undefined ? undefined : answerOf(record);
  }

  /**
   * The same answer under a new token, for as long again; the old one is spent in the same commit. Undefined where
   * somebody was first.
   */
  async rewrap(old: Token): Promise<Wrapped | undefined> {
    const { tokens, place } = this.#parts;
    const record = await place.read(old.accessor);
    const spending = await tokens.spending(old.accessor);
    if (record === undefined || spending === undefined) return undefined;
    const { made, changes } = tokens.prepare(draftOf(old.path, old.creationTtlSeconds));
    const { ok } = await place.commit(
      { checks: [...changes.checks, ...spending.checks], writes: [...changes.writes, ...spending.writes] },
      { accessor: made.token.accessor, record },
    );
    return ok ? { made, shown: made.text, wrappedAccessor: '' } : undefined;
  }

  /** The text of the token inside, where it is a JWT of this store; otherwise as given. */
  innerText(shown: string): Promise<string> {
    return this.#parts.jwt.inside(shown);
  }

  /** See `WrapJwt`. */
  publicKey(): Promise<{ readonly x: string; readonly y: string } | undefined> {
    return this.#parts.jwt.publicKey();
  }

  /** Forgets its key, as when the store is sealed. */
  unload(): void {
    this.#parts.jwt.unload();
  }
}

/** Nobody's child: it outlives the token that asked for it, and ends by itself. */
const draftOf = (path: string, ttlSeconds: number): TokenDraft =>
  orphanDraft({
    policies: [wrappingPolicyName],
    path,
    usesLeft: 1,
    creationTtlSeconds: ttlSeconds,
    explicitMaxTtlSeconds: ttlSeconds,
  });

/** `response` is the text of the answer, as old clients read it in the cubbyhole themselves. */
const recordOf = ({ status, body }: KeptAnswer): RawJson =>
  new RawJson(writeJson({ response: Secret.of(body.bytes), ...(status === 200 ? {} : { status }) }));

const answerOf = (record: RawJson): KeptAnswer | undefined => {
  const members = record.members();
  const response = members.get('response')?.value();
  if (typeof response !== 'string') return undefined;
  const status = members.get('status')?.value();
  return {
    status: status instanceof JsonNumber ? Number(status.source) : 200,
    body: new RawJson(new TextEncoder().encode(response)),
  };
};
