/** A way to a server that a test can cut, and join again at the same address. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Relay {
  readonly address: string;
  /** Ends every connection; new ones are refused. */
  cut(): Promise<void>;
  /** To the same server, or to another. */
  join(target?: string): Promise<void>;
}

export const relayTo = async (first: string): Promise<Relay> => {
  let to = new URL(first);
  const open = new Set<Socket>();
  const listener = createServer(near => {
    const far = connect(Number(to.port), to.hostname);
    for (const [from, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from);
      from.on('error', () => undefined);
      from.on('close', () => {
        open.delete(from);
        other.destroy();
      });
      from.pipe(other);
    }
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const cut = async (): Promise<void> => {
    if (!listener.listening) return;
    const closed = once(listener, 'close');
    listener.close();
    for (const socket of open) socket.destroy();
    await closed;
  };
  const join = async (target = to.href): Promise<void> => {
    to = new URL(target);
    listener.listen(port, '127.0.0.1');
    await once(listener, 'listening');
  };
  return { address: `http://127.0.0.1:${port}`, cut, join };
};
