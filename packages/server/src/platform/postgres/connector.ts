/**
 * Finds the server that takes writes among the hosts, and refuses those on which an acknowledged write could be lost. Every
 * connection is asked anew: a primary may have become a standby, and settings may have been changed.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Log } from '../../contracts/log.ts';
import { connectMs, idleInTransactionMs, lockMs, readMs } from './bounds.ts';
import { ConnectionLost, failureOf } from './failure.ts';
import { Link } from './link.ts';
import type { Statement } from './driver.ts';
import type { Host, Target } from './target.ts';
import { tlsOf } from './tls.ts';
import { textOf } from './wire.ts';

const oldestVersion = 150_000;

/** Read-only: the search goes on. */
class Standby extends Error {
  readonly code = '25006';
  readonly severity = 'ERROR';
}

export const shownHost = ({ host, port }: Host): string =>
  host.startsWith('/') ? host : `${host.includes(':') ? `[${host}]` : host}:${port}`;

export interface ConnectorOptions {
  readonly target: Target;
  readonly log: Log;
  readonly hello: Statement;
}

interface Said {
  readonly version: number;
  readonly isReadOnly: boolean;
  readonly fsync: string;
  readonly fullPageWrites: string;
  readonly dataSyncRetry: string;
}

/** Which host it was goes to the log. */
const refused = (reason: string): CofferError =>
  new CofferError('storage_failed', `The database is refused: ${reason}.`);

export class Connector {
  readonly #options: ConnectorOptions;
  /** Tried first. */
  #last: Host | undefined;
  #isAway = false;
  #isWarned = false;

  constructor(options: ConnectorOptions) {
    this.#options = options;
  }

  /** One attempt at each host. Rejects with the driver's error of the last one, or `CofferError` where none would do. */
  async open(limitMs = this.#limitMs()): Promise<Link> {
    const { hosts } = this.#options.target;
    const ordered = hosts.toSorted((a, b) => Number(b === this.#last) - Number(a === this.#last));
    let failure: unknown;
    for (const host of ordered) {
      try {
        const link = await this.#openAt(host, limitMs);
        this.#found(host);
        return link;
      } catch (cause) {
        failure = worse(failure, cause);
        this.#missed(host, cause);
      }
    }
    this.#isAway = true;
    throw failure;
  }

  #limitMs(): number {
    const { connectSeconds } = this.#options.target;
    return connectSeconds === undefined ? connectMs : connectSeconds * 1000;
  }

  async #openAt(host: Host, limitMs: number): Promise<Link> {
    const { target } = this.#options;
    const link = await Link.open({ target, host, tls: await tlsOf(target), connectMs: limitMs });
    try {
      this.#judge(host, await this.#hello(link, limitMs));
      return link;
    } catch (cause) {
      link.destroy();
      throw cause;
    }
  }

  async #hello(link: Link, limitMs: number): Promise<Said> {
    const values = [lockMs, readMs, idleInTransactionMs].map(ms => Buffer.from(`${ms}`));
    const { rows } = await link.ask({ statement: this.#options.hello, values }, limitMs);
    const [version, readOnly, fsync, fullPageWrites, dataSyncRetry] = (rows[0] ?? []).map(textOf);
    if (version === undefined) throw new ConnectionLost('ECONNRESET', 'no answer to the first question');
    return {
      version: Number(version),
      isReadOnly: readOnly === 'on',
      fsync: fsync ?? '',
      fullPageWrites: fullPageWrites ?? '',
      dataSyncRetry: dataSyncRetry ?? '',
    };
  }

  #judge(host: Host, said: Said): void {
    if (said.version < oldestVersion)
      throw refused(`it is version ${Math.floor(said.version / 10_000)}, and 15 is the oldest that is supported`);
    if (said.isReadOnly) throw new Standby('read-only');
    if (said.fsync === 'off') throw refused('it runs with fsync=off, and would lose what it acknowledged');
    if (said.dataSyncRetry === 'on')
      throw refused('it runs with data_sync_retry=on, and would go on after a failed fsync');
    if (said.fullPageWrites === 'off' && !this.#isWarned) {
      this.#isWarned = true;
      this.#options.log.write(
        'warn',
        'full_page_writes is off: a power cut destroys the store unless the file system writes whole pages',
        {
          host: shownHost(host),
        },
      );
    }
  }

  #found(host: Host): void {
    if (this.#isAway || (this.#last !== undefined && this.#last !== host))
      this.#options.log.write('info', 'the database answers again', { host: shownHost(host) });
    this.#isAway = false;
    this.#last = host;
  }

  #missed(host: Host, cause: unknown): void {
    const { state, reason } = failureOf(cause);
    this.#options.log.write(this.#isAway ? 'debug' : 'warn', 'a database host cannot be used', {
      host: shownHost(host),
      code: cause instanceof CofferError ? cause.code : state,
      reason: cause instanceof CofferError ? cause.message : reason,
    });
  }
}

/** Of two hosts' failures the one to tell: what stands in the way of a server that is there. */
const worse = (one: unknown, other: unknown): unknown =>
  one instanceof CofferError || (one !== undefined && failureOf(other).state === 'ECONNREFUSED') ? one : other;
