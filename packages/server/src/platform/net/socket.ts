/** A connection, TCP, TLS or unix. */
import type { Socket as NetSocket } from 'node:net';
import type { Writable } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { Peer } from '../../contracts/wire.ts';

export type Socket = NetSocket;

/** What is written in this turn leaves in one call. */
export function batchWrites(socket: Socket): void {
  socket.cork();
  process.nextTick(uncork, socket);
}

const uncork = (socket: Socket): void => socket.uncork();

/**
 * Destroys the socket where nothing moves on it for so long; 0 ends the watch. The runtime's own timer is used because
 * only it sees a long write advance: a slow client is not a stalled one.
 */
export function limitStall(socket: Socket, stallMs: number): void {
  socket.removeListener('timeout', destroyStalled);
  socket.setTimeout(stallMs);
  if (stallMs > 0) socket.on('timeout', destroyStalled);
}

function destroyStalled(this: Socket): void {
  this.destroy();
}

/** Resolves when more may be written, or nothing ever will be. */
export function drained(stream: Writable): Promise<void> {
  return new Promise(resolve => {
    const done = (): void => {
      stream.removeListener('drain', done);
      stream.removeListener('close', done);
      resolve();
    };
    stream.on('drain', done);
    stream.on('close', done);
  });
}

const mapped = '::ffff:';

/** An IPv4 client of a dual-stack listener is shown by its IPv4 address; a client of a unix socket has none. */
export function peerOf(socket: Socket): Peer {
  const address = socket.remoteAddress ?? '';
  return {
    address: address.startsWith(mapped) && address.includes('.') ? address.slice(mapped.length) : address,
    port: socket.remotePort ?? 0,
    secure: socket instanceof TLSSocket,
    isGone: () => socket.destroyed || socket.readableEnded,
  };
}
