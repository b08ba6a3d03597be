/**
 * An audit target behind a stream socket, TCP or unix. A write has ended when the system has taken the bytes: what the
 * peer does with them nobody says. A connection that breaks or stalls is given up and made anew with the next batch; what
 * an old connection refuses is written once more on a new one, so a record can arrive twice.
 */
import { connect, type Socket } from 'node:net';
import { CofferError } from '@coffer/schema/errors.ts';
import type { Target } from './batches.ts';

export type Place = { readonly host: string; readonly port: number } | { readonly path: string };

/** Throws where nobody listens there. */
export const openStream = async (place: Place, limitMs: number): Promise<Target> => {
  const target = new StreamTarget(place, limitMs);
  await target.reopen();
  return target;
};

class StreamTarget implements Target {
  readonly #place: Place;
  readonly #limitMs: number;
  #socket: Socket | undefined;
  #isClosed = false;

  constructor(place: Place, limitMs: number) {
    this.#place = place;
    this.#limitMs = limitMs;
  }

  readonly write = async (bytes: Buffer): Promise<void> => {
    const before = this.#socket;
    if (before !== undefined) {
      try {
        return await this.#writeTo(before, bytes);
      } catch (cause) {
        // A peer that does not read is not asked again at once.
        if (this.#isClosed || isStall(cause)) throw cause;
      }
    }
    await this.#writeTo(await this.#connect(), bytes);
  };

  readonly reopen = async (): Promise<void> => {
    const before = this.#socket;
    await this.#connect();
    before?.end();
  };

  readonly close = async (): Promise<void> => {
    this.#isClosed = true;
    this.#socket?.destroySoon();
    this.#socket = undefined;
  };

  async #connect(): Promise<Socket> {
    const socket = connect(this.#place);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const stop = limited(socket, this.#limitMs);
    socket.once('connect', resolve);
    socket.once('error', reject);
    try {
      await promise;
    } catch (cause) {
      throw unreachable(cause);
    } finally {
      stop();
    }
    if (this.#isClosed) {
      socket.destroy();
      throw unreachable(undefined);
    }
    socket.on('error', () => {});
    const forget = (): void => {
      if (this.#socket === socket) this.#socket = undefined;
    };
    socket.once('end', forget);
    socket.once('close', forget);
    // What a peer says is not wanted, but must not fill its buffers.
    socket.resume();
    this.#socket = socket;
    return socket;
  }

  async #writeTo(socket: Socket, bytes: Buffer): Promise<void> {
    const stop = limited(socket, this.#limitMs);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const closed = (): void => reject(socket.errored ?? unreachable(undefined));
    socket.once('close', closed);
    socket.write(bytes, cause => (cause === undefined || cause === null ? resolve() : reject(cause)));
    try {
      await promise;
    } catch (cause) {
      // Of a write that was cut off, why it was.
      const why = socket.errored ?? cause;
      socket.destroy();
      if (this.#socket === socket) this.#socket = undefined;
      throw why;
    } finally {
      stop();
      socket.removeListener('close', closed);
    }
  }
}

class Stall extends Error {
  readonly code = 'ETIMEDOUT';
}

const isStall = (cause: unknown): boolean => cause instanceof Stall;

const limited = (socket: Socket, limitMs: number): (() => void) => {
  const timer = setTimeout(() => socket.destroy(new Stall('no progress')), limitMs);
  return () => clearTimeout(timer);
};

const unreachable = (cause: unknown): CofferError =>
  new CofferError(
    'audit_failed',
    `the audit socket cannot be reached: ${(cause as NodeJS.ErrnoException | undefined)?.code ?? 'it was closed'}`,
    { cause },
  );
