/**
 * Calls to servers outside: TLS with the authorities that the caller names, no redirects, a limit for the time of all of it
 * and for the length of an answer, and never to addresses where clouds keep credentials. Connections are kept; one that
 * the server had closed meanwhile is tried again once.
 */
import { lookup as resolve } from 'node:dns';
import { Agent, type IncomingMessage, request } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { CofferError } from '@coffer/schema/errors.ts';
import type { Outside, OutsideAnswer, OutsideCall } from '../../contracts/outside.ts';
import { Gate } from './gate.ts';
import { Names, type Resolver } from './names.ts';
import { isLoopback, mayReach, plainHost } from './outside-address.ts';

/** Said here, so that no variable of the environment can say otherwise. */
const checked = { rejectUnauthorized: true, minVersion: 'TLSv1.2' } as const;
/** To one server at once, and waiting for it. */
const callsLimit = { inside: 32, waiting: 512 };
/** For each server. A limit over all of them would let idle connections to some keep calls from others. */
const kept = { keepAlive: true, maxFreeSockets: 8, timeout: 30_000 };

/** `resolver` as `dns.lookup`, of the system where left out. */
export const openOutside = (resolver: Resolver = resolve): Outside => {
  const names = new Names(resolver);
  const gate = new Gate(callsLimit);
  const agents = { 'http:': new Agent(kept), 'https:': new SecureAgent(kept) };
  return async call => {
    const url = checkedUrl(call);
    const deadline = new Deadline(call.limitMs);
    try {
      return await gate.run(url.origin, () => askTwice({ call, url, agents, names, deadline }));
    } catch (cause) {
      throw cause instanceof CofferError ? cause : unreachable(url, cause);
    } finally {
      deadline.stop();
    }
  };
};

const unreachable = (url: URL, cause: unknown): CofferError => {
  const found = cause instanceof StaleConnection ? cause.cause : cause;
  const code = (found as NodeJS.ErrnoException | undefined)?.code ?? 'no answer';
  // Strangers are not told where it stands.
  return new CofferError('unreachable', `the server behind this path cannot be reached (${code})`, {
    cause: found,
    because: `${url.origin}: ${code}`,
  });
};

const refused = (why: string): CofferError => new CofferError('invalid_request', `address of a server: ${why}`);

const checkedUrl = ({ url: text, reach }: OutsideCall): URL => {
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '') throw refused('expected a URL without credentials');
  const host = plainHost(url.hostname);
  const isPlainAllowed = url.protocol === 'http:' && isLoopback(host);
  if (url.protocol !== 'https:' && !isPlainAllowed)
    throw refused('expected https; http goes only to a loopback address, such as 127.0.0.1');
  if (isIP(host) !== 0 && !mayReach(host, reach)) throw refused('it may not be called from here');
  return url;
};

/** One limit for waiting, connecting and reading. */
class Deadline {
  readonly #timer: NodeJS.Timeout;
  isOver = false;
  #onEnd: () => void = () => {};

  constructor(limitMs: number) {
    this.#timer = setTimeout(() => {
      this.isOver = true;
      this.#onEnd();
    }, limitMs);
  }

  during(onEnd: () => void): void {
    this.#onEnd = onEnd;
    if (this.isOver) onEnd();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

/** A kept connection that the server had closed: nothing of the request was read. */
class StaleConnection extends Error {}

const timedOut = (): Error => Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' });

interface Exchange {
  readonly call: OutsideCall;
  readonly url: URL;
  readonly agents: { readonly 'http:': Agent; readonly 'https:': SecureAgent };
  readonly names: Names;
  readonly deadline: Deadline;
}

/** Whose time ran out while it waited is not begun. */
const askTwice = async (asked: Exchange): Promise<OutsideAnswer> => {
  if (asked.deadline.isOver) throw timedOut();
  return exchange(asked).catch((cause: unknown) => {
    if (cause instanceof StaleConnection) return exchange(asked);
    throw cause;
  });
};

const exchange = ({ call, url, agents, names, deadline }: Exchange): Promise<OutsideAnswer> => {
  const { promise, resolve: done, reject } = Promise.withResolvers<OutsideAnswer>();
  const common = {
    method: call.method,
    headers: { ...Object.fromEntries(call.headers), 'content-length': call.body?.length ?? 0 },
    lookup: guardedLookup(names, call.reach),
  };
  const sent =
    url.protocol === 'https:'
      ? secureRequest(url, { ...common, agent: agents['https:'], ...checked, ca: call.caPem })
      : request(url, { ...common, agent: agents['http:'] });
  deadline.during(() => sent.destroy(timedOut()));
  sent.once('error', cause => {
    const stale = sent.reusedSocket && (cause as NodeJS.ErrnoException).code === 'ECONNRESET';
    reject(stale ? new StaleConnection('', { cause }) : cause);
  });
  sent.once('response', answer => {
    read(answer, call.answerLimitBytes).then(done, (cause: unknown) => {
      sent.destroy();
      reject(cause);
    });
  });
  sent.end(call.body);
  return promise;
};

const read = async (answer: IncomingMessage, limitBytes: number): Promise<OutsideAnswer> => {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of answer as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > limitBytes) throw Object.assign(new Error('too long'), { code: 'ANSWER_TOO_LONG' });
    pieces.push(piece);
  }
  return { status: answer.statusCode ?? 0, body: Buffer.concat(pieces) };
};

/** What the name stands for now is what is connected to. */
const guardedLookup =
  (names: Names, reach: OutsideCall['reach']): LookupFunction =>
  (hostname, options, callback) => {
    names.resolve(hostname, (error, found) => {
      if (error !== null) return callback(error, []);
      const allowed = found.filter(({ address }) => mayReach(address, reach));
      const [first] = allowed;
      if (first === undefined)
        return callback(Object.assign(new Error('forbidden address'), { code: 'ADDRESS_FORBIDDEN' }), []);
      return options.all === true ? callback(null, allowed) : callback(null, first.address, first.family);
    });
  };
