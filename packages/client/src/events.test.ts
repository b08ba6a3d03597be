import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CofferError } from '@coffer/schema/errors.ts';
import { createClient } from './client.ts';
import type { EventOptions, Followed } from './events.ts';
import { type Sink, TransportError, type WireAnswer, type WireRequest } from './transport.ts';

const encoder = new TextEncoder();
type Script = (sink: (text: string) => Promise<void>, request: WireRequest) => Promise<WireAnswer | void>;

/** Answers its requests by these scripts in turn; timers run at once, but for the watch over silence. */
class Scripted {
  readonly urls: string[] = [];
  readonly headers: ReadonlyMap<string, string>[] = [];
  readonly waitsMs: number[] = [];
  silence = (): void => {};
  readonly #scripts: Script[];

  constructor(...scripts: readonly Script[]) {
    this.#scripts = [...scripts];
  }

  events(options: EventOptions = {}): AsyncGenerator<Followed, void, undefined> {
    const client = createClient({
      address: 'http://coffer.test',
      token: 's.a',
      runtime: {
        transport: request => this.#answer(request),
        after: (ms, task) => this.#after(ms, task),
        chance: () => 0,
      },
    });
    return client.events('kv-v2/*', options);
  }

  #after(ms: number, task: () => void): () => void {
    if (ms === 45_000) {
      this.silence = task;
      return () => {
        if (this.silence === task) this.silence = () => {};
      };
    }
    this.waitsMs.push(ms);
    queueMicrotask(task);
    return () => {};
  }

  async #answer(request: WireRequest): Promise<WireAnswer> {
    this.urls.push(request.url.slice('http://coffer.test/v1/'.length));
    this.headers.push(request.headers);
    const script = this.#scripts.shift();
    if (script === undefined) return new Promise(() => {});
    const sink: Sink = request.sink ?? (() => assert.fail('an answer piece by piece was not asked for'));
    const ended = await script(async text => sink(encoder.encode(text)), request);
    return ended ?? { status: 200, headers: new Map(), body: new Uint8Array() };
  }
}

const event = (id: number): string =>
  `id: ${id}\ndata: {"data":{"event_type":"kv-v2/data-write","event":{"metadata":{"path":"secret/data/${id}"}}}}\n\n`;

const take = async (from: AsyncGenerator<Followed, void, undefined>, count: number): Promise<string[]> => {
  const taken: string[] = [];
  while (taken.length < count) {
    const { value } = await from.next();
    taken.push(
      value === undefined
        ? 'end'
        : value.kind === 'event'
          ? `${value.revision} ${value.path}`
          : `gap ${value.revision}`,
    );
  }
  return taken;
};

const refused =
  (status: number): Script =>
  async () => ({
    status,
    headers: new Map([['content-type', 'application/json']]),
    body: encoder.encode('{"errors":["no"]}'),
  });

const fails: Script = async () => {
  throw new TransportError('connection refused', false);
};

test('events are asked for as server-sent events, with filter, namespaces and where to begin', async () => {
  const server = new Scripted(async send => send(event(5)));
  const following = server.events({ filter: 'a == b', namespaces: ['x', 'y'], since: '4' });
  assert.deepEqual(await take(following, 1), ['5 secret/data/5']);
  assert.deepEqual(server.urls, [
    'sys/events/subscribe/kv-v2/*?filter=a%20%3D%3D%20b&namespaces=x&namespaces=y&since=4',
  ]);
  assert.equal(server.headers[0]?.get('accept'), 'text/event-stream');
  await following.return();
});

test('where the connection ends it comes back and goes on after the last it has seen, signs of life included', async () => {
  const server = new Scripted(
    async send => send(`id: 3\n\n${event(5)}`),
    fails,
    refused(503),
    async send => send('id: 9\n\n'),
    async send => send(event(10)),
  );
  const reasons: string[] = [];
  const following = server.events({ onInterrupted: reason => reasons.push(reason.code) });
  assert.deepEqual(await take(following, 2), ['5 secret/data/5', '10 secret/data/10']);
  assert.deepEqual(
    server.urls.map(url => /since=(\d+)/.exec(url)?.[1]),
    [undefined, '5', '5', '5', '9'],
  );
  assert.deepEqual(reasons, ['unreachable', 'unreachable', 'sealed', 'unreachable']);
  assert.deepEqual(server.waitsMs, [1000, 2000, 4000, 1000], 'longer each time, until it was connected');
  await following.return();
});

test('what had come before the connection broke is told, and not asked for again', async () => {
  const breaks = Promise.withResolvers<void>();
  const server = new Scripted(
    async send => {
      void send(event(5) + event(6));
      await breaks.promise;
      throw new TransportError('connection reset', true);
    },
    async send => send(event(7)),
  );
  const following = server.events();
  assert.deepEqual(await take(following, 1), ['5 secret/data/5']);
  breaks.resolve();
  assert.deepEqual(await take(following, 2), ['6 secret/data/6', '7 secret/data/7']);
  assert.match(server.urls[1] ?? '', /since=6$/);
});

test('a server that falls silent is left; one that waits for a slow reader is not', async () => {
  const server = new Scripted(
    async (send, request) => {
      await send(event(5));
      await send('id: 6\n\n');
      await new Promise(done => request.signal.addEventListener('abort', done));
      throw new TransportError('aborted', true);
    },
    async send => send(event(7)),
  );
  const following = server.events();
  assert.deepEqual(await take(following, 1), ['5 secret/data/5']);
  server.silence();
  const next = take(following, 1);
  await new Promise(done => setImmediate(done));
  assert.equal(server.urls.length, 1, 'the reader was slow, not the server');
  server.silence();
  assert.deepEqual(await next, ['7 secret/data/7']);
  assert.match(server.urls[1] ?? '', /since=6$/);
});

test('how far it has come is told when it begins, when everything before was taken, and where nothing happens', async () => {
  const server = new Scripted(
    async send => {
      await send('id: 3\n\n');
      await send(event(5) + event(6));
      await send('id: 9\n\n');
    },
    async send => send(event(10)),
  );
  const reached: string[] = [];
  const following = server.events({ onReached: revision => reached.push(revision) });
  await take(following, 2);
  assert.deepEqual(reached, ['3']);
  await take(following, 1);
  assert.deepEqual(reached, ['3', '6', '9']);
  await following.return();
  assert.deepEqual(reached, ['3', '6', '9'], 'the last one was handed out, nobody has asked for the next');
});

test('an answer that is no stream is not come back to', async () => {
  const server = new Scripted(async send => send('<html>\n\nlog in</html>\n\n'));
  await assert.rejects(server.events().next(), error => error instanceof CofferError && error.code === 'unreachable');
  assert.equal(server.urls.length, 1);
});

test('compaction is told as an item of its own', async () => {
  const server = new Scripted(async send => send(`id: 8\nevent: compacted\ndata: {"revision":"9"}\n\n${event(9)}`));
  assert.deepEqual(await take(server.events({ since: '1' }), 2), ['gap 9', '9 secret/data/9']);
});

test('the pieces of an answer wait for the reader', async () => {
  let isTaken = false;
  const server = new Scripted(async send => {
    await send(event(1));
    isTaken = true;
    await send(event(2));
  });
  const following = server.events();
  await take(following, 1);
  await new Promise(done => setImmediate(done));
  assert.equal(isTaken, false, 'one was handed out, nobody has asked for the next');
  assert.deepEqual(await take(following, 1), ['2 secret/data/2']);
});

test('a refusal is thrown at once, and so is a first connection that fails', async () => {
  const cases: readonly (readonly [Script, string])[] = [
    [refused(403), 'permission_denied'],
    [refused(400), 'invalid_request'],
    [refused(503), 'sealed'],
    [fails, 'unreachable'],
  ];
  for (const [script, code] of cases)
    await assert.rejects(
      new Scripted(script).events().next(),
      error => error instanceof CofferError && error.code === code,
    );
});

test('what the server says at the end decides whether to come back', async () => {
  const closed = (code: number): string => `event: closed\ndata: {"code":${code},"reason":"because"}\n\n`;
  const lost = new Scripted(async send => send(event(1) + closed(1008)));
  const following = lost.events();
  await take(following, 1);
  await assert.rejects(
    following.next(),
    error => error instanceof CofferError && error.code === 'permission_denied' && error.message.includes('because'),
  );
  for (const code of [1001, 1011, 1013]) {
    const back = new Scripted(
      async send => send(event(1) + closed(code)),
      async send => send(event(2)),
    );
    assert.deepEqual(await take(back.events(), 2), ['1 secret/data/1', '2 secret/data/2']);
  }
});

test('after a refusal that lasts it does not come back', async () => {
  const server = new Scripted(async send => send(event(1)), refused(403));
  const following = server.events();
  await take(following, 1);
  await assert.rejects(following.next(), error => error instanceof CofferError && error.code === 'permission_denied');
});

test('the caller ends it by signal, and by leaving the loop', async () => {
  const stop = new AbortController();
  const server = new Scripted(async (send, request) => {
    await send(event(1));
    await new Promise(done => request.signal.addEventListener('abort', done));
  });
  const following = server.events({ signal: stop.signal });
  await take(following, 1);
  const next = following.next();
  stop.abort();
  assert.equal((await next).done, true);
  assert.equal((await server.events({ signal: stop.signal }).next()).done, true);
  let wasAborted = false;
  const other = new Scripted(async (send, request) => {
    request.signal.addEventListener('abort', () => (wasAborted = true));
    await send(event(1));
  });
  for await (const item of other.events()) {
    assert.equal(item.kind, 'event');
    break;
  }
  assert.equal(wasAborted, true);
});

test('an answer that is no stream of events is an error, not an endless loop', async () => {
  const server = new Scripted(async send => send('data: {"a":\n\n'));
  await assert.rejects(
    server.events().next(),
    error => error instanceof CofferError && error.code === 'malformed_body',
  );
});
