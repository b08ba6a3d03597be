/**
 * Follows the change stream over server-sent events. Remembers how far it has come, comes back by itself where the
 * connection ends, and says where something was missed. Holds what one piece of the answer brought, and no more: who
 * reads slowly is waited for by the connection, not by memory.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import { type Json, JsonNumber, type JsonObject } from '@coffer/schema/json/value.ts';
import { isObject, objectIn, textIn } from './members.ts';
import { parseJson } from './json.ts';
import type { Query } from './path.ts';
import { backoffMs } from './retry.ts';
import type { Runtime } from './runtime.ts';
import { type ServerSent, ServerSentReader } from './server-sent.ts';
import { TransportError, type WireRequest } from './transport.ts';

export interface EventOptions {
  /** Tells only events of which this is true: `data_path == secret/data/app`. */
  readonly filter?: string | undefined;
  /** Patterns of namespaces beside the client's own. */
  readonly namespaces?: readonly string[] | undefined;
  /** Revision to go on after, as an event has told it; from now on where it is left out. */
  readonly since?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The connection ended and will be made again. */
  readonly onInterrupted?: ((reason: CofferError) => void) | undefined;
  /**
   * Everything up to this revision was told: what a later run gives as `since`. First called when the stream begins, then
   * also where there is nothing to tell.
   */
  readonly onReached?: ((revision: string) => void) | undefined;
}

/** An event, or word that some are missing. */
export type Followed =
  | {
      readonly kind: 'event';
      /** To come back later and go on after this event. */
      readonly revision: string;
      /** `kv-v2/data-write`. */
      readonly type: string;
      /** Where it happened: `secret/data/app`; empty where it has no path. */
      readonly path: string;
      /** The whole CloudEvent. */
      readonly event: JsonObject;
    }
  /** What happened before this revision is not known any more: list what you follow again. */
  | { readonly kind: 'compacted'; readonly revision: string };

export interface EventSource {
  readonly type: string;
  /** Resolves when the server ended the answer; rejects where there is none, or a refusal. */
  open(query: Query, taking: Pick<WireRequest, 'sink' | 'signal'>): Promise<void>;
}

/** The server gives a sign of life every 15 s; without one for so long, the connection is dead. */
const silenceMs = 45_000;
/** The token ended, or lost its right: coming back would be refused. */
const refusedCode = 1008;
const encoder = new TextEncoder();

const objectOf = (text: string): JsonObject => {
  const json: Json = text === '' ? null : parseJson(encoder.encode(text));
  return isObject(json) ? json : new Map();
};

const followedOf = ({ id, name, data }: ServerSent): Followed | undefined => {
  if (name === 'compacted') return { kind: 'compacted', revision: textIn(objectOf(data), 'revision') };
  if (name !== 'message' || data === '') return undefined;
  const event = objectOf(data);
  const inner = objectIn(event, 'data') ?? new Map();
  const metadata = objectIn(objectIn(inner, 'event') ?? new Map(), 'metadata') ?? new Map();
  return { kind: 'event', revision: id, type: textIn(inner, 'event_type'), path: textIn(metadata, 'path'), event };
};

const endOf = (data: string): CofferError => {
  const ending = objectOf(data);
  const code = ending.get('code');
  const reason = `the server ended the stream: ${textIn(ending, 'reason')}`;
  const isRefused = code instanceof JsonNumber && code.toNumber() === refusedCode;
  return new CofferError(isRefused ? 'permission_denied' : 'unreachable', reason);
};

/** One connection: its items, one after the other, as they come. */
class Connection {
  readonly #controller = new AbortController();
  readonly #runtime: Runtime;
  readonly #reader = new ServerSentReader();
  readonly #parent: AbortSignal | undefined;
  #items: Followed[] = [];
  #end: unknown;
  #isOver = false;
  #arrived = (): void => {};
  #taken = (): void => {};
  #cancelSilence = (): void => {};
  readonly #onReached: EventOptions['onReached'];
  /** How far it has come. */
  reached: string;
  /** The stream has begun: the server has said where. */
  isOpen = false;

  constructor(runtime: Runtime, { signal, onReached }: EventOptions, since: string) {
    this.#runtime = runtime;
    this.#parent = signal;
    this.#onReached = onReached;
    this.reached = since;
    signal?.addEventListener('abort', this.leave);
    if (signal?.aborted === true) this.leave();
  }

  start(source: EventSource, query: Query): void {
    this.#heard();
    source.open(query, { signal: this.#controller.signal, sink: piece => this.#take(piece) }).then(
      () => this.#over(this.#end ?? new CofferError('unreachable', 'the server ended the stream')),
      (cause: unknown) => this.#over(this.#end ?? reasonOf(cause)),
    );
  }

  /** The next item; undefined where the caller has left. Throws what it ended with. */
  async next(): Promise<Followed | undefined> {
    for (;;) {
      const item = this.#items.shift();
      if (item !== undefined) {
        if (item.kind === 'event') this.reached = item.revision;
        return item;
      }
      this.#taken();
      if (this.#parent?.aborted === true) return undefined;
      if (this.#isOver) throw this.#end;
      await new Promise<void>(resolve => (this.#arrived = resolve));
    }
  }

  readonly leave = (): void => {
    this.#parent?.removeEventListener('abort', this.leave);
    this.#cancelSilence();
    this.#controller.abort();
    this.#taken();
    this.#arrived();
  };

  async #take(piece: Uint8Array): Promise<void> {
    this.#heard();
    const last = this.#read(piece);
    if (last !== '') this.isOpen = true;
    if (this.#items.length > 0) await this.#untilTaken();
    if (last === '' || this.#controller.signal.aborted) return;
    this.reached = last;
    this.#onReached?.(last);
  }

  /** Answers how far the piece has brought it. What cannot be read ends it: to come back would bring the same again. */
  #read(piece: Uint8Array): string {
    let last = '';
    try {
      for (const sent of this.#reader.read(piece)) {
        const item = followedOf(sent);
        if (item !== undefined) this.#items.push(item);
        if (sent.name === 'closed') this.#end = endOf(sent.data);
        last = sent.id;
      }
    } catch (cause) {
      this.#end = cause;
      this.#controller.abort();
    }
    return last;
  }

  /** Meanwhile nothing is read, so nothing can be heard. */
  async #untilTaken(): Promise<void> {
    this.#cancelSilence();
    await new Promise<void>(resolve => {
      this.#taken = resolve;
      this.#arrived();
      if (this.#controller.signal.aborted) resolve();
    });
    if (!this.#isOver && !this.#controller.signal.aborted) this.#heard();
  }

  #heard(): void {
    this.#cancelSilence();
    this.#cancelSilence = this.#runtime.after(silenceMs, () => {
      this.#end ??= new CofferError('unreachable', 'the server fell silent');
      this.#controller.abort();
    });
  }

  #over(reason: unknown): void {
    this.#cancelSilence();
    this.#end = reason;
    this.#isOver = true;
    this.#arrived();
  }
}

/** Whatever else was thrown is the caller's own, and stays what it is. */
const reasonOf = (cause: unknown): unknown =>
  cause instanceof TransportError ? new CofferError('unreachable', cause.message, { cause }) : cause;

const queryOf = ({ filter, namespaces = [] }: EventOptions, since: string): Query =>
  new Map<string, string | readonly string[]>([
    ...(filter === undefined || filter === '' ? [] : [['filter', filter] as const]),
    ...(namespaces.length === 0 ? [] : [['namespaces', namespaces] as const]),
    ...(since === '' ? [] : [['since', since] as const]),
  ]);

const pause = (runtime: Runtime, delayMs: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise(resolve => {
    const done = (): void => {
      cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const cancel = runtime.after(delayMs, done);
    signal?.addEventListener('abort', done);
  });

const hasLeft = (signal: AbortSignal | undefined): boolean => signal?.aborted === true;

/** What the first connection fails with is thrown at once; later ones are tried again, unless they are refused. */
export async function* follow(
  runtime: Runtime,
  source: EventSource,
  options: EventOptions,
): AsyncGenerator<Followed, void, undefined> {
  const { signal, onInterrupted } = options;
  let [reached, attempt, wasOpen] = [options.since ?? '', 0, false];
  while (!hasLeft(signal)) {
    const connection = new Connection(runtime, options, reached);
    connection.start(source, queryOf(options, reached));
    try {
      for (let item = await connection.next(); item !== undefined; item = await connection.next()) yield item;
      return;
    } catch (cause) {
      if (hasLeft(signal)) return;
      if (!(cause instanceof CofferError)) throw cause;
      wasOpen ||= connection.isOpen;
      if (!wasOpen || !cause.facts.retry) throw cause;
      onInterrupted?.(cause);
      if (connection.isOpen) attempt = 0;
    } finally {
      connection.leave();
    }
    reached = connection.reached;
    await pause(runtime, backoffMs(attempt++, runtime.chance), signal);
  }
}
