/** A flood of requests from strangers: many connections kept busy, and somebody beside them who asks for the health. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

export interface FloodRequest {
  readonly method: string;
  /** Below `/v1/`. */
  readonly path: string;
  readonly body?: string | Uint8Array | undefined;
  readonly headers?: { readonly [name: string]: string } | undefined;
}

export interface Flooded {
  readonly status: number;
  readonly text: string;
}

/** A request, or what makes a new one each time. */
export type Making = FloodRequest | (() => Promise<FloodRequest>);

const connections = 32;
/** Ten times what a busy machine needs. */
const answerLimitMs = 30_000;

export class Flood {
  readonly #address: URL;
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: connections });

  constructor(address: string) {
    this.#address = new URL(address);
  }

  ask({ method, path, body, headers = {} }: FloodRequest): Promise<Flooded> {
    return new Promise((done, failed) => {
      const { hostname: host, port } = this.#address;
      const request = http.request({ host, port, method, path: `/v1/${path}`, headers, agent: this.#agent });
      request.setTimeout(answerLimitMs, () => request.destroy(new Error(`${method} ${path}: no answer`)));
      request.on('error', failed);
      request.on('response', answer => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('error', failed);
        answer.on('end', () => done({ status: answer.statusCode ?? 0, text: Buffer.concat(parts).toString() }));
      });
      request.end(body);
    });
  }

  /** The requests in turn, `count` in all, every connection at work. Answers how many got an answer, by status. */
  async run(requests: readonly Making[], count: number): Promise<ReadonlyMap<number, number>> {
    const counted = new Map<number, number>();
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < count) {
        const making = requests[next++ % requests.length];
        if (making === undefined) return;
        const request = typeof making === 'function' ? await making() : making;
        // A server that refuses a body unread may close before the last byte of it is sent.
        const { status } = await this.ask(request).catch((cause: NodeJS.ErrnoException) => {
          if (cause.code !== 'ECONNRESET' && cause.code !== 'EPIPE') throw cause;
          return { status: 0 };
        });
        counted.set(status, (counted.get(status) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: connections }, work));
    return counted;
  }

  /** Does `work` while the requests go on, round after round. */
  async during<T>(requests: readonly Making[], work: () => Promise<T>): Promise<T> {
    const over = new AbortController();
    const flooding = (async () => {
      while (!over.signal.aborted) await this.run(requests, requests.length * connections);
    })();
    try {
      return await work();
    } finally {
      over.abort();
      await flooding;
    }
  }

  close(): void {
    this.#agent.destroy();
  }
}

const betweenMs = 10;

/** Asks for the health, again and again, on a connection of its own. */
export const watchHealth = (address: string, status: number) => {
  const own = new Flood(address);
  const over = new AbortController();
  let answered = 0;
  const watching = (async () => {
    while (!over.signal.aborted) {
      const told = await own.ask({ method: 'GET', path: 'sys/health' });
      assert.equal(told.status, status, told.text);
      answered++;
      await pause(betweenMs);
    }
  })();
  // A failure is told when it is asked for.
  watching.catch(() => undefined);
  return {
    stop: async (): Promise<number> => {
      over.abort();
      await watching;
      own.close();
      return answered;
    },
  };
};

export const residentMegabytes = (pid: number): number => {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
};
