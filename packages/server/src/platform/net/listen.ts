/**
 * Listening sockets: TCP or unix, with or without TLS. Promises: connections past the bound are closed at once; a
 * client that does not finish its TLS handshake is dropped; a unix socket never exists with a wider mode than asked for.
 */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import type { Socket } from './socket.ts';
import { secureContext, type TlsFiles } from './tls.ts';
import { listenUnix, removeUnix } from './unix.ts';

export interface TcpAddress {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

export interface UnixAddress {
  readonly path: string;
  /** Permission bits, 0o600 where not given. */
  readonly mode?: number;
}

export interface ListenOptions {
  readonly address: TcpAddress | UnixAddress;
  readonly tls?: TlsFiles;
}

export interface Listening {
  /** `host:port` as bound, or the path. */
  readonly address: string;
  /** 0 for a unix socket. */
  readonly port: number;
  /** Reads certificates and keys anew; keeps the old ones where that fails, and rejects. */
  reload(): Promise<void>;
  /** Accepts no more. Resolves when every connection is gone. */
  close(): Promise<void>;
}

export interface Accept {
  readonly connections: number;
  connected(socket: Socket): void;
}

const handshakeMs = 10_000;
const backlog = 1024;

export async function listen(options: ListenOptions, accept: Accept): Promise<Listening> {
  const server = await serverFor(options.tls, accept);
  server.maxConnections = accept.connections;
  const { address } = options;
  if ('path' in address) await listenUnix(server, address.path, address.mode ?? 0o600);
  else {
    server.listen({ host: address.host, port: address.port, backlog });
    await once(server, 'listening');
  }
  return {
    ...bound(server, address),
    reload: async () => {
      if (options.tls !== undefined) (server as TlsServer).setSecureContext(await secureContext(options.tls));
    },
    close: async () => {
      const closed = new Promise<void>(resolve => server.close(() => resolve()));
      if ('path' in address) await removeUnix(address.path);
      await closed;
    },
  };
}

async function serverFor(tls: TlsFiles | undefined, accept: Accept): Promise<Server> {
  const connected = (socket: Socket): void => accept.connected(socket);
  if (tls === undefined) return createServer({ allowHalfOpen: true, noDelay: true }, connected);
  const options = { ...(await secureContext(tls)), allowHalfOpen: true, noDelay: true, handshakeTimeout: handshakeMs };
  const server = createTlsServer(options, connected);
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  return server;
}

function bound(server: Server, address: TcpAddress | UnixAddress): { address: string; port: number } {
  if ('path' in address) return { address: address.path, port: 0 };
  const { address: host, family, port } = server.address() as AddressInfo;
  return { address: family === 'IPv6' ? `[${host}]:${port}` : `${host}:${port}`, port };
}
