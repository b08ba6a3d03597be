/**
 * Many who follow the change stream, and one who writes, in one process: so one clock tells when a write was sent and
 * when each of them was told. Takes one order from its parent, answers once.
 */
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Histogram } from './histogram.ts';

export interface FollowOrder {
  readonly host: string;
  readonly port: number;
  readonly token: string;
  readonly followers: number;
  readonly seconds: number;
  /** 0: one after the other, as fast as they are answered. */
  readonly writesPerSecond: number;
}

export interface FollowResult {
  readonly writes: number;
  readonly told: number;
  /** From sending the write to hearing of it; the write itself is part of that. */
  readonly p50Us: number;
  readonly p99Us: number;
  /** Of the writes alone. */
  readonly writeP50Us: number;
  readonly writeP99Us: number;
  /** From the first write to the last word. */
  readonly seconds: number;
}

const connectedAtOnce = 50;
const lastWordsMs = 30_000;
/** In the path of every write: its number follows. */
const mark = '"path":"bench/data/w';

class Followers {
  readonly latencies = new Histogram();
  readonly sentAt: number[] = [];
  told = 0;
  lastAt = 0;
  readonly #sockets: Socket[] = [];
  readonly #order: FollowOrder;

  constructor(order: FollowOrder) {
    this.#order = order;
  }

  async open(): Promise<void> {
    for (let left = this.#order.followers; left > 0; left -= connectedAtOnce)
      await Promise.all(Array.from({ length: Math.min(left, connectedAtOnce) }, () => this.#one()));
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Resolves with the first bytes after the head: from then on it follows. */
  #one(): Promise<void> {
    const { host, port, token } = this.#order;
    const socket = connect({ host, port });
    this.#sockets.push(socket);
    socket.write(
      `GET /v1/sys/events/subscribe/kv-v2/data-write HTTP/1.1\r\nHost: ${host}\r\nX-Vault-Token: ${token}\r\nAccept: text/event-stream\r\n\r\n`,
    );
    return new Promise((done, failed) => {
      let rest = '';
      let isOpen = false;
      socket.on('error', failed);
      socket.on('data', chunk => {
        const text = rest + chunk.toString('latin1');
        if (!isOpen) {
          if (!text.startsWith('HTTP/1.1 200')) failed(new Error(text.slice(0, 200)));
          isOpen = text.includes('\nid: ');
          if (isOpen) done();
        }
        const end = text.lastIndexOf('\n\n');
        rest = text.slice(end + 1);
        this.#hear(end < 0 ? '' : text.slice(0, end));
      });
    });
  }

  #hear(text: string): void {
    const now = performance.now();
    for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 1)) {
      const sent = this.sentAt[Number.parseInt(text.slice(at + mark.length), 10)];
      if (sent === undefined) throw new Error('an event of a write that was not made');
      this.latencies.record((now - sent) * 1000);
      this.told++;
      this.lastAt = now;
    }
  }
}

const writeOne = async ({ host, port, token }: FollowOrder, number: number): Promise<void> => {
  const answer = await fetch(`http://${host}:${port}/v1/bench/data/w${number}`, {
    method: 'POST',
    headers: { 'X-Vault-Token': token },
    body: '{"data":{"value":"a value of the bench"}}',
  });
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`a write was answered with ${answer.status}`);
};

const run = async (order: FollowOrder): Promise<FollowResult> => {
  const followers = new Followers(order);
  await followers.open();
  const writes = new Histogram();
  const begun = performance.now();
  const everyMs = order.writesPerSecond === 0 ? 0 : 1000 / order.writesPerSecond;
  for (let number = 0; performance.now() < begun + order.seconds * 1000; number++) {
    const sent = performance.now();
    followers.sentAt.push(sent);
    await writeOne(order, number);
    writes.record((performance.now() - sent) * 1000);
    const restMs = begun + everyMs * (number + 1) - performance.now();
    if (restMs > 0) await pause(restMs);
  }
  const expected = followers.sentAt.length * order.followers;
  const latest = performance.now() + lastWordsMs;
  while (followers.told < expected && performance.now() < latest) await pause(10);
  followers.close();
  return {
    writes: followers.sentAt.length,
    told: followers.told,
    p50Us: followers.latencies.quantile(0.5),
    p99Us: followers.latencies.quantile(0.99),
    writeP50Us: writes.quantile(0.5),
    writeP99Us: writes.quantile(0.99),
    seconds: (followers.lastAt - begun) / 1000,
  };
};

process.on('message', (order: FollowOrder) => {
  run(order).then(
    result => process.send?.({ result }),
    (cause: unknown) => process.send?.({ failure: cause instanceof Error ? cause.message : 'unknown' }),
  );
});
process.on('disconnect', () => process.exit(0));
