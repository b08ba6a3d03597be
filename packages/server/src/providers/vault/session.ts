/**
 * The token that a store is asked with: one that was given, or one of a login, shared by all reads. A login's token is
 * renewed, or replaced by another login, before it ends.
 */
import type { Coffer } from '@coffer/client/client.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import type { Secret } from '@coffer/schema/secret.ts';
import { explained, isForbidden } from './explain.ts';
import type { TokenAuth } from './settings.ts';

export interface Session {
  /** Rejects with the reason where there is none. */
  token(): Promise<Secret>;
  /** After a 403 for what was `doing`: another token to try again with, once. Rejects with the reason where there is none. */
  another(refused: Secret, doing: string): Promise<Secret>;
  /** Resolves where the token is good. */
  check(): Promise<void>;
}

/** How long a session's token lasts. */
export interface Lasting {
  /** Milliseconds after which the token should be asked for anew; `Infinity` where it stays. Rejects where there is none. */
  renewInMs(): Promise<number>;
  /** The session is not used any more. */
  close(): Promise<void>;
}

export type StoreSession = Session & Lasting;

const lookupPath = 'auth/token/lookup-self';

/** False where the token is not valid any more. */
export const isValid = async (client: Coffer, token: Secret): Promise<boolean> => {
  try {
    await client.request({ method: 'GET', path: lookupPath, token });
    return true;
  } catch (error) {
    if (isForbidden(error)) return false;
    throw await explained(client, error, { doing: 'look up the token of the store', secrets: [token] });
  }
};

/** `known`: what speaks for the token, so that its rights are to blame. */
export const denied = (doing: string, known = 'the token of the store is valid'): CofferError =>
  new CofferError(
    'permission_denied',
    `cannot ${doing}: permission denied; ${known}: give its policies "read" on this path`,
  );

const invalid = (): CofferError =>
  new CofferError(
    'bad_token',
    'the token of the store is not valid: it is unknown to this server and namespace, expired or revoked; put another into the Secret that auth.tokenSecretRef names',
  );

/** A token that somebody else made: it is never renewed and never revoked. */
export class GivenToken implements Session, Lasting {
  readonly #client: Coffer;
  readonly #token: Secret;

  constructor(client: Coffer, { token }: TokenAuth) {
    this.#client = client;
    this.#token = token;
  }

  async token(): Promise<Secret> {
    if (this.#token.length === 0) throw invalid();
    return this.#token;
  }

  async another(_refused: Secret, doing: string): Promise<Secret> {
    throw (await isValid(this.#client, this.#token)) ? denied(doing) : invalid();
  }

  async check(): Promise<void> {
    if (!(await isValid(this.#client, await this.token()))) throw invalid();
  }

  async renewInMs(): Promise<number> {
    return Number.POSITIVE_INFINITY;
  }

  async close(): Promise<void> {
    // It is somebody else's.
  }
}
