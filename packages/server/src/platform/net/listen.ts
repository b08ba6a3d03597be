/**
 * Listening sockets: TCP or unix, with or without TLS. Promises: who is not let in is closed at once; a client that does
 * not finish its TLS handshake is dropped; a unix socket never exists with a wider mode than asked for.
 */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import type { Socket } from './socket.ts';
import { Certificates, type TlsFiles } from './tls.ts';
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
  /** Other threads of this process listen at the same address: the system gives each a part of the connections. */
  readonly sharing?: 'first' | 'another' | undefined;
}

export interface Listening {
  /** `host:port` as bound, or the path. */
  readonly address: string;
  /** 0 for a unix socket. */
  readonly port: number;
  /** Reads certificates and keys anew: true where they were put to use. Keeps the old ones and rejects where they cannot be. */
  reload(when: 'always' | 'changed'): Promise<boolean>;
  /** Accepts no more. Resolves when every connection is gone. */
  close(): Promise<void>;
}

export interface Accept {
  /** Whether one may come in; asked before its TLS is negotiated, which is the costly part. */
  admits(socket: Socket): boolean;
  connected(socket: Socket): void;
}

const handshakeMs = 10_000;
const backlog = 1024;

export async function listen(options: ListenOptions, accept: Accept): Promise<Listening> {
  const { address, tls } = options;
  const certificates = tls === undefined ? undefined : new Certificates(tls);
  const negotiating = certificates === undefined ? undefined : await tlsServer(certificates, accept);
  const server = frontServer(accept, negotiating);
  await start(server, options);
  return {
    ...bound(server, address),
    reload: async when => {
      if (certificates === undefined || negotiating === undefined) return false;
      if (when === 'changed' && !(await certificates.haveChanged())) return false;
      negotiating.setSecureContext(await certificates.load());
      return true;
    },
    close: async () => {
      const closed = new Promise<void>(resolve => server.close(() => resolve()));
      if ('path' in address) await removeUnix(address.path);
      await closed;
    },
  };
}

async function start(server: Server, { address, sharing }: ListenOptions): Promise<void> {
  if ('path' in address) return listenUnix(server, address.path, address.mode ?? 0o600);
  const { host, port } = address;
  if (sharing === 'first') await assertFree(address);
  server.listen({ host, port, backlog, reusePort: sharing !== undefined });
  await once(server, 'listening');
}

/** An address that may be shared is shared with every process of the same user that asks for it, as another server may. */
async function assertFree({ host, port }: TcpAddress): Promise<void> {
  const probe = createServer();
  probe.listen({ host, port });
  await once(probe, 'listening');
  const closed = once(probe, 'close');
  probe.close();
  await closed;
}

/** Every connection comes in here; TLS, where there is some, is negotiated by a server that does not listen itself. */
const frontServer = (accept: Accept, negotiating: TlsServer | undefined): Server =>
  createServer({ allowHalfOpen: true, noDelay: true }, socket => {
    if (!accept.admits(socket)) socket.destroy();
    else if (negotiating === undefined) accept.connected(socket);
    else negotiating.emit('connection', socket);
  });

async function tlsServer(certificates: Certificates, accept: Accept): Promise<TlsServer> {
  const options = { ...(await certificates.load()), allowHalfOpen: true, noDelay: true, handshakeTimeout: handshakeMs };
  const server = createTlsServer(options, socket => accept.connected(socket));
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  return server;
}

function bound(server: Server, address: TcpAddress | UnixAddress): { address: string; port: number } {
  if ('path' in address) return { address: address.path, port: 0 };
  const { address: host, family, port } = server.address() as AddressInfo;
  return { address: family === 'IPv6' ? `[${host}]:${port}` : `${host}:${port}`, port };
}
