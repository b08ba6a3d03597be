/**
 * One connection to a server that takes writes. Where anything goes wrong on it, it is given up, and with it whatever
 * transaction was open: nothing of it is used again.
 */
import { Client, type Submittable } from 'pg';
import { CofferError } from '@coffer/schema/errors.ts';
import { BinaryConnection, type Answer, type Step, Trip } from './driver.ts';
import { ConnectionLost } from './failure.ts';
import type { Host, Target } from './target.ts';
import type { TlsOptions } from './tls.ts';

export interface LinkOptions {
  readonly target: Target;
  readonly host: Host;
  readonly tls: TlsOptions | false;
  readonly connectMs: number;
}

const keepAliveMs = 10_000;

const clientOf = ({ target, host, tls, connectMs }: LinkOptions): Client => {
  const config = {
    ...host,
    user: target.user,
    database: target.database,
    // As a function: the driver looks into no other place for it.
    password: () => target.password?.revealText() ?? '',
    ssl: tls,
    sslnegotiation: 'postgres' as const,
    enableChannelBinding: tls !== false && target.bindsChannel,
    connectionTimeoutMillis: connectMs,
    application_name: target.applicationName,
    ...(target.options === undefined ? {} : { options: target.options }),
    connection: new BinaryConnection({ ssl: tls, keepAlive: true, keepAliveInitialDelayMillis: keepAliveMs }),
  };
  return new Client(config);
};

export class Link {
  readonly host: Host;
  readonly #client: Client;
  readonly #prepared = new Set<string>();
  #isBroken = false;
  #isWarned = false;
  #lost: () => void = () => {};
  #heard: () => void = () => {};

  private constructor(client: Client, host: Host) {
    this.#client = client;
    this.host = host;
    client.on('error', () => this.#break());
    client.on('end', () => this.#break());
    // By its number, since `WARNING` comes in the server's language; what is no warning has this one.
    client.on('notice', ({ code }) => {
      this.#isWarned ||= code !== '00000';
    });
    client.on('notification', () => this.#heard());
  }

  /** Connects, and no more: who the server is has to be asked. */
  static async open(options: LinkOptions): Promise<Link> {
    const client = clientOf(options);
    const link = new Link(client, options.host);
    try {
      await client.connect();
      return link;
    } catch (cause) {
      link.destroy();
      throw cause;
    }
  }

  get broken(): boolean {
    return this.#isBroken;
  }

  /** `heard`: the server told something; `lost`: the connection is of no more use. */
  listen(heard: () => void, lost: () => void): void {
    this.#heard = heard;
    this.#lost = lost;
  }

  /**
   * Rejects with the driver's errors, or `ConnectionLost`. `strict`: a warning counts as lost too, because that is how
   * a server says that it gave up waiting for its standby.
   */
  async run(steps: readonly Step[], limitMs: number, strict = false): Promise<readonly Answer[]> {
    if (this.#isBroken) throw new ConnectionLost('ECONNRESET', 'the connection ended');
    this.#isWarned = false;
    const trip = new Trip(steps, this.#prepared);
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.destroy();
    }, limitMs);
    try {
      this.#client.query(trip as unknown as Submittable);
      const answers = await trip.done;
      if (strict && this.#isWarned) throw new ConnectionLost('WARNED', 'the server warned while it committed');
      return answers;
    } catch (cause) {
      this.destroy();
      throw isLate ? new ConnectionLost('ETIMEDOUT', `no answer within ${limitMs} ms`) : cause;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Of one statement. */
  async ask(step: Step, limitMs: number): Promise<Answer> {
    const [answer] = await this.run([step], limitMs);
    if (answer === undefined) throw new CofferError('internal', 'The database answered nothing.');
    return answer;
  }

  #break(): void {
    if (this.#isBroken) return;
    this.#isBroken = true;
    this.#lost();
  }

  destroy(): void {
    this.#break();
    const { connection } = this.#client as unknown as { connection: { stream: { destroy(): void } } };
    connection.stream.destroy();
    // Tells the driver that the end was wanted.
    void this.#client.end().catch(() => undefined);
  }

  /** Says goodbye to the server. */
  async close(): Promise<void> {
    if (this.#isBroken) return;
    this.#break();
    await this.#client.end().catch(() => undefined);
  }
}
