/** A connection, TCP, TLS or unix. */
import type { Socket as NetSocket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Peer } from '../../contracts/wire.ts';

export type Socket = NetSocket;

/** What is written in this turn leaves in one call. */
export function batchWrites(socket: Socket): void {
  socket.cork();
  process.nextTick(uncork, socket);
}

const uncork = (socket: Socket): void => socket.uncork();

const mapped = '::ffff:';

/** An IPv4 client of a dual-stack listener is shown by its IPv4 address; a client of a unix socket has none. */
export function peerOf(socket: Socket): Peer {
  const address = socket.remoteAddress ?? '';
  return {
    address: address.startsWith(mapped) && address.includes('.') ? address.slice(mapped.length) : address,
    port: socket.remotePort ?? 0,
    secure: socket instanceof TLSSocket,
  };
}
