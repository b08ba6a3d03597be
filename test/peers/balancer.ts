/**
 * A plain balancer: asks each server for its health, and hands every request to the next one that answers 200. A request
 * that a server does not take a connection for goes to the one after; one that was sent is never sent again.
 */
import http from 'node:http';
import { once } from 'node:events';

const lookEveryMs = 150;

interface Behind {
  readonly url: URL;
  readonly agent: http.Agent;
  isHealthy: boolean;
}

export interface Balancer {
  readonly address: string;
  readonly healthy: number;
  add(address: string): void;
  remove(address: string): void;
  close(): void;
}

const isHealthy = async ({ url }: Behind): Promise<boolean> =>
  fetch(new URL('/v1/sys/health', url), { headers: { connection: 'close' } }).then(
    async answer => {
      await answer.arrayBuffer();
      return answer.status === 200;
    },
    () => false,
  );

const bodyOf = async (request: http.IncomingMessage): Promise<Buffer> => {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
};

export const startBalancer = async (): Promise<Balancer> => {
  const behind = new Map<string, Behind>();
  let next = 0;
  const order = (): Behind[] => {
    const all = [...behind.values()].filter(one => one.isHealthy);
    next++;
    return all.map((_, index) => all[(index + next) % all.length] as Behind);
  };
  const send = (
    request: http.IncomingMessage,
    body: Buffer,
    [first, ...others]: Behind[],
  ): Promise<http.IncomingMessage> =>
    new Promise((resolve, reject) => {
      if (first === undefined) {
        reject(new Error('no server is healthy'));
        return;
      }
      const { method, url = '/', headers } = request;
      const sent = http.request(new URL(url, first.url), { method, headers, agent: first.agent }, resolve);
      sent.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ECONNREFUSED') send(request, body, others).then(resolve, reject);
        else reject(error);
      });
      sent.end(body);
    });
  const server = http.createServer((request, answer) => {
    void bodyOf(request)
      .then(body => send(request, body, order()))
      .then(
        given => {
          answer.writeHead(given.statusCode ?? 500, given.headers);
          given.pipe(answer);
        },
        (error: unknown) => {
          answer.writeHead(502);
          answer.end(String(error));
        },
      );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const looking = setInterval(() => {
    for (const one of behind.values()) void isHealthy(one).then(healthy => (one.isHealthy = healthy));
  }, lookEveryMs);
  const { port } = server.address() as { port: number };
  return {
    address: `http://127.0.0.1:${port}`,
    get healthy() {
      return [...behind.values()].filter(one => one.isHealthy).length;
    },
    add: address => {
      behind.set(address, { url: new URL(address), agent: new http.Agent({ keepAlive: true }), isHealthy: false });
    },
    remove: address => {
      behind.get(address)?.agent.destroy();
      behind.delete(address);
    },
    close: () => {
      clearInterval(looking);
      for (const { agent } of behind.values()) agent.destroy();
      server.closeAllConnections();
      server.close();
    },
  };
};
