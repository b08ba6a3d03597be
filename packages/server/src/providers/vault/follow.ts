/**
 * Follows the change stream of a store that has one (Coffer): secrets of the store's mount, told as they change. It goes on
 * where it was after an interruption, and with the next token before the old one ends. `missed` is said where something
 * may be lost: when it begins, and where the store does not know any more what happened.
 */
import type { Coffer } from '@coffer/client/client.ts';
import { ServerError } from '@coffer/client/errors.ts';
import type { Followed } from '@coffer/client/events.ts';
import { backoffMs } from '@coffer/client/retry.ts';
import type { Runtime } from '@coffer/client/runtime.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import type { Secret } from '@coffer/schema/secret.ts';
import type { Log } from '../../contracts/log.ts';
import type { Follow } from '../../contracts/provider.ts';
import { keyOfEvent, mountPath } from './paths.ts';
import { explained, isFromApi } from './explain.ts';
import type { StoreSession } from './session.ts';
import type { VaultSettings } from './settings.ts';

export interface StreamParts {
  readonly settings: VaultSettings;
  readonly session: StoreSession;
  readonly runtime: Runtime;
  readonly log: Log;
  readonly open: (token: Secret) => Coffer;
}

/** Why one connection after the other ended. */
type Ending = 'left' | 'interrupted' | 'unsupported' | 'denied';

/** Between two looks at the token: no less, however short it lives; no more, since timers hold 31 bits. */
const lookLeastMs = 1000;
const lookMostMs = 86_400_000;
/** Statuses of servers without this stream; a 404 only where it is the API's own. */
const unsupported: ReadonlySet<number> = new Set([400, 405, 426, 501]);
/** Mounts whose name needs no escape in a filter. */
const plainMount = /^[\w./-]{1,512}$/;
const whileFollowing = 'follow the changes of the store';

const isUnsupported = (error: unknown): boolean =>
  error instanceof ServerError && (unsupported.has(error.status) || (error.status === 404 && isFromApi(error)));

const filterOf = (mount: string): string | undefined =>
  plainMount.test(mount) ? `source_plugin_mount == "${mount}/"` : undefined;

export class Following {
  readonly #parts: StreamParts;
  readonly #how: Follow;
  readonly #type: string;
  readonly #mount: string;
  /** How far it has come; empty until a stream has begun. */
  #since = '';
  #attempt = 0;
  #isInterrupted = false;
  #cancelLook = (): void => undefined;

  constructor(parts: StreamParts, how: Follow) {
    this.#parts = parts;
    this.#how = how;
    this.#type = `kv-${parts.settings.version}/*`;
    this.#mount = mountPath(parts.settings.path);
  }

  /** As `Follower.follow`. */
  async run(): Promise<boolean> {
    while (!this.#how.signal.aborted) {
      const ending = await this.#once();
      if (ending === 'unsupported' || ending === 'denied') return false;
      if (ending === 'interrupted') await this.#pause();
    }
    return true;
  }

  async #once(): Promise<Ending> {
    const leave = new AbortController();
    const abort = (): void => leave.abort();
    this.#how.signal.addEventListener('abort', abort);
    let token: Secret | undefined;
    try {
      token = await this.#parts.session.token();
      await this.#watch(token, leave);
      await this.#listen(token, leave.signal);
      return 'left';
    } catch (error) {
      return await this.#endingOf(error, token);
    } finally {
      this.#how.signal.removeEventListener('abort', abort);
      leave.abort();
      this.#cancelLook();
    }
  }

  async #listen(token: Secret, signal: AbortSignal): Promise<void> {
    const options = { filter: filterOf(this.#mount), since: this.#since === '' ? undefined : this.#since, signal };
    const onReached = (revision: string): void => this.#reached(revision);
    const onInterrupted = (reason: CofferError): void => this.#interrupted(reason);
    const items = this.#parts.open(token).events(this.#type, { ...options, onReached, onInterrupted });
    for await (const item of items) this.#tell(item);
  }

  #reached(revision: string): void {
    const isFirst = this.#since === '';
    if (isFirst || this.#isInterrupted) this.#how.reaches?.(true);
    this.#since = revision;
    this.#attempt = 0;
    this.#isInterrupted = false;
    if (isFirst) this.#how.missed();
  }

  #tell(item: Followed): void {
    if (item.kind === 'compacted') return this.#how.missed();
    const key = keyOfEvent(this.#parts.settings, item);
    if (key !== undefined) this.#how.changed({ key });
  }

  /** Leaves the stream as soon as there is another token: the next one goes on where this one was. */
  async #watch(token: Secret, leave: AbortController): Promise<void> {
    const waitMs = Math.min(await this.#parts.session.renewInMs(), lookMostMs);
    if (leave.signal.aborted) return;
    this.#cancelLook = this.#parts.runtime.after(Math.max(waitMs, lookLeastMs), () => void this.#look(token, leave));
  }

  async #look(token: Secret, leave: AbortController): Promise<void> {
    const now = await this.#parts.session.token().catch(() => token);
    if (now !== token) leave.abort();
    // Where there is no other token, the stream goes on until the server ends it.
    else await this.#watch(token, leave).catch(() => undefined);
  }

  async #endingOf(error: unknown, token: Secret | undefined): Promise<Ending> {
    if (this.#how.signal.aborted) return 'left';
    if (!(error instanceof CofferError)) throw error;
    if (isUnsupported(error)) {
      this.#parts.log.write('info', 'the store tells of no changes: it is looked at in intervals', this.#fields());
      return 'unsupported';
    }
    if (error.code === 'permission_denied' && token !== undefined) return this.#refused(error, token);
    if (token === undefined) this.#interrupted(error);
    else this.#interrupted(await this.#explained(error, token));
    return 'interrupted';
  }

  #explained(error: CofferError, token: Secret): Promise<unknown> {
    return explained(this.#parts.open(token), error, { doing: whileFollowing, secrets: [token] });
  }

  async #refused(error: CofferError, token: Secret): Promise<Ending> {
    // Somebody in front of the store may have said it.
    if (error instanceof ServerError && !isFromApi(error)) return 'interrupted';
    try {
      const next = await this.#parts.session.another(token, whileFollowing);
      return next === token ? 'interrupted' : 'left';
    } catch (reason) {
      if (!(reason instanceof CofferError)) throw reason;
      if (reason.facts.retry) return 'interrupted';
      this.#denied(reason);
      return 'denied';
    }
  }

  #denied(reason: CofferError): void {
    const advice = `the policies of its token need "read" on sys/events/subscribe/${this.#type}, and "list" and "subscribe" with subscribe_event_types on the secrets`;
    this.#parts.log.write('warn', 'the store may not be followed: it is looked at in intervals', {
      ...this.#fields(),
      reason: reason.publicMessage,
      advice,
    });
  }

  /** Once in a row: what lasts is told by reads. */
  #interrupted(reason: unknown): void {
    if (this.#isInterrupted) return;
    this.#isInterrupted = true;
    this.#how.reaches?.(false);
    const message = reason instanceof CofferError ? reason.publicMessage : 'a fault';
    this.#parts.log.write('info', 'the changes of the store are interrupted', { ...this.#fields(), reason: message });
  }

  #fields() {
    return { store: this.#parts.settings.server, mount: this.#mount };
  }

  #pause(): Promise<void> {
    const { runtime } = this.#parts;
    const { signal } = this.#how;
    return new Promise(resolve => {
      const done = (): void => {
        cancel();
        signal.removeEventListener('abort', done);
        resolve();
      };
      const cancel = runtime.after(backoffMs(this.#attempt++, runtime.chance), done);
      signal.addEventListener('abort', done);
    });
  }
}
