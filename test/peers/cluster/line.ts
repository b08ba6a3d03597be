/** A line to a server that can be cut, and that can fall silent without a word, as when a cable is pulled. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Line {
  readonly port: number;
  /** Cut: what is open breaks and nothing new comes through. Silent: what is open stays open, and nothing comes any more. */
  set(state: 'open' | 'cut' | 'silent'): void;
  close(): void;
}

export const lineTo = async (port: number): Promise<Line> => {
  const sockets = new Set<Socket>();
  let state: 'open' | 'cut' | 'silent' = 'open';
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  };
  const server = createServer(near => {
    keep(near);
    if (state === 'cut') {
      near.destroy();
      return;
    }
    const far = keep(connect(port, '127.0.0.1'));
    near.pipe(far).pipe(near);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  server.listen(0, '127.0.0.1');
  await new Promise(done => server.once('listening', done));
  const breakAll = (): void => sockets.forEach(socket => socket.destroy());
  return {
    port: (server.address() as AddressInfo).port,
    set: next => {
      state = next;
      if (next === 'cut') breakAll();
      if (next === 'silent') for (const socket of sockets) socket.unpipe().resume();
    },
    close: () => {
      breakAll();
      server.close();
    },
  };
};
