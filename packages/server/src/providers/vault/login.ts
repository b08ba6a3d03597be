/**
 * A token of a login: one login for all who need it. It is renewed when its end is near, and replaced by another login
 * where a renewal gives too little. After a failed login nobody tries for a while: the store is not asked a thousand times.
 */
import type { Auth } from '@coffer/client/answer.ts';
import type { Coffer } from '@coffer/client/client.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import type { Secret } from '@coffer/schema/secret.ts';
import type { Clock } from '../../contracts/clock.ts';
import { explained } from './explain.ts';
import { denied, isValid, type Lasting, type Session } from './session.ts';
import type { KubernetesAuth } from './settings.ts';

/** A token with less time than this left is renewed or replaced; one that never has as much, after two thirds of its time. */
const marginMs = 60_000;
/** A younger token is not replaced for a 403: the next one would have the same rights. */
const trustedMs = 10_000;
const loginAdvice =
  'correct what the role is bound to, or the ServiceAccount; "coffer doctor" says which bound refuses';
/** After a failed login everybody is told its reason for so long. */
const failurePauseMs = 5000;

interface Held {
  readonly token: Secret;
  readonly renewable: boolean;
  /** Of the clock's monotonic time. */
  readonly sinceMs: number;
  readonly endsMs: number;
  /** What it had at first. */
  readonly fullMs: number;
}

export class Login implements Session, Lasting {
  readonly #client: Coffer;
  readonly #auth: KubernetesAuth;
  readonly #clock: Clock;
  #held: Held | undefined;
  #making: Promise<Held> | undefined;
  #failed: { readonly reason: unknown; readonly atMs: number } | undefined;

  constructor(client: Coffer, auth: KubernetesAuth, clock: Clock) {
    this.#client = client;
    this.#auth = auth;
    this.#clock = clock;
  }

  async token(): Promise<Secret> {
    const held = this.#held;
    if (held !== undefined && this.#leftMs(held) > marginOf(held)) return held.token;
    return (await this.#make()).token;
  }

  async another(refused: Secret, doing: string): Promise<Secret> {
    const held = this.#held;
    // It was replaced, or has come to its end by itself.
    if (held?.token !== refused || this.#leftMs(held) <= marginOf(held)) return this.token();
    if (this.#isFresh(held)) throw denied(doing, 'the token is of a login just now');
    if (await isValid(this.#client, refused)) throw denied(doing);
    if (this.#held === held) this.#held = undefined;
    return this.token();
  }

  /** A token that was just given is good, whatever it may look up. */
  async check(): Promise<void> {
    const token = await this.token();
    if (this.#held !== undefined && this.#isFresh(this.#held)) return;
    if (await isValid(this.#client, token)) return;
    await this.another(token, 'look up the token of the store');
  }

  async renewInMs(): Promise<number> {
    await this.token();
    return this.#held === undefined ? 0 : Math.max(0, this.#leftMs(this.#held) - marginOf(this.#held));
  }

  /** Takes the token back: best effort, since it ends by itself. */
  async close(): Promise<void> {
    const token = this.#held?.token;
    this.#held = undefined;
    if (token === undefined) return;
    await this.#client.request({ method: 'POST', path: 'auth/token/revoke-self', token }).catch(() => undefined);
  }

  #isFresh({ sinceMs }: Held): boolean {
    return this.#clock.monotonic() - sinceMs < trustedMs;
  }

  #leftMs({ endsMs }: Held): number {
    return endsMs - this.#clock.monotonic();
  }

  #make(): Promise<Held> {
    this.#making ??= this.#made().finally(() => (this.#making = undefined));
    return this.#making;
  }

  async #made(): Promise<Held> {
    const held = this.#held;
    const left = held !== undefined && this.#leftMs(held) > 0 ? held : undefined;
    try {
      this.#held = (left === undefined ? undefined : await this.#renewed(left)) ?? (await this.#loggedIn());
      return this.#held;
    } catch (error) {
      // It still works, for as long as it does.
      if (left !== undefined && this.#leftMs(left) > 0) return left;
      throw error;
    }
  }

  /** `undefined` where the token cannot have more time. */
  async #renewed(held: Held): Promise<Held | undefined> {
    if (!held.renewable) return undefined;
    try {
      const { auth } = await this.#client.request({ method: 'POST', path: 'auth/token/renew-self', token: held.token });
      const renewed = auth === undefined ? undefined : this.#heldOf(auth);
      if (renewed === undefined || renewed.fullMs <= marginOf(held)) return undefined;
      return { ...renewed, token: held.token, fullMs: Math.max(held.fullMs, renewed.fullMs) };
    } catch (error) {
      if (error instanceof CofferError) return undefined;
      throw error;
    }
  }

  async #loggedIn(): Promise<Held> {
    const failed = this.#failed;
    if (failed !== undefined && this.#clock.monotonic() - failed.atMs < failurePauseMs) throw failed.reason;
    try {
      const held = await this.#login();
      this.#failed = undefined;
      return held;
    } catch (reason) {
      this.#failed = { reason, atMs: this.#clock.monotonic() };
      throw reason;
    }
  }

  async #login(): Promise<Held> {
    const { mountPath = 'kubernetes', role, jwt: makeJwt } = this.#auth;
    const jwt = await makeJwt();
    const doing = `log in at auth/${mountPath} with role "${role}"`;
    const path = `auth/${mountPath}/login`;
    try {
      const { auth } = await this.#client.request({ method: 'POST', path, token: null, body: { role, jwt } });
      if (auth !== undefined && auth.token.length > 0) return this.#heldOf(auth);
    } catch (error) {
      throw await explained(this.#client, error, { doing, secrets: [jwt], ifForbidden: loginAdvice });
    }
    throw new CofferError('unreachable', `cannot ${doing}: the answer holds no token; see what stands in between`);
  }

  #heldOf({ token, renewable, type, leaseDurationSeconds }: Auth): Held {
    const sinceMs = this.#clock.monotonic();
    const fullMs = leaseDurationSeconds > 0 ? leaseDurationSeconds * 1000 : Number.POSITIVE_INFINITY;
    return { token, renewable: renewable && type !== 'batch', sinceMs, endsMs: sinceMs + fullMs, fullMs };
  }
}

const marginOf = ({ fullMs }: Held): number => Math.min(marginMs, fullMs / 3);
