/**
 * One call with its repetitions. Sent again is only what the API server refused unread (429, 503 with Retry-After, 401
 * where there is another credential), what certainly did not arrive, and what may be done twice. Waits are as long as the
 * server asks, else doubling; all of it within one time.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Clock } from '../../contracts/clock.ts';
import type { Random } from '../../contracts/random.ts';
import { Garbled, parseJson, readBody, TooLarge } from './answer.ts';
import { askedMs, backOffMs, pause } from './back-off.ts';
import { attemptsLimit, callLimitMs, delayLimitMs, firstDelayMs } from './bounds.ts';
import type { Credentials } from './credentials.ts';
import { type Asked, KubeError, refused, unanswered } from './error.ts';
import { Broken, type Exchange, type Outgoing, type Transport } from './transport.ts';

export interface Call extends Asked {
  readonly method: Outgoing['method'];
  readonly path: string;
  /** Default `application/json`. */
  readonly accept?: string | undefined;
  readonly contentType?: string | undefined;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Whether doing it twice is the same as doing it once. */
  readonly repeatable: boolean;
}

export interface SenderOptions {
  readonly transport: Transport;
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly random: Random;
  /** Called before each thing that changes something is sent, each time anew; what it throws keeps it from being sent. */
  readonly checkWrite?: (() => void) | undefined;
}

export interface Sender {
  /** The JSON of a 2xx answer. Throws `KubeError`. */
  send(call: Call): Promise<unknown>;
  /** An answer that goes on. Only a refused credential is tried again. Throws `KubeError`. */
  stream(call: Call, signal: AbortSignal): Promise<Exchange>;
}

const json = new TextEncoder();

const outgoingOf = (call: Call, checkWrite: SenderOptions['checkWrite']): Outgoing => ({
  check: call.method === 'GET' ? undefined : checkWrite,
  method: call.method,
  path: call.path,
  accept: call.accept ?? 'application/json',
  contentType: call.body === undefined ? undefined : (call.contentType ?? 'application/json'),
  body: call.body === undefined ? undefined : json.encode(JSON.stringify(call.body)),
});

/** RFC 9110 §10.2.3, the form in seconds: the API server sends no other. */
const retryAfterSeconds = (exchange: Exchange): number | undefined => {
  const header = exchange.answer.headers['retry-after'];
  return header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) : undefined;
};

const isGood = (status: number): boolean => status >= 200 && status < 300;

/** The refusal, with what can be read of its body. */
const refusalOf = async (exchange: Exchange, call: Call): Promise<KubeError> => {
  let body: unknown;
  try {
    body = parseJson(await readBody(exchange.answer));
  } catch {
    // Whoever answers a failure with something else than a Status is told by the status alone.
  }
  const status = exchange.answer.statusCode ?? 0;
  return refused({ status, body, retryAfterSeconds: retryAfterSeconds(exchange) }, call);
};

/** An error with what may be done about it. */
interface Failure {
  readonly error: KubeError;
  readonly again: boolean;
}

const notSent = { status: 0, reason: 'Unreachable' };

const brokenFailure = (cause: unknown, call: Call): Failure => {
  const harmless = call.method === 'GET';
  if (cause instanceof Garbled)
    return {
      error: unanswered(cause instanceof TooLarge ? 'TooLarge' : 'Garbled', `${call.what}: ${cause.message}`, harmless),
      again: false,
    };
  // A plugin that fails, a token that cannot be read, a lease that is lost: nothing was sent.
  if (cause instanceof CofferError)
    return { error: new KubeError(cause.code, `${call.what}: ${cause.message}`, notSent), again: false };
  if (!(cause instanceof Broken)) throw cause;
  const error = cause.sent
    ? unanswered('NoAnswer', `${call.what}: the API server did not answer: ${cause.message}`, harmless)
    : unanswered('Unreachable', `${call.what}: the API server cannot be reached: ${cause.message}`, true);
  return { error, again: !cause.final && (!cause.sent || call.repeatable) };
};

export const senderOf = ({ transport, credentials, clock, random, checkWrite }: SenderOptions): Sender => {
  const refusedFailure = (error: KubeError, call: Call, { identity }: Exchange): Failure => ({
    error,
    again:
      error.status === 429 ||
      (error.status === 503 && (error.retryAfterSeconds !== undefined || call.repeatable)) ||
      (error.status === 401 && credentials.refused(identity)),
  });

  const attempt = async (call: Call): Promise<{ readonly value: unknown } | Failure> => {
    try {
      const exchange = await transport.call(outgoingOf(call, checkWrite));
      try {
        if (isGood(exchange.answer.statusCode ?? 0)) return { value: parseJson(await readBody(exchange.answer)) };
        return refusedFailure(await refusalOf(exchange, call), call, exchange);
      } finally {
        exchange.end();
      }
    } catch (cause) {
      return brokenFailure(cause, call);
    }
  };

  const delayMs = ({ retryAfterSeconds: asked, status }: KubeError, tried: number): number => {
    if (status === 401) return 0;
    if (asked !== undefined) return askedMs(asked, random);
    return backOffMs({ firstMs: firstDelayMs, limitMs: delayLimitMs }, tried, random);
  };

  return {
    send: async call => {
      const untilMs = clock.monotonic() + callLimitMs;
      for (let tried = 0; ; tried += 1) {
        const outcome = await attempt(call);
        if ('value' in outcome) return outcome.value;
        const waitMs = delayMs(outcome.error, tried);
        if (!outcome.again || tried + 1 >= attemptsLimit || clock.monotonic() + waitMs > untilMs) throw outcome.error;
        await pause(clock, waitMs);
      }
    },
    stream: async (call, signal) => {
      for (let tried = 0; ; tried += 1) {
        let exchange: Exchange;
        try {
          exchange = await transport.stream(outgoingOf(call, checkWrite), signal);
        } catch (cause) {
          throw brokenFailure(cause, call).error;
        }
        if (isGood(exchange.answer.statusCode ?? 0)) return exchange;
        const error = await refusalOf(exchange, call);
        exchange.end();
        if (error.status !== 401 || tried > 0 || !credentials.refused(exchange.identity)) throw error;
      }
    },
  };
};
