/** One run of load: opens its connections, keeps each busy until time or count is over, waits for what is in flight. */
import { LoadConnection, openConnection } from './connection.ts';
import { Histogram } from './histogram.ts';
import type { LoadOrder, LoadResult } from './plan.ts';
import { requestsOf } from './requests.ts';

const shownBytes = 300;

class Load {
  readonly #order: LoadOrder;
  readonly #next: () => Buffer;
  readonly #histogram = new Histogram();
  readonly #connections: LoadConnection[] = [];
  #left: number;
  #requests = 0;
  #inFlight = 0;
  #wrong: string | undefined;
  readonly #collected: string[] = [];
  #finished: () => void = () => {};
  #failed: (cause: Error) => void = () => {};

  constructor(order: LoadOrder) {
    this.#order = order;
    this.#next = requestsOf(order);
    this.#left = order.count ?? Number.POSITIVE_INFINITY;
  }

  async run(): Promise<LoadResult> {
    const { host, port, connections, seconds } = this.#order;
    const sockets = await Promise.all(Array.from({ length: connections }, () => openConnection(host, port)));
    const over = new Promise<void>((done, failed) => {
      this.#finished = done;
      this.#failed = failed;
    });
    const started = performance.now();
    const timer = seconds === undefined ? undefined : setTimeout(() => (this.#left = 0), seconds * 1000);
    for (const socket of sockets) this.#start(socket);
    await over;
    clearTimeout(timer);
    for (const connection of this.#connections) connection.close();
    return {
      requests: this.#requests,
      seconds: (performance.now() - started) / 1000,
      p50Us: this.#histogram.quantile(0.5),
      p99Us: this.#histogram.quantile(0.99),
      wrong: this.#wrong,
      collected: this.#collected,
    };
  }

  #start(socket: Awaited<ReturnType<typeof openConnection>>): void {
    let sentAt = performance.now();
    const connection = new LoadConnection(socket, (status, bytes) => {
      const now = performance.now();
      this.#histogram.record((now - sentAt) * 1000);
      sentAt = now;
      return this.#answered(status, bytes);
    });
    socket.once('close', () => this.#failed(new Error('the server closed a connection')));
    this.#connections.push(connection);
    if (this.#left <= 0) return;
    this.#left -= 1;
    this.#inFlight += 1;
    connection.send(this.#next());
  }

  #answered(status: number, bytes: Buffer): Buffer | undefined {
    this.#requests += 1;
    if (status !== this.#order.plan.status && this.#wrong === undefined) {
      this.#wrong = bytes.toString('latin1').slice(0, shownBytes);
      this.#left = 0;
    }
    if (this.#order.collect !== undefined) this.#collect(bytes, this.#order.collect);
    if (this.#left > 0) {
      this.#left -= 1;
      return this.#next();
    }
    this.#inFlight -= 1;
    if (this.#inFlight === 0) this.#finished();
    return undefined;
  }

  #collect(bytes: Buffer, before: string): void {
    const from = bytes.indexOf(before);
    const to = bytes.indexOf('"', from + before.length);
    if (from >= 0 && to > from) this.#collected.push(bytes.toString('latin1', from + before.length, to));
    else this.#wrong ??= `an answer without ${before}`;
  }
}

export const runLoad = (order: LoadOrder): Promise<LoadResult> => new Load(order).run();
