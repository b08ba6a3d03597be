/** One run of load: opens its connections, keeps them busy until time or count is over, waits for what is in flight. */
import { Arrivals } from './arrivals.ts';
import { LoadConnection, openConnection } from './connection.ts';
import { Histogram } from './histogram.ts';
import type { LoadOrder, LoadResult, Shape } from './plan.ts';
import { requestsOf } from './requests.ts';

const shownBytes = 300;

class Load {
  readonly #order: LoadOrder;
  readonly #next: () => Buffer;
  readonly #histogram = new Histogram();
  readonly #connections: LoadConnection[] = [];
  #arrivals: Arrivals | undefined;
  #left: number;
  #requests = 0;
  #inFlight = 0;
  #wrong: string | undefined;
  readonly #collected: string[] = [];
  #finished: () => void = () => {};
  #failed: (cause: Error) => void = () => {};

  constructor(order: LoadOrder, shape: Shape) {
    this.#order = order;
    this.#next = requestsOf(order, shape);
    this.#left = order.count ?? Number.POSITIVE_INFINITY;
  }

  async run(): Promise<LoadResult> {
    const { host, port, connections, seconds, perSecond } = this.#order;
    const sockets = await Promise.all(Array.from({ length: connections }, () => openConnection(host, port)));
    const over = new Promise<void>((done, failed) => {
      this.#finished = done;
      this.#failed = failed;
    });
    const started = performance.now();
    if (perSecond !== undefined) this.#arrivals = new Arrivals(perSecond, started);
    const timer = seconds === undefined ? undefined : setTimeout(() => this.#stop(), seconds * 1000);
    for (const socket of sockets) this.#start(socket);
    await over;
    clearTimeout(timer);
    this.#arrivals?.end();
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

  #stop(): void {
    this.#left = 0;
    this.#arrivals?.end();
    this.#endIfDone();
  }

  #start(socket: Awaited<ReturnType<typeof openConnection>>): void {
    let cameAt = performance.now();
    const send = (at: number): void => {
      cameAt = at;
      this.#left -= 1;
      this.#inFlight += 1;
      connection.send(this.#next());
    };
    const connection = new LoadConnection(socket, (status, bytes) => {
      const now = performance.now();
      this.#histogram.record((now - cameAt) * 1000);
      this.#answered(status, bytes);
      if (this.#arrivals !== undefined) this.#arrivals.ready(send);
      else if (this.#left > 0) send(now);
      this.#endIfDone();
    });
    socket.once('close', () => this.#failed(new Error('the server closed a connection')));
    this.#connections.push(connection);
    if (this.#arrivals !== undefined) this.#arrivals.ready(send);
    else if (this.#left > 0) send(cameAt);
  }

  #endIfDone(): void {
    if (this.#inFlight === 0 && this.#left <= 0 && (this.#arrivals?.waiting ?? 0) === 0) this.#finished();
  }

  #answered(status: number, bytes: Buffer): void {
    this.#requests += 1;
    this.#inFlight -= 1;
    if (status !== this.#order.plan.status && this.#wrong === undefined) {
      this.#wrong = bytes.toString('latin1').slice(0, shownBytes);
      this.#stop();
    }
    if (this.#order.collect !== undefined) this.#collect(bytes, this.#order.collect);
  }

  #collect(bytes: Buffer, before: string): void {
    const from = bytes.indexOf(before);
    const to = bytes.indexOf('"', from + before.length);
    if (from >= 0 && to > from) this.#collected.push(bytes.toString('latin1', from + before.length, to));
    else this.#wrong ??= `an answer without ${before}`;
  }
}

export const runLoad = (order: LoadOrder, shape: Shape): Promise<LoadResult> => new Load(order, shape).run();
