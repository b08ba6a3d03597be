/**
 * The body of one request. Nothing is taken from the connection before someone asks for the body, so that a client
 * cannot make the server hold what nobody wants; memory follows what has arrived, not what was announced.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Inbox } from './inbox.ts';

const smallestBytes = 16_384;

/** What a body needs of its connection. */
export interface BodySource {
  readonly inbox: Inbox;
  /** The body takes bytes now: go on reading. */
  wanted(): void;
  /** The body is taken piece by piece: only while one is awaited is it the client's turn. */
  flows(isAwaited: boolean): void;
}

export class IncomingBody {
  /** Bytes of it that the connection still has to give up. */
  unread: number;
  readonly #source: BodySource;
  #mode: 'held' | 'wanted' | 'flowing' | 'discarded' = 'held';
  #bytes: Buffer | undefined;
  #received = 0;
  #settle: PromiseWithResolvers<Uint8Array> | undefined;
  #failure: CofferError | undefined;
  #wake = (): void => {};

  constructor(length: number, source: BodySource) {
    this.unread = length;
    this.#source = source;
  }

  read(limitBytes: number): Promise<Uint8Array> | Uint8Array {
    const refused = this.#refusal(limitBytes);
    if (refused !== undefined) return Promise.reject(refused);
    this.#mode = 'wanted';
    const { inbox } = this.#source;
    if (inbox.length >= this.unread) return this.#wholeOf(inbox);
    this.#settle = Promise.withResolvers();
    this.pump();
    this.#source.wanted();
    return this.#settle.promise;
  }

  async *pieces(limitBytes: number): AsyncGenerator<Uint8Array> {
    const refused = this.#refusal(limitBytes);
    if (refused !== undefined) throw refused;
    this.#mode = 'flowing';
    for (let piece = await this.#piece(); piece !== undefined; piece = await this.#piece()) yield piece;
  }

  /** What has arrived of the rest, once something has; undefined at the end. */
  async #piece(): Promise<Uint8Array | undefined> {
    const { inbox } = this.#source;
    if (this.unread === 0) return undefined;
    this.#source.flows(true);
    while (inbox.length === 0) {
      if (this.#failure !== undefined) throw this.#failure;
      this.#source.wanted();
      await new Promise<void>(resolve => (this.#wake = resolve));
    }
    this.#source.flows(false);
    const count = Math.min(inbox.length, this.unread);
    const piece = inbox.bytes.subarray(inbox.start, inbox.start + count);
    inbox.consume(count);
    this.unread -= count;
    return piece;
  }

  #refusal(limitBytes: number): CofferError | undefined {
    if (this.#mode !== 'held') return new CofferError('internal', 'the body was already read');
    if (this.#failure !== undefined) return this.#failure;
    return this.unread > limitBytes ? new CofferError('body_too_large', 'request body too large') : undefined;
  }

  /** Moves what has arrived to where it belongs. */
  pump(): void {
    if (this.#mode === 'flowing') return this.#wake();
    if (this.#mode === 'held' || this.unread === 0) return;
    const { inbox } = this.#source;
    const count = Math.min(inbox.length, this.unread);
    if (this.#mode === 'wanted') this.#store(inbox, count);
    inbox.consume(count);
    this.unread -= count;
    if (this.unread === 0) this.#settle?.resolve(this.#bytes ?? Buffer.alloc(0));
  }

  /** Nobody will read the rest: bytes that come are dropped. */
  discard(): void {
    this.#mode = 'discarded';
    this.#bytes = undefined;
  }

  /** The rest will not come. */
  fail(error: CofferError): void {
    this.#failure = error;
    this.#settle?.reject(error);
    this.#wake();
  }

  #wholeOf(inbox: Inbox): Uint8Array {
    const whole = inbox.bytes.subarray(inbox.start, inbox.start + this.unread);
    inbox.consume(this.unread);
    this.unread = 0;
    return whole;
  }

  #store(inbox: Inbox, count: number): void {
    const total = this.#received + this.unread;
    let bytes = this.#bytes ?? Buffer.allocUnsafe(Math.min(total, Math.max(smallestBytes, count)));
    if (this.#received + count > bytes.length) {
      const larger = Buffer.allocUnsafe(Math.min(total, 2 * (this.#received + count)));
      bytes.copy(larger, 0, 0, this.#received);
      bytes = larger;
    }
    inbox.bytes.copy(bytes, this.#received, inbox.start, inbox.start + count);
    this.#bytes = bytes;
    this.#received += count;
  }
}
